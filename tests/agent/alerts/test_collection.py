"""Trouble with the collection: what is told as what, when it lasts, and what proves that it is over."""

from __future__ import annotations

from agent.alerts.collection import Trouble, of_collection, of_trouble
from agent.alerts.conditions import Seen
from agent.alerts.message import Change
from agent.alerts.states import State
from agent.alerts.transitions import Context, Look, Step, step
from collectors.errors import TargetUnreachable
from collectors.facts.core import Reason, Unread
from tests.agent.alerts.estate import gap, seen
from tests.agent.alerts.scripts import RULES

DOWN = TargetUnreachable(Reason.ACCOUNT_UNREACHABLE, "sts:GetCallerIdentity", "no route")


class Target:
    """Follows the collection conditions of one target from run to run."""

    def __init__(self) -> None:
        """Nothing is known."""
        self.states: dict[str, State] = {}
        self.steps: dict[str, Step] = {}

    def run(self, run: Seen) -> dict[str, str]:
        """What one run tells, by condition."""
        told = {}
        for condition, (subject, look) in of_collection(run, self.states, "owner").items():
            found = step(self.states.get(condition), look, Context(subject, run.now, run.slot, RULES))
            self.steps[condition] = found
            self.states.pop(condition, None)
            if found.state is not None:
                self.states[condition] = found.state
            if found.change is not None:
                told[condition] = found.change.value
        return told

    def items(self, kind: str) -> list[str]:
        """Names of what is open."""
        state = self.states.get(f"prod:{kind}")
        return [entry.name for entry in state.items.values()] if state else []


def test_a_target_out_of_reach_is_told_at_once_and_once_more_when_it_lasts() -> None:
    """Opened in the first run, worse in the first that is more than two intervals later, then back."""
    target = Target()
    said = [target.run(seen(slot, unreachable=DOWN)) for slot in range(6)]
    assert said == [{"prod:target": "opened"}, {}, {}, {"prod:target": "worsened"}, {}, {}]
    assert target.steps["prod:target"].severity == "high"
    assert target.run(seen(6)) == {"prod:target": "recovered"}


def test_an_account_that_waits_to_be_let_in_is_less_grave() -> None:
    """ACCOUNT_NOT_ONBOARDED is a medium alert."""
    target = Target()
    target.run(seen(unreachable=TargetUnreachable(Reason.ACCOUNT_NOT_ONBOARDED, "sts:AssumeRole", "AccessDenied")))
    assert target.steps["prod:target"].severity == "medium"
    target.run(seen(1))
    assert (target.steps["prod:target"].change, target.steps["prod:target"].severity) == (Change.RECOVERED, "medium")


def test_one_thing_is_told_of_once() -> None:
    """The gaps of a target that is out of reach raise nothing more, and leave permissions and gaps as they were."""
    target = Target()
    assert target.run(seen(0, gaps=[gap()])) == {"prod:permission": "opened"}
    gaps = [gap("*", Reason.ACCOUNT_UNREACHABLE, listing=True)]
    assert target.run(seen(1, gaps=gaps, unreachable=DOWN)) == {"prod:target": "opened"}
    assert target.items("permission") == ["iam:ListUsers"]
    assert target.run(seen(2, gaps=[gap()])) == {"prod:target": "recovered"}
    assert target.run(seen(3)) == {"prod:permission": "recovered"}


def test_a_missing_permission_is_told_with_what_it_blinds() -> None:
    """The item is the permission; its reason names the read and counts the checks that cannot tell."""
    unread = Unread(Reason.PERMISSION_DENIED, "iam:ListUsers", "iam:ListUsers", "said no")
    target = Target()
    run = seen(
        things={"toy.good": "a=U b=U", "toy.other": "a=U"},
        gaps=[gap(), gap("iam:GetUser", region="west")],
        unread=unread,
    )
    target.run(run)
    entries = {one.name: (one.region, one.reason) for one in target.steps["prod:permission"].entries.values()}
    assert entries == {
        "iam:ListUsers": (
            "east", "iam:ListUsers: PERMISSION_DENIED (said no); 2 checks cannot tell without it",
        ),
        "iam:GetUser": ("west", "iam:GetUser: PERMISSION_DENIED (said no)"),
    }  # fmt: skip


def test_more_permissions_are_worse_and_fewer_are_silent() -> None:
    """The same permission in another region is the same item."""
    target = Target()
    slots = [[gap()], [gap(), gap(region="west")], [gap(), gap("iam:GetUser")], [gap("iam:GetUser")], []]
    assert [target.run(seen(slot, gaps=gaps)) for slot, gaps in enumerate(slots)] == [
        {"prod:permission": "opened"}, {}, {"prod:permission": "worsened"}, {}, {"prod:permission": "recovered"},
    ]  # fmt: skip


