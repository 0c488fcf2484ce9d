"""azure.inventory"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from agent.demo.azure_loopback import SUBSCRIPTION, AzureEstate
from agent.demo.loopback_http import Fault
from collectors.api import Collector
from collectors.azure.inventory import CHANGES, COLLECTOR, THINGS
from collectors.facts.core import Unread
from collectors.facts.detection import InventoryCount
from collectors.facts.monitoring import ConfigurationRecorder
from collectors.testing import Reading

Read = Callable[[Collector], Reading]
QUESTION = "/providers/microsoft.resourcegraph/resources"


def rows(*found: dict[str, Any], **more: Any) -> dict[str, Any]:
    """An answer of Resource Graph."""
    return {"totalRecords": len(found), "count": len(found), "data": list(found), "resultTruncated": "false", **more}


def test_an_empty_subscription_counts_to_nothing(read: Read, estate: AzureEstate) -> None:
    """0 is an answer."""
    reading = read(COLLECTOR)

    assert {fact.counted_type: fact.counted for fact in reading.facts(InventoryCount)} == dict.fromkeys(THINGS, 0)
    assert len(reading.page.calls) == 1 + len(THINGS)


def test_each_type_is_counted_by_itself(read: Read, estate: AzureEstate) -> None:
    """The types of other resources do not count."""
    for name in ("a", "b", "c"):
        estate.put(f"data/Microsoft.Storage/storageAccounts/{name}", properties={})
    estate.put("net/Microsoft.Network/virtualNetworks/one", properties={})

    found = {fact.counted_type: fact.counted for fact in read(COLLECTOR).facts(InventoryCount)}

    assert found == {"object_store": 3, "network": 1, "log_store": 0}


def test_an_answer_about_changes_shows_that_they_are_recorded(read: Read, estate: AzureEstate) -> None:
    """Azure does so by itself and reports no deliveries."""
    (recorder,) = read(COLLECTOR).facts(ConfigurationRecorder)

    assert (recorder.exists, recorder.recording, recorder.all_resources, recorder.last_status) == (
        True,
        True,
        True,
        None,
    )


def test_the_question_names_the_subscription(read: Read, estate: AzureEstate, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without it, Resource Graph would answer about all that the caller sees."""
    from collectors.azure.wire.pipeline import Pipeline  # noqa: PLC0415  # what is sent passes here

    asked: list[Any] = []
    ask = Pipeline.ask

    def listen(self: Pipeline, method: str, url: str, body: Any, service: str) -> Any:
        asked.append((method, body))
        return ask(self, method, url, body, service)

    monkeypatch.setattr(Pipeline, "ask", listen)
    read(COLLECTOR)

    questions = [body for method, body in asked if method == "POST"]
    assert len(questions) == 1 + len(THINGS)
    assert all(body["subscriptions"] == [SUBSCRIPTION] for body in questions)
    assert estate.writes == []


@pytest.mark.parametrize("kind", ["status", "malformed", "truncate", "reset"])
def test_one_refused_question_leaves_the_others_known(read: Read, estate: AzureEstate, kind: str) -> None:
    """The gap names operation and permission."""
    estate.faults.append(Fault(r"POST /.*/resources\?", kind=kind, times=2))

    reading = read(COLLECTOR)

    (recorder,) = reading.facts(ConfigurationRecorder)
    counts = [fact.counted for fact in reading.facts(InventoryCount)]
    lost = [value for value in (recorder.recording, *counts) if isinstance(value, Unread)]
    assert 1 <= len(lost) <= 2
    assert {value.operation for value in lost} == {"Microsoft.ResourceGraph:resources"}
    assert {value.permission for value in lost} == {"Microsoft.ResourceGraph/resources/read"}


@pytest.mark.parametrize(
    "answer",
    [
        rows(),
        rows({"Count": 1}, {"Count": 2}),
        rows({"total": 1}),
        rows({"Count": 1}, **{"$skipToken": "more"}),
        rows({"Count": 1}, resultTruncated="true"),
    ],
)
def test_an_answer_that_is_no_count_or_only_a_part_is_unread(
    read: Read, estate: AzureEstate, answer: dict[str, Any]
) -> None:
    """A number that may be too small is no number."""
    estate.answers[QUESTION] = answer

    reading = read(COLLECTOR)

    assert all(isinstance(fact.counted, Unread) for fact in reading.facts(InventoryCount))
    assert isinstance(reading.facts(ConfigurationRecorder)[0].recording, Unread)


def test_the_number_itself_is_no_setting() -> None:
    """It changes with each resource, so it makes no new version of a document."""
    assert CHANGES.volatile == ("*",)
