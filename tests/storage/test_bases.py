"""From what the manifests, records and readings of runs are patched."""

from __future__ import annotations

import random

from sqlalchemy import select

from storage import canon, reads
from storage.blobs import PATCH
from storage.engine import Store
from storage.tables import blob, heartbeat, volatile
from tests.conftest import JANUARY, Clock
from tests.storage.builders import HOUR, PROD, run


def text(seed: int, length: int, changed: int = 0) -> bytes:
    """JSON that no compression shortens much, but for what it has in common with the same seed's other texts."""
    dice, other = random.Random(seed), random.Random(f"{seed}/{changed}")
    parts = [f"{dice.getrandbits(256):064x}" for _ in range(length // 64)]
    parts[: changed and 2] = [f"{other.getrandbits(256):064x}"] * min(changed, 2)
    return canon.dumps({"parts": parts})


def kept(store: Store, seq: int) -> tuple[int, int | None, int, int | None]:
    """Codec and base of a run's record and of its readings."""
    with store.read() as conn:
        beat = conn.execute(select(heartbeat).where(heartbeat.c.seq == seq)).one()
        record = conn.execute(select(blob).where(blob.c.bid == beat.record_bid)).one()
        readings = conn.execute(select(volatile).where(volatile.c.seq == seq)).one()
    return record.codec, record.base_bid, readings.codec, readings.base_seq


def test_a_long_first_record_is_no_base(store: Store, clock: Clock) -> None:
    """The second run's record is kept whole beside a first one of many times its length; later ones patch it."""
    run(store, clock, JANUARY, record=text(1, 200_000))
    second = run(store, clock, JANUARY + HOUR, record=text(2, 6_400))
    third = run(store, clock, JANUARY + 2 * HOUR, record=text(2, 6_400, 1))

    assert kept(store, second)[0] != PATCH
    assert kept(store, third)[0] == PATCH
    with store.read() as conn:
        beats = {row.seq: row.record_bid for row in conn.execute(select(heartbeat))}
        assert reads.run_record(conn, third) == text(2, 6_400, 1)
    assert kept(store, third)[1] == beats[second]


def test_a_base_that_no_longer_resembles_is_given_up(store: Store, clock: Clock) -> None:
    """Readings that have little in common with the base become the base of those that follow."""
    given = [text(1, 6_400), text(1, 6_400, 1), text(2, 6_400), text(2, 6_400, 1)]
    seqs = [run(store, clock, JANUARY + n * HOUR, volatile=one) for n, one in enumerate(given)]

    assert [kept(store, seq)[3] for seq in seqs] == [None, seqs[0], None, seqs[2]]
    with store.read() as conn:
        assert [reads.volatile_at(conn, PROD, seq) for seq in seqs] == given
