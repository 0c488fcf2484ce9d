"""Alerts in plain text."""

from __future__ import annotations

import shlex
from dataclasses import replace

import pytest

from agent.alerts.message import ITEMS, Change, Item, Mark
from agent.alerts.text import body, clean, title
from tests.agent.alerts.messages import BUCKET, OPENED

WHOLE = """\
severity: high
change: opened
since: 2026-01-01T00:00:00Z
target: prod (aws 123456789012)
owner: Platform
control: AC-09
also tested by: AC-10
criteria: CC6.1, CC6.6

- new: ledger (arn:aws:s3:::ledger), eu-west-1: anybody can read it [exposure.object_store_public], \
since 2026-01-01T00:00:00Z

failing now: 1

what to do:
  Turn on block public access.

evidence:
  proofkeep evidence --control AC-09 --resource arn:aws:s3:::ledger

happened: 2026-01-01T00:00:00Z
condition: controls/prod/AC-09
message: controls/prod/AC-09/1
to acknowledge: proofkeep alerts ack controls/prod/AC-09 --by YOU --note WHY"""

MANY = replace(
    OPENED, items=tuple(replace(BUCKET, label=f"bucket-{number}") for number in range(ITEMS)), changed=ITEMS + 7
)


def test_an_alert_tells_all_that_it_knows() -> None:
    """What changed, since when, whose it is, what to do, where to look, and how to silence it."""
    assert title(OPENED) == "[high] AC-09 Object stores are private: 1 finding started to fail (prod)"
    assert body(OPENED) == WHOLE


def test_what_is_empty_is_left_out() -> None:
    """No label without a value, no blank paragraphs."""
    bare = replace(
        OPENED, also=(), criteria=(), owner="", target="", account="", items=(), changed=0, remediation=(), commands=()
    )

    assert body(bare) == (
        "severity: high\nchange: opened\nsince: 2026-01-01T00:00:00Z\ncontrol: AC-09\n\nfailing now: 1\n\n"
        "happened: 2026-01-01T00:00:00Z\ncondition: controls/prod/AC-09\nmessage: controls/prod/AC-09/1\n"
        "to acknowledge: proofkeep alerts ack controls/prod/AC-09 --by YOU --note WHY"
    )
    assert title(bare) == "[high] AC-09 Object stores are private: 1 finding started to fail"


@pytest.mark.parametrize("change", [Change.RECOVERED, Change.WAIVED, Change.NOTICE])
def test_what_is_over_asks_nobody_to_acknowledge_it(change: Change) -> None:
    """The command is for those who have something to take on."""
    assert "to acknowledge" not in body(replace(OPENED, change=change))


def test_a_target_that_the_title_names_is_not_named_twice() -> None:
    """As in alerts about the collection."""
    assert title(replace(OPENED, title="prod cannot be read")) == "[high] prod cannot be read"


def test_what_is_not_listed_is_counted() -> None:
    """The message holds the first ones only."""
    assert "\nand 7 more\n" in body(MANY)


def test_a_short_text_lists_fewer_and_counts_the_rest() -> None:
    """So that the commands at the end are not cut off."""
    short = body(MANY, 1500)
    listed = short.count("- new: bucket-")

    assert len(short) <= 1500
    assert 1 <= listed < ITEMS
    assert f"\nand {ITEMS + 7 - listed} more\n" in short
    assert short.endswith("--note WHY")


def test_where_nothing_fits_the_number_stands() -> None:
    """All are counted, none is listed."""
    short = body(MANY, 10)

    assert "- new" not in short
    assert f"\n{ITEMS + 7} changed\n" in short


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("two\r\nlines\ttab", "two lines tab"),
        ("\x1b[31mred\x07", "[31mred"),
        ("\u202egnp.exe", "gnp.exe"),
        ("a\u2028b\x00c", "a b c"),
        ("@everyone and @here", "\N{FULLWIDTH COMMERCIAL AT}everyone and \N{FULLWIDTH COMMERCIAL AT}here"),
        ("alice@example.test", "alice@example.test"),
        ("ünïcode 雲", "ünïcode 雲"),
    ],
)
def test_text_from_a_cloud_is_harmless(said: str, shown: str) -> None:
    """One line, no control characters, nobody is called."""
    assert clean(said) == shown


def test_long_text_is_cut() -> None:
    """And shows that it is."""
    assert clean("x" * 400) == "x" * 299 + "…"


def test_hostile_names_stay_on_their_line() -> None:
    """A name cannot add a line of its own to the title or the body."""
    evil = replace(
        OPENED,
        title="AC-09\nX-Evil: 1",
        owner="me\n\nowner: you",
        items=(Item("a\nb", "c\nd", "e\nf", "g\nh", "i\nj", OPENED.since, Mark.NEW),),
        note="n\no",
        condition="x\ny; rm -rf /",
    )

    assert "\n" not in title(evil)
    assert body(evil).count("\n") == WHOLE.count("\n") + 2
    assert "- new: c d (a b), e f: i j [g h]," in body(evil)


def test_a_condition_is_quoted_for_the_shell() -> None:
    """The command can be pasted whatever the target is called."""
    line = body(replace(OPENED, condition="x; reboot $(id)")).splitlines()[-1]

    assert shlex.split(line.removeprefix("to acknowledge: "))[3] == "x; reboot $(id)"


@pytest.mark.parametrize("change", list(Change))
def test_each_change_is_named(change: Change) -> None:
    """In the words of the message."""
    assert f"\nchange: {change.value}\n" in body(replace(OPENED, change=change))
