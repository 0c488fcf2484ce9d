"""gcp.org_policies"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from agent.demo.gcp_loopback import PROJECT, GcpEstate
from agent.demo.loopback_http import Fault
from collectors.api import Collector
from collectors.facts.core import Unread
from collectors.facts.stores import AccountPublicAccess
from collectors.gcp.org_policies import COLLECTOR
from collectors.testing import Reading

Read = Callable[[Collector], Reading]
RULE = f"orgpolicy/v2/projects/{PROJECT}/policies/storage.publicAccessPrevention:getEffectivePolicy"


@pytest.mark.parametrize(
    ("rules", "blocked"),
    [
        ([{"enforce": True}], True),
        ([{"enforce": False}], False),
        ([], False),
        ([{"enforce": True, "condition": {"expression": "x"}}], False),
        ([{"enforce": True}, {"enforce": False, "condition": {"expression": "x"}}], False),
    ],
)
def test_whether_buckets_can_be_opened(
    read: Read, estate: GcpEstate, rules: list[dict[str, Any]], blocked: bool
) -> None:
    """Only a rule that holds everywhere counts."""
    estate.answers[RULE] = {"name": "x", "spec": {"rules": rules}}

    assert read(COLLECTOR).fact(AccountPublicAccess, PROJECT).blocked is blocked


@pytest.mark.parametrize("kind", ["status", "malformed", "truncate", "reset"])
def test_a_rule_that_was_not_read_is_unread(read: Read, estate: GcpEstate, kind: str) -> None:
    """It may be in force or not."""
    estate.answers[RULE] = {"spec": {"rules": [{"enforce": True}]}}
    estate.faults.append(Fault("getEffectivePolicy", kind=kind))

    lost = read(COLLECTOR).fact(AccountPublicAccess, PROJECT).blocked

    assert isinstance(lost, Unread)
    assert lost.permission == "orgpolicy.policy.get"
