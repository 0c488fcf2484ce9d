"""From the outbox to real receivers: in order, at least once, on either database."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest
from sqlalchemy import Connection

from agent.alerts.answer import Answer, Limits
from agent.alerts.delivery import KEPT, LONGEST_WAIT, PATIENCE, SECOND, Delivered, Delivery, pause
from agent.alerts.message import Alert
from agent.alerts.webhook import verify_signature
from storage import outbox
from storage.engine import Store, open_store
from storage.errors import StoreLocked
from storage.leases import lease
from tests.agent.alerts.messages import QUICK, SECRET, alert, counts, expected, hook, left, mail, numbers, queue, row
from tests.conftest import Clock
from tests.sinks import HOST, MailSink, Reply, WebhookSink, free_port, text_of

# Loading Apprise's services touches a module of the standard library that Python 3.13 no longer has.

HOUR = 3600


def keys(sink: WebhookSink) -> list[str]:
    """What the web server took, in order."""
    return [got.headers["Idempotency-Key"] for got in sink.accepted]


def run_until(delivery: Delivery, store: Store, clock: Clock, end: int) -> None:
    """Deliver whenever something is due, as the daemon does, up to a time."""
    while True:
        delivery.deliver(clock())
        with store.read() as conn:
            due_at = outbox.next_due(conn)
        if due_at is None or due_at > end:
            break
        clock.time = max(clock.time + SECOND, due_at)
    clock.time = end


def test_alerts_arrive_by_mail_and_webhook(store: Store, clock: Clock, web: WebhookSink, post: MailSink) -> None:
    """Each once, in order, signed or as text; afterwards nothing is left to do."""
    queue(store, "hook", 1, 2, 3)
    queue(store, "mail", 1, 2)
    delivery = Delivery([hook(web.url), mail(post.url())], store)

    assert numbers(delivery.deliver(clock())) == (5, 0, 0)
    assert numbers(delivery.deliver(clock.advance(60))) == (0, 0, 0)
    assert keys(web) == expected("hook", 1, 2, 3)
    assert all(verify_signature(SECRET, got.headers, got.body, clock() // SECOND) for got in web.posts)
    assert [Alert.from_json(got.json) for got in web.posts] == [alert(number) for number in (1, 2, 3)]
    assert [text_of(one).split("message: ")[1].split()[0] for one in post.mails] == [
        "controls/prod/AC-09/1",
        "controls/prod/AC-09/2",
    ]
    assert counts(store) == {("hook", "sent"): 3, ("mail", "sent"): 2}


def test_after_an_hour_without_receivers_everything_arrives(store: Store, clock: Clock) -> None:
    """In order and once per key, those of before and those of meanwhile."""
    web, post = WebhookSink(), MailSink()
    delivery = Delivery([hook(web.url), mail(post.url())], store, QUICK)
    start = clock()
    for number in range(1, 7):
        for route in ("hook", "mail"):
            queue(store, route, number)
        run_until(delivery, store, clock, start + number * 600 * SECOND)
    attempts = left(store)["controls/prod/AC-09/1@hook"].attempts
    with web, post:
        run_until(delivery, store, clock, clock() + 1800 * SECOND)

    assert 10 <= attempts <= 16
    assert keys(web) == expected("hook", *range(1, 7))
    assert [one["Subject"] for one in post.mails] == [post.mails[0]["Subject"]] * 6
    assert [text_of(one).split("message: ")[1].split()[0] for one in post.mails] == [
        alert(number).key for number in range(1, 7)
    ]
    assert counts(store) == {("hook", "sent"): 6, ("mail", "sent"): 6}


def test_one_receiver_does_not_hold_up_another(store: Store, clock: Clock, web: WebhookSink) -> None:
    """The one that is down keeps its queue; the other gets all of its own."""
    queue(store, "down", 1, 2)
    queue(store, "hook", 1, 2)
    dead = f"http://{HOST}:{free_port()}/"

    assert numbers(Delivery([hook(dead, "down"), hook(web.url)], store).deliver(clock())) == (2, 1, 0)
    assert keys(web) == expected("hook", 1, 2)
    assert left(store)[expected("down", 1)[0]].error == "connection refused"
    assert left(store)[expected("down", 2)[0]].attempts == 0


def test_a_failed_attempt_is_repeated_with_the_same_key(store: Store, clock: Clock, web: WebhookSink) -> None:
    """Not before its time; nothing overtakes it; the bytes are the same, the time stamp is not."""
    queue(store, "hook", 1, 2)
    web.replies = [Reply(500)]
    delivery = Delivery([hook(web.url)], store)

    assert numbers(delivery.deliver(clock())) == (0, 1, 0)
    assert numbers(delivery.deliver(clock.advance(3))) == (0, 0, 0)
    assert left(store)[expected("hook", 1)[0]].error == "answered 500"
    assert numbers(delivery.deliver(clock.advance(3))) == (2, 0, 0)
    assert [got.headers["Idempotency-Key"] for got in web.posts] == expected("hook", 1, 1, 2)
    assert web.posts[0].body == web.posts[1].body
    assert verify_signature(SECRET, web.posts[1].headers, web.posts[1].body, clock() // SECOND)
    assert web.posts[0].headers["Proofkeep-Timestamp"] != web.posts[1].headers["Proofkeep-Timestamp"]


def test_a_hook_that_is_gone_is_given_up(store: Store, clock: Clock, web: WebhookSink) -> None:
    """At once, with the reason; the next message goes out."""
    queue(store, "hook", 1, 2)
    web.replies = [Reply(410)]

    assert numbers(Delivery([hook(web.url)], store).deliver(clock())) == (1, 0, 1)
    assert keys(web) == expected("hook", 2)
    (parked,) = left(store).values()
    assert (parked.key, parked.state, parked.error) == (*expected("hook", 1), "failed", "answered 410")


def test_given_up_messages_can_be_sent_again(store: Store, clock: Clock, web: WebhookSink) -> None:
    """Once the receiver is mended, even long afterwards; they then have all their attempts again."""
    queue(store, "hook", 1)
    delivery = Delivery([hook(web.url)], store)
    web.replies = [Reply(401), Reply(503)]
    delivery.deliver(clock())
    clock.advance(100 * HOUR)
    with store.operate() as conn:
        outbox.requeue(conn, clock())

    assert numbers(delivery.deliver(clock())) == (0, 1, 0)
    assert numbers(delivery.deliver(clock.advance(6))) == (1, 0, 0)


@pytest.mark.parametrize(("asked", "waited"), [("60", 60), ("100000", 600), ("1", 4)])
def test_a_receiver_may_ask_for_patience(
    store: Store, clock: Clock, web: WebhookSink, asked: str, waited: float
) -> None:
    """For ten minutes at most, and never for less than we wait ourselves."""
    queue(store, "hook", 1)
    web.replies = [Reply(429, {"Retry-After": asked})]
    Delivery([hook(web.url)], store).deliver(clock())
    wait = (left(store)[expected("hook", 1)[0]].next_at - clock()) / SECOND

    assert waited <= wait <= waited + 2


@pytest.mark.parametrize(
    ("reply", "error"), [(Reply(drop=True), "the answer broke off"), (Reply(delay=2.5), "no answer within 0.8 s")]
)
def test_no_whole_answer_is_no_yes(store: Store, clock: Clock, web: WebhookSink, reply: Reply, error: str) -> None:
    """The message may have arrived; it is sent again with the same key."""
    queue(store, "hook", 1)
    web.replies = [reply]
    delivery = Delivery([hook(web.url)], store, QUICK)

    assert numbers(delivery.deliver(clock())) == (0, 1, 0)
    assert left(store)[expected("hook", 1)[0]].error == error
    assert numbers(delivery.deliver(clock.advance(10))) == (1, 0, 0)
    assert [got.headers["Idempotency-Key"] for got in web.posts] == expected("hook", 1, 1)


def test_a_message_is_given_up_after_three_days(store: Store, clock: Clock) -> None:
    """Not before, and not without having been tried often enough."""
    queue(store, "hook", 1)
    delivery = Delivery([hook(f"http://{HOST}:{free_port()}/")], store)
    for _ in range(20):
        delivery.deliver(clock())
        clock.advance(600)
    clock.time = left(store)[expected("hook", 1)[0]].created_at + PATIENCE - SECOND
    before = delivery.deliver(clock())
    after = delivery.deliver(clock.advance(601))

    assert numbers(before) == (0, 1, 0)
    assert numbers(after) == (0, 0, 1)
    assert left(store)[expected("hook", 1)[0]].error == "connection refused"


def test_the_agent_was_down_for_longer(store: Store, clock: Clock) -> None:
    """One failed attempt is not enough to give up a message that waited for us, not for its receiver."""
    queue(store, "hook", 1)
    clock.advance(100 * HOUR)
    delivery = Delivery([hook(f"http://{HOST}:{free_port()}/")], store)
    results = [numbers(delivery.deliver(clock.advance(600))) for _ in range(6)]

    assert results == [(0, 1, 0)] * 5 + [(0, 0, 1)]


def test_waits_double_up_to_ten_minutes() -> None:
    """Each a little shorter than the bound, the same for the same message, and different for others."""
    waits = [pause(row(attempts=attempts), Answer("no")) for attempts in range(12)]
    bounds = [min(5 * 2**attempts, 600) for attempts in range(12)]

    assert all(0.8 * bound <= wait <= bound for wait, bound in zip(waits, bounds, strict=True))
    assert waits == [pause(row(attempts=attempts), Answer("no")) for attempts in range(12)]
    assert len({pause(row(alert(number)), Answer("no")) for number in range(5)}) == 5
    assert pause(row(attempts=10**6), Answer("no", wait=1e9)) == LONGEST_WAIT


def test_a_receiver_that_is_configured_no_more(store: Store, clock: Clock, web: WebhookSink) -> None:
    """Its messages are given up with that reason and stay visible; the others go out."""
    queue(store, "old", 1, 2)
    queue(store, "hook", 1)

    assert numbers(Delivery([hook(web.url)], store).deliver(clock())) == (1, 0, 2)
    assert {(one.state, one.error, one.attempts) for one in left(store).values()} == {
        ("failed", "no receiver of this name is configured any more", 0)
    }


def test_a_mark_that_fails_sends_again(
    store: Store, clock: Clock, web: WebhookSink, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As after a crash between the receiver's yes and our note of it: the same key, the same bytes."""
    queue(store, "hook", 1, 2)
    delivery = Delivery([hook(web.url)], store)
    real: Callable[[Connection, int, int], None] = outbox.sent

    def fails(conn: Connection, row_id: int, now: int) -> None:
        real(conn, row_id, now)
        monkeypatch.setattr(outbox, "sent", real)
        raise StoreLocked("busy")

    monkeypatch.setattr(outbox, "sent", fails)
    with pytest.raises(StoreLocked):
        delivery.deliver(clock())
    again = delivery.deliver(clock.advance(1))

    assert numbers(again) == (2, 0, 0)
    assert keys(web) == expected("hook", 1, 1, 2)
    assert web.posts[0].body == web.posts[1].body
    assert left(store) == {}


