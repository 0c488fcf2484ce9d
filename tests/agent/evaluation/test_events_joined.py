"""Events held against a second list: changes against approvals, leavers against accounts."""

from __future__ import annotations

from agent import clock as agent_clock
from agent.evaluation.events_accounts import KEY, PASSWORD
from storage.rows import GapRow, Key
from tests.agent.evaluation.occasions import (
    DAY,
    DRAWN,
    PEOPLE,
    Firm,
    approvals,
    changes,
    password,
    read_daily,
    results,
    said,
)
from tests.conftest import JANUARY
from tests.storage.builders import HOUR, run


def test_changes_against_approvals(firm: Firm) -> None:
    """Self-approved and unapproved ones are exceptions, an emergency may follow within two business days."""
    firm.load("changes", changes(40, c2="emergency", c3="emergency"))
    late = agent_clock.iso(JANUARY + 103 * HOUR + 5 * DAY)
    soon = agent_clock.iso(JANUARY + 103 * HOUR)
    firm.load(
        "approvals",
        approvals(
            40, c0="s,c0,approved,dev,2026-01-02", c2=f"x,c2,approved,Eve,{soon}", c3=f"y,c3,approved,Eve,{late}"
        ),
    )
    told = firm.asked("CM-01")
    bad = {each["item"]: each["reason"] for each in told["events"]["items"] if each["result"] == "exception"}
    assert list(bad) == ["c0", "c3"]
    assert bad["c0"] == "self-approved by dev at 2026-01-02T00:00:00Z"
    assert bad["c3"].startswith("afterwards by Eve")
    assert (told["word"], told["events"]["complete"]) == ("effective_with_deviations", True)
    assert told["events"]["items"][0]["second_list"][0]["result"] == "self-approved"


def test_decisions_that_may_be_missing_are_unknown(firm: Firm) -> None:
    """A list of approvals that nobody counted cannot make a change unapproved."""
    firm.load("changes", changes(3))
    firm.load("approvals", approvals(3, c1=""), counted=False)
    told = firm.asked("CM-01")
    assert (results(told)["c1"], told["word"]) == ("unknown", "unable_to_conclude")
    firm.attest("CM-01", "c1", "2026-01-05")
    assert firm.asked("CM-01")["word"] == "effective"


def test_an_approval_of_an_unlisted_change_doubts_the_list(firm: Firm) -> None:
    """Somebody approved what the list of changes does not have."""
    firm.load("changes", changes(3))
    firm.load("approvals", approvals(3, c9="a9,c9,approved,Eve,2026-02-01"))
    told = firm.asked("CM-01")
    assert told["word"] == "unable_to_conclude"
    assert told["events"]["doubts"] == ["the list of changes lacks those of a9, which approve something else"]


def access_key(name: str) -> Key:
    """The document of the one key of a user."""
    return Key(KEY, f"arn:aws:iam::123456789012:user/{name}/access-key/AKIA", "global", "AKIA")


def test_leavers_against_their_accounts(firm: Firm) -> None:
    """Gone by the next business day, shut too late, never shut, and without an account that anybody knows."""
    has, none = said(LoginProfile={"CreateDate": "2025-01-01"}), said(absent="NoSuchEntity")
    active, inactive = (said(UserName="carl", Status=each) for each in ("Active", "Inactive"))
    history: dict[int, dict[Key, bytes | None]] = {
        1: {password("bob"): has, password("carl"): has, access_key("carl"): active, password("eve"): has},
        8: {password("bob"): None},
        12: {password("carl"): none},
        20: {access_key("carl"): inactive},
    }
    read_daily(firm, history, range(1, 40))
    rows = [
        "1,Bob,,2020-01-01,2026-01-08,bob",
        "2,Carl,,2020-01-01,2026-01-12,carl",
        "3,Dora,,2020-01-01,2026-01-15,",
        "4,Eve,eve,2020-01-01,2026-02-01,",
        "5,Fay,,2020-01-01,,",
    ]
    firm.load("people", PEOPLE + "\n".join(rows) + "\n")
    told = firm.asked("AC-09")
    assert results(told) == {"1": "good", "2": "exception", "3": "unknown", "4": "exception"}
    items = {each["item"]: each for each in told["events"]["items"]}
    assert items["1"]["due"] == "2026-01-10T00:00:00Z"
    assert [each["removal"] for each in items["2"]["second_list"]] == ["in time", "late"]
    assert items["4"]["second_list"][0]["removal"] == "still there"
    assert told["word"] == "not_effective"
    assert any("accounts belong to nobody on the list of staff: root" in each for each in told["notes"])


def test_a_leaver_whose_account_nobody_knows(firm: Firm) -> None:
    """Neither a pass nor a failure, until somebody attests that all access ended."""
    read_daily(firm, {1: {password("bob"): said(LoginProfile={})}, 8: {password("bob"): None}}, range(1, 30))
    firm.load("people", PEOPLE + "1,Bob,,2020-01-01,2026-01-08,bob\n3,Dora,,2020-01-01,2026-01-15,\n")
    assert firm.asked("AC-09")["word"] == "unable_to_conclude"
    firm.attest("AC-09", "3", "2026-01-16")
    assert firm.asked("AC-09")["word"] == "effective"


def test_a_deleted_user_of_nobody_doubts_the_list_of_staff(firm: Firm) -> None:
    """Somebody who left may be missing in it, so no leavers at all is not proven."""
    read_daily(firm, {1: {password("bob"): said(LoginProfile={})}, 8: {password("bob"): None}}, range(1, 30))
    firm.load("people", PEOPLE + "5,Fay,,2020-01-01,,\n")
    told = firm.asked("AC-09")
    assert told["word"] == "unable_to_conclude"
    assert told["events"]["doubts"] == ["users were deleted that the list of staff gives to nobody: bob"]
    firm.load("people", PEOPLE + "5,Fay,,2020-01-01,,bob\n", at=DRAWN + 1)
    assert firm.asked("AC-09")["word"] == "not_operated"


def test_what_was_not_read_proves_no_account(firm: Firm) -> None:
    """Nobody may list passwords since the day he left: it may be gone or not, which is neither good nor bad."""
    read_daily(firm, {1: {password("bob"): said(LoginProfile={})}}, range(1, 8))
    denied = GapRow(
        "PERMISSION_DENIED", "aws.iam_users", "global", PASSWORD, None, "iam:GetLoginProfile", "iam:GetLoginProfile", ""
    )
    for day in range(8, 40):
        firm.clock.time = JANUARY + day * DAY
        documents = {password("root"): said(day=day)}
        run(firm.store, firm.clock, firm.clock.time, documents=documents, gaps=[denied])
    firm.load("people", PEOPLE + "1,Bob,,2020-01-01,2026-01-08,bob\n")
    told = firm.asked("AC-09")
    assert (results(told), told["word"]) == ({"1": "unknown"}, "unable_to_conclude")


def test_only_an_emergency_is_agreed_to_afterwards(firm: Firm) -> None:
    """Without a list of approvals, attestations show it: before a change goes out, or soon after in an emergency."""
    firm.load("changes", changes(2, c1="emergency"))
    for name in ("c0", "c1"):
        firm.attest("CM-01", name, agent_clock.iso(JANUARY + 110 * HOUR))
    assert results(firm.asked("CM-01")) == {"c0": "exception", "c1": "good"}