def test_a_permission_that_was_not_tried_is_still_missing() -> None:
    """A read behind a listing that failed was never asked for, and one that was throttled proves nothing."""
    target = Target()
    target.run(seen(0, gaps=[gap("iam:GetUser")]))
    assert target.run(seen(1, gaps=[gap("iam:ListUsers", Reason.THROTTLED, listing=True)])) == {}
    assert target.run(seen(2, gaps=[gap("iam:GetUser", Reason.THROTTLED)])) == {}
    assert target.items("permission") == ["iam:GetUser"]
    other = gap("s3:ListBuckets", Reason.THROTTLED, listing=True, collector="aws.buckets")
    assert target.run(seen(3, gaps=[other])) == {"prod:permission": "recovered"}


def test_a_gap_is_told_when_it_lasts() -> None:
    """It must be there in every run for more than two intervals; one good read in between starts anew."""
    throttled = [gap(reason=Reason.THROTTLED)]
    target = Target()
    slots = [throttled, throttled, throttled, [], throttled, throttled, throttled, throttled, throttled]
    said = [target.run(seen(slot, gaps=gaps)) for slot, gaps in enumerate(slots)]
    assert [slot for slot, told in enumerate(said) if told] == [7]
    assert said[7] == {"prod:gap": "opened"}
    assert target.steps["prod:gap"].severity == "medium"
    assert target.run(seen(9)) == {"prod:gap": "recovered"}


def test_another_reason_does_not_make_a_gap_young() -> None:
    """The read failed all the time, whatever its reason was."""
    reasons = [Reason.THROTTLED, Reason.PARTIAL_LISTING, Reason.THROTTLED, Reason.PARTIAL_LISTING]
    target = Target()
    said = [target.run(seen(slot, gaps=[gap(reason=reason)])) for slot, reason in enumerate(reasons)]
    assert said == [{}, {}, {}, {"prod:gap": "opened"}]


def test_a_gap_that_turns_out_to_be_a_missing_permission_moves() -> None:
    """It is told of as a permission from then on, and not as both."""
    target = Target()
    for slot in range(4):
        target.run(seen(slot, gaps=[gap(reason=Reason.THROTTLED, listing=True)]))
    assert target.run(seen(4, gaps=[gap(listing=True)])) == {"prod:gap": "recovered", "prod:permission": "opened"}
    said = [target.run(seen(slot, gaps=[gap(reason=Reason.THROTTLED, listing=True)])) for slot in range(5, 12)]
    assert said == [{}] * 7


def test_what_the_company_chose_is_no_trouble() -> None:
    """Left-out regions, accounts that wait and services that nothing reads are disclosed elsewhere."""
    chosen = (Reason.EXCLUDED_BY_CONFIG, Reason.ACCOUNT_NOT_ONBOARDED, Reason.SERVICE_UNSUPPORTED)
    target = Target()
    assert [target.run(seen(slot, gaps=[gap(reason=one) for one in chosen])) for slot in range(5)] == [{}] * 5
    assert target.states == {}


def test_a_sealed_run_ends_the_silence() -> None:
    """Whoever raised that a target is silent need not live to see it speak."""
    target = Target()
    trouble = Trouble("stale", "high", "no run of prod was sealed", "an hour ago", target="prod")
    subject, look = of_trouble(trouble, None, now=seen().now, failing=True)
    state = step(None, look, Context(subject, seen().now, seen().now, RULES)).state
    assert state is not None
    target.states["prod:stale"] = state
    assert target.run(seen(1)) == {"prod:stale": "recovered"}


def test_trouble_that_is_over_keeps_the_words_of_its_beginning() -> None:
    """Whoever reports that nothing is wrong counts nothing, and the alert still says what it was about."""
    trouble = Trouble("verification", "critical", "the evidence does not verify: 2 findings", "entry 3: changed")
    subject, look = of_trouble(trouble, None, now=1, failing=True)
    assert (subject.condition, subject.severity, look.failing["verification"].reason) == (
        "verification", "critical", "entry 3: changed",
    )  # fmt: skip
    state = step(None, look, Context(subject, 1, 1, RULES)).state
    fine = Trouble("verification", "critical", "the evidence does not verify: 0 findings", "")
    again, look = of_trouble(fine, state, now=2, failing=False)
    assert again.head == "the evidence does not verify: 2 findings"
    assert look == Look(ended={"verification": "it is over"})
