"""Documents and readings of earlier runs, rebuilt from what was kept."""

from __future__ import annotations

from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as some

from agent import changes, clock, stored
from collectors.api import Document
from storage import reads, seal
from storage.canon import dumps
from storage.engine import Store, open_store
from storage.errors import StoreError
from storage.rows import Key, RunRow, RunStart, RunStatus, Seal, Target, Version
from tests.agent.conftest import History
from tests.conftest import JANUARY

WHO = Target("aws", "acme", "123456789012")


def keys(*names: str, kind: str = "thing", region: str = "r1") -> list[Key]:
    """Keys of one kind in one region."""
    return [Key(kind, name, region, name) for name in names]


def never(_: Key) -> bool:
    """Nothing is known to be gone."""
    return False


def test_nothing_is_unseen_after_a_complete_run() -> None:
    """A run that read everything leaves nothing to name."""
    assert changes.unseen(keys("a", "b"), keys("a", "b"), never) == []


def test_an_unread_kind_is_named_once() -> None:
    """A denied listing costs one line, however many documents it would have answered."""
    before = [*keys("a", "b"), *keys("c", region="r2")]

    assert changes.unseen(before, keys("c", region="r2"), never) == [("thing", "r1", None)]


def test_a_kind_read_in_part_names_each_document() -> None:
    """When the listing broke off, those on its first page were read."""
    assert changes.unseen(keys("a", "b", "c"), keys("b"), never) == [("thing", "r1", "a"), ("thing", "r1", "c")]


def test_a_kind_of_which_only_new_ones_were_read_names_each_document() -> None:
    """Naming the whole kind would take the new one away as well."""
    assert changes.unseen(keys("a"), keys("new"), never) == [("thing", "r1", "a")]


def test_what_is_gone_is_not_unseen() -> None:
    """A complete listing that lacks it has told all there is to tell."""
    assert changes.unseen(keys("a", "b"), keys("b"), lambda key: key.uid == "a") == []


KEYS = some.builds(Key, some.sampled_from(["k1", "k2"]), some.sampled_from("abcd"), some.sampled_from(["r1", "r2"]))


@given(some.sets(KEYS), some.sets(KEYS), some.sets(KEYS))
def test_what_was_read_can_be_told_from_what_is_in_force(before: set[Key], read: set[Key], vanished: set[Key]) -> None:
    """Whatever was there before, what was read and what was gone: the record tells exactly what was read."""
    gone = vanished - read
    places = {key: key for key in (*before, *read)}
    before, read = ({places[key] for key in group} for group in (before, read))
    left = changes.unseen(before, read, gone.__contains__)
    in_force: Iterable[Key] = (before - gone) | read

    assert {key for key in in_force if stored.was_read(left)(key)} == read


def test_a_document_comes_back_as_it_was_read() -> None:
    """Kept apart and joined again, redactions included."""
    read = Document(
        "aws.iam.user",
        "arn:u",
        "global",
        {"Name": "u", "Used": {"Date": "2026-01-01", "By": "x"}},
        call=7,
        redacted=(("Description", "assigned-secret"),),
    )
    kept = changes.keep(read, "123456789012", ("Used.Date",))
    back = stored.document(kept.content, {"aws.iam.user": {"arn:u": dict(kept.volatile)}})

    assert b"2026" not in kept.content
    assert (back.body, back.redacted) == (read.body, read.redacted)
    assert (back.kind, back.uid, back.region) == ("aws.iam.user", "arn:u", "global")


def a_run(store: Store, slot: int, *, documents: int, unseen: changes.Unseen | None, versions: list[Version]) -> RunRow:
    """Seal one run without verdicts; its record may lack the list of what it left unread."""
    start = RunStart(f"run-{slot}", WHO, slot, scheduled=False, started=JANUARY, code_digest="0", config_digest="0")
    record = {
        "identity": {"cloud": "aws", "account": WHO.account, "caller": "arn:caller", "partition": "aws"},
        "regions": ["r1"],
        "gaps": [],
        "listings": [],
    }
    seq = seal.seal(
        store,
        Seal(
            start=start,
            start_seq=seal.start(store, start),
            finished=JANUARY,
            status=RunStatus.COMPLETE,
            versions=versions,
            volatile=b"{}",
            transitions=[],
            tallies=[],
            record=dumps(record if unseen is None else {**record, "unseen": unseen}),
            gaps=[],
            documents=documents,
        ),
    )
    with store.read() as conn:
        (run,) = [run for run in reads.runs(conn) if run.seq == seq]
    return run


def version(uid: str) -> Version:
    """A document that says nothing but who it is about."""
    said = {"account": WHO.account, "body": {}, "kind": "thing", "region": "r1", "uid": uid}
    return Version(Key("thing", uid, "r1", uid), dumps(said))


def test_a_reading_leaves_out_what_the_run_did_not_read(store: Store) -> None:
    """A document in force that nobody looked at in that run is no evidence of that run."""
    a_run(store, 1, documents=2, unseen=[], versions=[version("a"), version("b")])
    later = a_run(store, 2, documents=1, unseen=[("thing", "r1", "a")], versions=[])
    with store.read() as conn:
        reading = stored.reading_at(conn, later)

    assert [document.uid for document in reading.page.documents] == ["b"]
    assert reading.identity.caller == "arn:caller"
    assert reading.regions == ("r1",)


def test_a_reading_that_cannot_be_told_is_refused(store: Store) -> None:
    """Judging what was not read would turn an UNKNOWN into a PASS."""
    a_run(store, 1, documents=2, unseen=[], versions=[version("a"), version("b")])
    later = a_run(store, 2, documents=1, unseen=None, versions=[])

    with store.read() as conn, pytest.raises(StoreError, match="2 documents were in force and the run read 1"):
        stored.reading_at(conn, later)


def test_the_run_at_a_time_is_the_newest_recorded_by_then(history: History) -> None:
    """To the microsecond, and none before the first."""
    with open_store(history.agent.database) as store, store.read() as conn:
        (who,) = reads.targets(conn)
        second = clock.parse(history.times[1])
        at = [stored.run_at(conn, who, time) for time in (second, second - 1, None, JANUARY)]

    assert [run and run.seq for run in at] == [history.entries[1], history.entries[0], history.entries[2], None]