def test_two_at_once_send_each_message_once(database_url: str, store: Store, clock: Clock, web: WebhookSink) -> None:
    """Two processes on one database: one works, the other has nothing to do."""
    queue(store, "hook", *range(20))
    web.reply = Reply(delay=0.01)
    barrier = threading.Barrier(2)

    def work() -> int:
        with open_store(database_url, clock=clock) as own:
            delivery = Delivery([hook(web.url)], own)
            barrier.wait()
            return sum(delivery.deliver(clock()).sent for _ in range(5))

    with ThreadPoolExecutor(2) as pool:
        sent = [future.result() for future in [pool.submit(work), pool.submit(work)]]

    assert sum(sent) == 20
    assert keys(web) == expected("hook", *range(20))


def test_nothing_is_done_while_another_process_delivers(store: Store, clock: Clock, web: WebhookSink) -> None:
    """Neither sending nor giving up; afterwards it goes on."""
    queue(store, "hook", 1)
    delivery = Delivery([hook(web.url)], store)
    with lease(store, "delivery"):
        assert delivery.deliver(clock()) == Delivered()
    assert web.posts == []
    assert delivery.deliver(clock()).sent == 1


def test_a_long_queue_takes_several_turns(store: Store, clock: Clock, web: WebhookSink) -> None:
    """A receiver whose turn is over goes on in the next, so that the others are looked after in between."""
    queue(store, "hook", *range(5))
    web.reply = Reply(delay=0.2)
    delivery = Delivery([hook(web.url)], store, Limits(turn=0.3))
    first = delivery.deliver(clock()).sent
    web.reply = Reply()
    second = delivery.deliver(clock()).sent

    assert 1 <= first < 5
    assert first + second == 5
    assert keys(web) == expected("hook", *range(5))


