"""detection.change_alerts"""

from dataclasses import replace
from typing import Any

from checks.api import Outcome
from checks.detection.change_alerts import CHECK, GOOGLE_CHANGES, OPERATIONS, TRAIL_CHANGES
from checks.testing import DENIED, fact, judged, outcome
from collectors.facts.core import Fact, Unread
from collectors.facts.detection import ChangeAlert
from collectors.facts.monitoring import AuditCoverage
from collectors.gcp.log_entries import CHANGES

IN_AWS = fact(AuditCoverage, "account")
ACCOUNT = replace(IN_AWS, resource=replace(IN_AWS.resource, cloud="azure"))
SOME = ("x/write", "x/delete")


def alert(name: str, **values: Any) -> ChangeAlert:
    """An alert that tells somebody of every event, but for `values`."""
    good: dict[str, Any] = {"enabled": True, "events": ("*",), "whole_account": True, "receivers": 1}
    return fact(ChangeAlert, name, **{**good, **values})


def test_alerts_on_each_operation_pass_together() -> None:
    """Each alert may watch a part of the list, and names are compared without regard to case."""
    alerts = [alert(name, events=(name.lower(),)) for name in OPERATIONS]

    (finding,) = judged(CHECK, ACCOUNT, *alerts)

    assert finding.outcome is Outcome.PASS
    assert finding.resource.name == "account"
    assert {document.uid for document in finding.documents} == {"arn:account", *(f"arn:{name}" for name in OPERATIONS)}


def test_an_alert_on_everything_passes() -> None:
    """A pattern stands for all that it matches."""
    assert outcome(CHECK, ACCOUNT, alert("all")) is Outcome.PASS


def test_an_operation_that_nothing_watches_fails_by_name() -> None:
    """The one that is missing is named, the other one is not."""
    (finding,) = judged(CHECK, ACCOUNT, alert("one", events=("x/write",)), operations=SOME)

    assert finding.outcome is Outcome.FAIL
    assert finding.reason == "no alert tells anybody of x/delete"


def test_no_alerts_at_all_fail() -> None:
    """A complete listing without alerts tells nobody."""
    assert outcome(CHECK, ACCOUNT) is Outcome.FAIL


def test_an_alert_that_is_off_partial_or_mute_does_not_count() -> None:
    """Each of the three is enough for nobody to hear of the change."""
    for wrong in ({"enabled": False}, {"whole_account": False}, {"receivers": 0}):
        assert outcome(CHECK, ACCOUNT, alert("one", **wrong)) is Outcome.FAIL, wrong


def test_what_could_not_be_read_of_an_alert_might_have_settled_it() -> None:
    """An unread receiver is a gap, and one that is known to be wrong is none."""
    (finding,) = judged(CHECK, ACCOUNT, alert("one", receivers=DENIED))

    assert finding.outcome is Outcome.UNKNOWN
    assert finding.unread == (DENIED,)
    assert outcome(CHECK, ACCOUNT, alert("one", receivers=DENIED, enabled=False)) is Outcome.FAIL


def test_an_operation_that_is_certainly_missed_decides_beside_a_gap() -> None:
    """The unread alert watches something else."""
    unread = alert("one", events=("x/write",), receivers=DENIED)

    assert outcome(CHECK, ACCOUNT, unread, operations=SOME) is Outcome.FAIL


def test_a_listing_of_alerts_that_broke_off_is_unknown_unless_what_was_read_suffices() -> None:
    """An alert missing from a cut-off list may exist."""
    cut: dict[tuple[type[Fact], str], Unread] = {(ChangeAlert, "global"): DENIED}

    assert [each.outcome for each in judged(CHECK, ACCOUNT, unlisted=cut)] == [Outcome.UNKNOWN]
    assert [each.outcome for each in judged(CHECK, ACCOUNT, alert("all"), unlisted=cut)] == [Outcome.PASS]


def test_google_cloud_has_a_list_of_its_own() -> None:
    """Changes are asked for by the names that the account's cloud gives them."""
    account = replace(ACCOUNT, resource=replace(ACCOUNT.resource, cloud="gcp"))
    alerts = [alert(name, events=(name.lower(),)) for name in GOOGLE_CHANGES]

    assert outcome(CHECK, account, *alerts) is Outcome.PASS
    (finding,) = judged(CHECK, account, *alerts[1:])
    assert finding.reason == f"no alert tells anybody of {GOOGLE_CHANGES[0]}"


def test_aws_has_a_list_of_its_own() -> None:
    """A filter seldom names the service, so a pattern stands for any."""
    alerts = [alert(name, events=("root:*", f"*:{name.lower().partition(':')[2]}")) for name in TRAIL_CHANGES]

    assert outcome(CHECK, IN_AWS, *alerts) is Outcome.PASS
    (finding,) = judged(CHECK, IN_AWS, *alerts[:-1])
    assert finding.reason == f"no alert tells anybody of {TRAIL_CHANGES[-1]}"


def test_the_lists_hold_what_the_collectors_know() -> None:
    """A name that no collector can tell would fail for ever."""
    assert set(GOOGLE_CHANGES) == set(CHANGES)
