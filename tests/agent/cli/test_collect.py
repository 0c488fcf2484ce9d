"""`collect --fail-on`: what somebody approved does not count, is told, and stays a FAIL."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import pytest

from agent.cli.collect import Excused, exit_code
from agent.config import Settings
from agent.judge import Judged
from agent.run import Report
from agent.waivers import Waiver, Waivers
from agent.wiring import Wiring, wire
from checks.api import Finding, Outcome
from collectors.facts.core import Resource
from collectors.provenance import Page
from storage.rows import RunStatus
from tests.agent.conftest import ACCOUNT, Agent
from tests.agent.test_waivers import TERMS
from tests.conftest import JANUARY
from tests.storage.builders import HOUR, PROD

BOB = f"arn:aws:iam::{ACCOUNT}:user/bob"
CHECK = "identity.user_mfa"


@pytest.fixture(scope="module")
def wiring() -> Wiring:
    """The real checks and the default library."""
    return wire(Settings())


def report(wiring: Wiring, *failing: str, status: RunStatus = RunStatus.COMPLETE) -> Report:
    """A run in which these users have no second factor."""
    findings = {
        ("user", uid): Finding(Resource("aws", PROD.account, "global", "user", uid, uid), Outcome.FAIL, "no device")
        for uid in failing
    }
    judged = Judged(wiring.checks[CHECK], {}, findings)
    return Report("r", 1, PROD, status, (judged,), Page([], [], [], []), 0, 0)


def excused(wiring: Wiring, *granted: tuple[str, str], at: int = JANUARY + HOUR) -> Excused:
    """Waivers for these (control or check, resource), which hold from the first of January."""
    waivers = (
        Waiver(
            **{name: getattr(TERMS, name) for name in TERMS.__slots__ if name not in ("control", "resource")},
            control=control,
            resource=resource,
            id=f"W-{number:04d}",
            seq=number,
            recorded_at=JANUARY,
        )
        for number, (control, resource) in enumerate(granted, 1)
    )
    return Excused(Waivers(waivers), wiring.library, at)


@pytest.mark.parametrize(
    ("granted", "code"),
    [
        ((), 1),
        ((("AC-02", BOB),), 1),
        ((("AC-02", BOB), ("AC-02", f"{BOB}by")), 0),
        (((CHECK, "*"),), 0),
        ((("AC-01", "*"),), 1),
    ],
)
def test_only_what_is_not_excused_counts(wiring: Wiring, granted: Iterable[tuple[str, str]], code: int) -> None:
    """Two users fail: the exit code is 1 until both are excused."""
    done = [report(wiring, BOB, f"{BOB}by")]

    assert exit_code(done, "critical", excused(wiring, *granted)) == code
    assert exit_code(done, "never", excused(wiring, *granted)) == 0


def test_a_waiver_that_ended_excuses_nothing(wiring: Wiring) -> None:
    """It holds for a time."""
    ended = excused(wiring, ("AC-02", "*"), at=TERMS.valid_to)

    assert exit_code([report(wiring, BOB)], "critical", ended) == 1
    assert ended.in_all(report(wiring, BOB)) == []


def test_every_control_that_fails_must_be_excused(wiring: Wiring) -> None:
    """A waiver for one control leaves the other one failing."""
    two = replace(wiring.library.controls["AC-02"], id="XX-01")
    both = replace(wiring.library, controls={**wiring.library.controls, "XX-01": two})
    one = replace(excused(wiring, ("AC-02", "*")), library=both)
    all_ = replace(excused(wiring, ("AC-02", "*"), ("XX-01", "*")), library=both)

    assert exit_code([report(wiring, BOB)], "critical", one) == 1
    assert exit_code([report(wiring, BOB)], "critical", all_) == 0
    assert all_.in_all(report(wiring, BOB)) == [{"W-0001", "W-0002"}]


def test_missing_evidence_outweighs(wiring: Wiring) -> None:
    """What was not read may hide anything, excused or not."""
    done = [report(wiring, BOB, status=RunStatus.PARTIAL)]

    assert exit_code(done, "critical", excused(wiring, ("AC-02", "*"))) == 3


def test_what_is_excused_is_told(agent: Agent) -> None:
    """In text and for programs, beside the FAIL that it stays."""
    before = agent("collect", "--json").json[0]
    agent(
        "waive", "grant", "AC-02", "--target", "acme", "--resource", BOB, "--reason", "in the mail", "--risk", "theft",
        "--requested-by", "Dana", "--approved-by", "Carl",
    )  # fmt: skip
    after, text = agent("collect", "--json").json[0], agent("collect").out

    assert (before["excused"], before["excused_by"]) == (0, [])
    assert (after["excused"], after["excused_by"]) == (1, ["W-0001"])
    assert after["findings"]["FAIL"] == before["findings"]["FAIL"]
    assert "1 of the FAIL are excused by waivers in force (W-0001); they stay FAIL" in text