def test_a_stopped_delivery_begins_nothing(store: Store, clock: Clock, web: WebhookSink) -> None:
    """What is left waits for the next start."""
    queue(store, "hook", 1)
    delivery = Delivery([hook(web.url)], store)
    delivery.stop()

    assert delivery.deliver(clock()) == Delivered()
    assert len(left(store)) == 1


def test_what_was_sent_is_forgotten_after_a_month(store: Store, clock: Clock, web: WebhookSink) -> None:
    """Also on a day without alerts; what was given up stays."""
    queue(store, "hook", 1, 2)
    web.replies = [Reply(410)]
    delivery = Delivery([hook(web.url)], store)
    delivery.deliver(clock())
    clock.time += KEPT
    delivery.deliver(clock())
    kept = counts(store)
    delivery.deliver(clock.advance(HOUR))

    assert kept == {("hook", "sent"): 1, ("hook", "failed"): 1}
    assert counts(store) == {("hook", "failed"): 1}


@contextmanager
def everything_said(caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]) -> Iterator[list[str]]:
    """All that is logged or printed within."""
    caplog.set_level(logging.DEBUG)
    logging.getLogger("mail.log").setLevel(logging.CRITICAL)  # of our own mail server
    said: list[str] = []
    yield said
    said += [caplog.text, *capfd.readouterr()]


@pytest.mark.parametrize("status", [200, 401, 500])
def test_nothing_secret_is_told(
    store: Store,
    clock: Clock,
    web: WebhookSink,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
    status: int,
) -> None:
    """Not by us, not by the libraries, not in the outbox: no path, no header, no password, no key."""
    where = f"{HOST}:{web.port}"
    routes = [
        hook(f"http://{where}/T0P-s3cret"),
        mail(f"json://me:s3cret-word@{where}/s3cret-path?+Authorization=s3cret-header", "x"),
    ]
    for route in ("hook", "x"):
        queue(store, route, 1)
    web.reply = Reply(status)
    with everything_said(caplog, capfd) as said:
        done = Delivery(routes, store).deliver(clock())

    assert web.posts[0].reply.status == status
    assert sum(numbers(done)) == 2
    told = [*said, repr(done), *(one.error or "" for one in left(store).values())]
    assert [text for text in told if "s3cret" in text or SECRET in text or where in text] == []
