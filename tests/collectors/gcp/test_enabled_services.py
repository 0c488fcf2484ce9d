"""gcp.enabled_services"""

from __future__ import annotations

from collections.abc import Callable

import pytest

from agent.demo.gcp_loopback import PROJECT, GcpEstate, Listed
from agent.demo.loopback_http import Fault
from collectors.api import Collector
from collectors.facts.account import EnabledServices
from collectors.facts.core import Unread
from collectors.facts.monitoring import ConfigurationRecorder
from collectors.gcp.enabled_services import COLLECTOR
from collectors.testing import Reading

Read = Callable[[Collector], Reading]
LIST = f"serviceusage/v1/projects/{PROJECT}/services"


def switched_on(estate: GcpEstate, *names: str) -> None:
    """The services of the project."""
    items = [{"name": f"projects/1/services/{name}.googleapis.com", "state": "ENABLED"} for name in names]
    estate.answers[LIST] = Listed("services", items)


@pytest.mark.parametrize(
    ("names", "recording"), [(("dns", "cloudasset", "storage"), True), (("dns",), False), ((), False)]
)
def test_what_is_on(read: Read, estate: GcpEstate, names: tuple[str, ...], recording: bool) -> None:
    """The inventory records wherever it is on."""
    switched_on(estate, *names)

    reading = read(COLLECTOR)

    assert reading.fact(EnabledServices, PROJECT).names == tuple(sorted(f"{name}.googleapis.com" for name in names))
    recorder = reading.fact(ConfigurationRecorder, PROJECT)
    assert (recorder.exists, recorder.recording, recorder.all_resources) == (recording, recording, recording)
    assert reading.page.gaps == []


@pytest.mark.parametrize("kind", ["status", "malformed", "truncate", "reset"])
def test_services_that_were_not_read_are_unread(read: Read, estate: GcpEstate, kind: str) -> None:
    """The last page is refused: nobody knows what is on."""
    switched_on(estate, "a", "b", "c")
    estate.faults.append(Fault("&pageToken=", kind=kind))

    reading = read(COLLECTOR)

    lost = reading.fact(EnabledServices, PROJECT).names
    assert isinstance(lost, Unread)
    assert lost.permission == "serviceusage.services.list"
    assert isinstance(reading.fact(ConfigurationRecorder, PROJECT).recording, Unread)
    assert estate.writes == []
