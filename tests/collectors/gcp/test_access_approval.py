"""gcp.access_approval"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from agent.demo.gcp_loopback import PROJECT, GcpEstate
from agent.demo.loopback_http import Fault
from collectors.api import Collector
from collectors.facts.account import ProviderAccess
from collectors.facts.core import Unread
from collectors.gcp.access_approval import COLLECTOR
from collectors.testing import Reading

Read = Callable[[Collector], Reading]
SETTINGS = f"accessapproval/v1/projects/{PROJECT}/accessApprovalSettings"


@pytest.mark.parametrize(
    ("body", "services", "receivers"),
    [
        ({"enrolledServices": [{"cloudProduct": "all"}], "notificationEmails": ["sec@example.com"]}, ("all",), 1),
        ({"enrolledAncestor": True}, ("above",), 0),
        ({"name": "x"}, (), 0),
    ],
)
def test_whether_google_has_to_ask(
    read: Read, estate: GcpEstate, body: dict[str, Any], services: tuple[str, ...], receivers: int
) -> None:
    """For services that are named here, for those named above, or for none."""
    estate.answers[SETTINGS] = body

    fact = read(COLLECTOR).fact(ProviderAccess, PROJECT)

    assert (fact.approval_for, fact.receivers) == (services, receivers)


def test_a_project_that_nobody_enrolled_has_no_settings(read: Read) -> None:
    """Google says so: that is an answer."""
    reading = read(COLLECTOR)

    assert reading.fact(ProviderAccess, PROJECT).approval_for == ()
    assert reading.page.gaps == []


@pytest.mark.parametrize("kind", ["status", "malformed", "truncate", "reset"])
def test_settings_that_were_not_read_are_unread(read: Read, estate: GcpEstate, kind: str) -> None:
    """Refused is not the same as absent."""
    estate.answers[SETTINGS] = {"enrolledServices": [{"cloudProduct": "all"}]}
    estate.faults.append(Fault("accessApprovalSettings", kind=kind))

    lost = read(COLLECTOR).fact(ProviderAccess, PROJECT).approval_for

    assert isinstance(lost, Unread)
    assert lost.permission == "accessapproval.settings.get"


def test_a_service_that_is_off_proves_nothing(read: Read, estate: GcpEstate) -> None:
    """The organization may have enrolled the project all the same."""
    estate.disabled.add("accessapproval")

    assert isinstance(read(COLLECTOR).fact(ProviderAccess, PROJECT).approval_for, Unread)
