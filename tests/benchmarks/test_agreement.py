"""The comparison of verdicts: what agrees, what differs, what only one side says, and what nobody explained."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from checks.coverage import TOOL, peers
from tests.benchmarks import agreement
from tests.benchmarks.agreement import Compared, Notes, compare, notes, report

ARN = "arn:aws:ec2:us-east-1:123456789012"
NOTES = r"""
[[part]]
check = "ssh_*"
ports = [22]

[[part]]
check = "everything_open"
all_ports = true

[[part]]
check = "told_of_routes"
names = ["ec2:CreateRoute"]

[[same]]
check = "key_*"
theirs = '^(\S+) (\S+)/key$'
ours = '\1/keys/\2'

[[difference]]
check = "ssh_*"
resource = "*:security-group/late"
theirs = "PASS"
right = "ours"
reason = "It says so."
"""


@pytest.fixture
def told(tmp_path: Path) -> Notes:
    """Explanations of one difference, and how some of their checks are to be read."""
    file = tmp_path / "notes.toml"
    file.write_text(NOTES, encoding="utf-8")
    return notes(file)


def theirs(check: str, resource: str, status: str) -> dict[str, Any]:
    """One verdict of the other tool."""
    return {
        "check_id": check,
        "resource_id": resource.rpartition("/")[2],
        "resource_arn": f"{ARN}:{resource}",
        "region": "us-east-1",
        "status": status,
    }


def ours(resource: str, outcome: str, reason: str = "") -> dict[str, Any]:
    """One verdict of ours."""
    return {"check": "toy.check", "resource": f"{ARN}:{resource}", "outcome": outcome, "reason": reason}


def compared(
    asked: tuple[str, ...],
    golden: list[Any],
    found: list[Any],
    told: Notes,
    behind: Mapping[str, Sequence[str]] | None = None,
) -> list[Compared]:
    """The comparison where one check of ours decides all that is `asked`."""
    catalog = {"checks": [{"id": "toy.check", "equivalents": {TOOL: list(asked)}}]}
    return compare(golden, found, catalog, told, behind or {})


def pairs(one: Compared) -> list[tuple[str, str]]:
    """Both sides of each difference."""
    return [(each.theirs, each.ours) for each in one.differ]


def test_equal_verdicts_on_one_resource_agree(told: Notes) -> None:
    """They meet by ARN, whatever its case."""
    [one] = compared(("p",), [theirs("p", "volume/V", "FAIL")], [ours("volume/v", "FAIL")], told)

    assert (dict(one.agree), one.differ) == ({"FAIL": 1}, [])


def test_verdicts_of_one_side_alone_are_told_apart(told: Notes) -> None:
    """One that they lack counts only for the kind of thing that they judge, and only where there is something."""
    golden = [theirs("p", "volume/a", "PASS"), theirs("p", "volume/b", "PASS")]
    found = [
        ours("volume/a", "PASS"),
        ours("volume/c", "FAIL"),
        ours("volume/d", "NOT_APPLICABLE"),
        ours("snapshot/e", "FAIL"),
    ]

    [one] = compared(("p",), golden, found, told)

    assert [each.resource for each in one.of("only theirs")] == [f"{ARN}:volume/b"]
    assert [each.resource for each in one.of("only ours")] == [f"{ARN}:volume/c"]
    assert one.of("differ") == []


def test_what_answers_another_of_their_checks_is_not_ours_alone(told: Notes) -> None:
    """Two of their checks divide the things that one of ours judges."""
    golden = [theirs("p", "volume/a", "PASS"), theirs("q", "volume/b", "FAIL")]

    found = compared(("p", "q"), golden, [ours("volume/a", "PASS"), ours("volume/b", "FAIL")], told)

    assert [one.differ for one in found] == [[], []]


@pytest.mark.parametrize(
    ("check", "reason", "counts"),
    [
        ("ssh_open", "lets in tcp/20-23 from 0.0.0.0/0", "FAIL"),
        ("ssh_open", "lets in tcp/23 from 0.0.0.0/0, udp/22 from ::/0", "PASS"),
        ("everything_open", "lets in tcp/0-442 from ::/0, tcp/444-65535 from ::/0", "FAIL"),
        ("everything_open", "lets in tcp/0-442 from ::/0", "PASS"),
        ("told_of_routes", "no alert tells anybody of ec2:CreateRoute, ec2:DeleteVpc", "FAIL"),
        ("told_of_routes", "no alert tells anybody of ec2:CreateRouteTable", "PASS"),
    ],
)
def test_a_question_that_asks_less_is_answered_by_its_part(check: str, reason: str, counts: str, told: Notes) -> None:
    """A failure for something else passes what they ask."""
    [one] = compared((check,), [theirs(check, "x/a", counts)], [ours("x/a", "FAIL", reason)], told)

    assert dict(one.agree) == {counts: 1}


def test_a_part_of_what_is_unknown_is_unknown(told: Notes) -> None:
    """Only a failure can be about something else."""
    [one] = compared(("ssh_open",), [theirs("ssh_open", "x/a", "PASS")], [ours("x/a", "UNKNOWN")], told)

    assert pairs(one) == [("PASS", "UNKNOWN")]


def test_a_machine_is_as_open_as_the_worst_of_its_guards(told: Notes) -> None:
    """They judge the machine, we judge what stands before it."""
    found = [ours("security-group/a", "PASS"), ours("security-group/b", "FAIL", "lets in tcp/22 from ::/0")]
    guards = {f"{ARN}:instance/i": [each["resource"] for each in found]}

    [one] = compared(("ssh_open",), [theirs("ssh_open", "instance/i", "FAIL")], found, told, guards)

    assert (dict(one.agree), one.differ) == ({"FAIL": 1}, [])


def test_a_resource_that_they_name_otherwise_is_found(told: Notes) -> None:
    """By the rule that the notes give, and one that no rule finds is ours alone."""
    row = {**theirs("key_old", "user/u", "PASS"), "resource_id": "k1/key"}

    [one] = compared(("key_old",), [row], [ours("user/u/keys/k1", "PASS"), ours("user/u/keys/k2", "FAIL")], told)

    assert dict(one.agree) == {"PASS": 1}
    assert pairs(one) == [("-", "FAIL")]


def test_only_a_difference_that_the_notes_are_about_is_explained(told: Notes) -> None:
    """The report counts the others and lists each."""
    golden = [theirs("ssh_open", "security-group/late", "PASS"), theirs("ssh_open", "security-group/new", "PASS")]
    found = [ours(f"security-group/{name}", "FAIL", "lets in tcp/22 from ::/0") for name in ("late", "new")]

    lines, unexplained = report(compared(("ssh_open",), golden, found, told), told)

    assert unexplained == 1
    assert "\nours right: It says so." in lines
    assert any("security-group/new  PASS/FAIL" in line for line in lines[lines.index("\nNOT EXPLAINED") :])
    assert lines[-1] == "1 differences unexplained"


def test_a_check_that_nothing_of_ours_decides_is_counted_as_such(told: Notes) -> None:
    """Its verdicts are not compared."""
    found = compared((), [theirs("p", "volume/a", "FAIL")], [ours("volume/a", "PASS")], told)

    lines, _ = report(found, told)

    assert found[0].ours == ()
    assert "1 peer checks: 0 decided, 0 declined, 1 neither; 0 of 1 verdicts compared" in lines


def test_nobody_is_right_but_those_who_are_named(tmp_path: Path) -> None:
    """A slip in the notes does not pass for an explanation."""
    file = tmp_path / "notes.toml"
    file.write_text('[[difference]]\ncheck = "p"\nright = "us"\nreason = "r"\n', encoding="utf-8")

    with pytest.raises(ValueError, match="right = 'us'"):
        notes(file)


def test_the_notes_of_this_project_are_about_questions_that_there_are() -> None:
    """Each explanation is a sentence, and each part is of a question of the other tool."""
    told = notes(agreement.NOTES)

    assert all(each.reason.endswith(".") for each in told.why)
    assert {each.check for each in told.parts} <= set(peers()["aws"])
