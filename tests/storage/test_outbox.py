"""The queue of messages per receiver."""

from __future__ import annotations

import pytest

from storage import outbox
from storage.engine import Store
from storage.rows import Alerts, Message, OutboxRow
from tests.conftest import JANUARY, Clock

SECOND = 1_000_000


def put(store: Store, *keys: str) -> None:
    """Queue messages; a key is `receiver/number`."""
    messages = [Message(key, key.partition("/")[0], b'{"key":"%s"}' % key.encode()) for key in keys]
    with store.operate() as conn:
        outbox.queue(conn, store.now(), Alerts(messages=messages))


def due(store: Store, now: int = JANUARY, route: str | None = None) -> list[str]:
    """Keys of what is due."""
    with store.read() as conn:
        return [row.key for row in outbox.due(conn, now, route)]


def by_key(store: Store) -> dict[str, OutboxRow]:
    """Everything that is pending or given up."""
    with store.read() as conn:
        return {row.key: row for row in outbox.waiting(conn)}


def test_a_message_is_kept_as_it_was_given(store: Store) -> None:
    """Its exact bytes, pending, due at once."""
    put(store, "mail/1")

    assert by_key(store)["mail/1"] == OutboxRow(
        1, "mail/1", "mail", b'{"key":"mail/1"}', JANUARY, "pending", 0, JANUARY, None, None
    )


def test_the_same_key_is_the_same_message(store: Store, clock: Clock) -> None:
    """A second one is dropped, also after the first was sent."""
    put(store, "mail/1")
    with store.operate() as conn:
        outbox.sent(conn, 1, clock.advance(1))
    put(store, "mail/1", "mail/2")

    assert due(store, clock()) == ["mail/2"]


def test_each_receiver_has_its_own_queue(store: Store) -> None:
    """The oldest of each is due, or that of one receiver."""
    put(store, "mail/1", "chat/1", "mail/2", "chat/2")

    assert due(store) == ["mail/1", "chat/1"]
    assert due(store, route="chat") == ["chat/1"]
    assert due(store, route="pager") == []


def test_nothing_overtakes_a_message_that_waits(store: Store) -> None:
    """A retry holds up its own receiver and no other, until its time has come."""
    put(store, "mail/1", "mail/2", "chat/1")
    with store.operate() as conn:
        outbox.retry(conn, 1, JANUARY + 5 * SECOND, "answered 500")

    assert due(store) == ["chat/1"]
    assert due(store, JANUARY + 5 * SECOND - 1) == ["chat/1"]
    assert due(store, JANUARY + 5 * SECOND) == ["mail/1", "chat/1"]
    assert (by_key(store)["mail/1"].attempts, by_key(store)["mail/1"].error) == (1, "answered 500")


@pytest.mark.parametrize("given_up", [False, True])
def test_the_next_one_follows(store: Store, given_up: bool) -> None:
    """After one that was sent, and after one that was given up."""
    put(store, "mail/1", "mail/2")
    with store.operate() as conn:
        if given_up:
            outbox.park(conn, 1, JANUARY, "answered 410", tried=True)
        else:
            outbox.sent(conn, 1, JANUARY)

    assert due(store) == ["mail/2"]
    assert ("mail/1" in by_key(store)) is given_up


def test_parked_messages_keep_their_reason(store: Store, clock: Clock) -> None:
    """State, time and error; an attempt counts where there was one."""
    put(store, "mail/1", "mail/2")
    with store.operate() as conn:
        outbox.park(conn, 1, clock.advance(3), "answered 410", tried=True)
        outbox.park(conn, 2, clock(), "nobody there")
    parked = by_key(store)

    assert (parked["mail/1"].state, parked["mail/1"].error, parked["mail/1"].attempts) == ("failed", "answered 410", 1)
    assert (parked["mail/2"].settled_at, parked["mail/2"].attempts) == (JANUARY + 3 * SECOND, 0)


def test_what_is_settled_stays_so(store: Store) -> None:
    """A second process that comes late changes nothing."""
    put(store, "mail/1")
    with store.operate() as conn:
        outbox.sent(conn, 1, JANUARY)
        outbox.retry(conn, 1, JANUARY, "late")
        outbox.park(conn, 1, JANUARY, "late")
        counts = outbox.counts(conn)

    assert counts == {("mail", "sent"): 1}


def test_messages_are_counted(store: Store) -> None:
    """By receiver and state."""
    put(store, "mail/1", "mail/2", "mail/3", "chat/1")
    with store.operate() as conn:
        outbox.sent(conn, 1, JANUARY)
        outbox.park(conn, 2, JANUARY, "no")
        counts = outbox.counts(conn)

    assert counts == {("mail", "sent"): 1, ("mail", "failed"): 1, ("mail", "pending"): 1, ("chat", "pending"): 1}


def test_parked_messages_can_be_sent_again(store: Store, clock: Clock) -> None:
    """They are as new, in their old place; those of other receivers stay."""
    put(store, "mail/1", "chat/1", "mail/2")
    with store.operate() as conn:
        outbox.park(conn, 1, clock(), "no", tried=True)
        outbox.park(conn, 2, clock(), "no", tried=True)
    clock.advance(60)
    with store.operate() as conn:
        number = outbox.requeue(conn, clock(), "mail")

    assert number == 1
    assert due(store, clock()) == ["mail/1"]
    assert by_key(store)["mail/1"] == OutboxRow(
        1, "mail/1", "mail", b'{"key":"mail/1"}', clock(), "pending", 0, clock(), None, None
    )
    with store.operate() as conn:
        assert outbox.requeue(conn, clock()) == 1
    assert due(store, clock()) == ["mail/1", "chat/1"]


def test_the_daemon_knows_how_long_to_sleep(store: Store) -> None:
    """Until the first of the messages that lead their queues; what waits behind them does not wake it."""
    with store.read() as conn:
        assert outbox.next_due(conn) is None
    put(store, "mail/1", "mail/2", "chat/1")
    with store.operate() as conn:
        outbox.retry(conn, 1, JANUARY + 50, "no")
        outbox.retry(conn, 3, JANUARY + 30, "no")
    with store.read() as conn:
        assert outbox.next_due(conn) == JANUARY + 30


def test_receivers_that_are_gone(store: Store) -> None:
    """Pending messages to nobody we know."""
    put(store, "mail/1", "chat/1", "chat/2")
    with store.operate() as conn:
        outbox.park(conn, 2, JANUARY, "no")
        assert [row.key for row in outbox.strays(conn, ["mail"])] == ["chat/2"]
        assert [row.key for row in outbox.strays(conn, [])] == ["mail/1", "chat/2"]


def test_old_sent_messages_are_forgotten(store: Store) -> None:
    """Only those, and only when they are old enough."""
    put(store, "mail/1", "mail/2", "mail/3", "mail/4")
    with store.operate() as conn:
        outbox.sent(conn, 1, JANUARY)
        outbox.sent(conn, 2, JANUARY + 1)
        outbox.park(conn, 3, JANUARY, "no")
        assert outbox.prune(conn, JANUARY) == 0
        assert outbox.prune(conn, JANUARY + 1) == 1
        counts = outbox.counts(conn)

    assert counts == {("mail", "sent"): 1, ("mail", "failed"): 1, ("mail", "pending"): 1}
