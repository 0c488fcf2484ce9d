"""audit_trail.flow_log_searchable"""

from checks.api import Outcome
from checks.audit_trail.flow_log_searchable import CHECK
from checks.testing import DENIED, fact, judged, outcome
from collectors.facts.network import FlowRecord


def test_traffic_that_is_analyzed_passes() -> None:
    """The reason names where."""
    (finding,) = judged(CHECK, fact(FlowRecord, recorded=True, searchable_in="/w"))

    assert finding.outcome is Outcome.PASS
    assert "/w" in finding.reason


def test_traffic_that_is_only_archived_fails() -> None:
    """Nobody looks at an archive."""
    assert outcome(CHECK, fact(FlowRecord, recorded=True, searchable_in=None)) is Outcome.FAIL


def test_a_network_without_records_is_not_applicable() -> None:
    """That there are none is the matter of another check."""
    assert outcome(CHECK, fact(FlowRecord, recorded=False)) is Outcome.NOT_APPLICABLE


def test_unread_records_are_unknown_and_name_the_operation() -> None:
    """A denied read is never a verdict."""
    for lost in (fact(FlowRecord, recorded=True), fact(FlowRecord, searchable_in="/w")):
        (finding,) = judged(CHECK, lost)

        assert finding.outcome is Outcome.UNKNOWN
        assert finding.unread == (DENIED,)
        assert "svc:ReadIt" in finding.reason
