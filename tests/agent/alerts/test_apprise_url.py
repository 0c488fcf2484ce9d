"""Alerts through Apprise: to a real mail server, and to a web server as one of its services."""

from __future__ import annotations

import pytest

from agent.alerts.delivery import Delivery, check
from agent.alerts.message import Change
from storage import outbox
from storage.engine import Store
from storage.rows import Alerts, Message
from tests.agent.alerts.messages import QUICK, alert, expected, hook, left, mail, message, numbers, queue
from tests.conftest import Clock
from tests.sinks import HOST, MailSink, Reply, WebhookSink, text_of

# Loading Apprise's services touches a module of the standard library that Python 3.13 no longer has.


def test_a_mail_is_plain_text_with_a_subject(store: Store, clock: Clock, post: MailSink) -> None:
    """What a cloud names cannot become markup, a header or a recipient."""
    evil = alert(title="<b>AC-09</b>\r\nBcc: everybody@example.test\r\n\r\nx", owner="<script>alert(1)</script>")
    with store.operate() as conn:
        outbox.queue(conn, clock(), Alerts(messages=[message("mail", evil)]))
    Delivery([mail(post.url())], store).deliver(clock())
    (got,) = post.mails

    assert got.get_content_type() == "text/plain"
    assert got["Subject"] == "[high] <b>AC-09</b> Bcc: everybody@example.test x (prod)"
    assert got["Bcc"] is None
    assert got["X-Rcpt-To"] == "oncall@example.test"
    assert "\nowner: <script>alert(1)</script>\n" in text_of(got)


@pytest.mark.parametrize(
    ("change", "severity", "kind"),
    [
        (Change.OPENED, "critical", "failure"),
        (Change.REMINDER, "high", "failure"),
        (Change.WORSENED, "medium", "warning"),
        (Change.FLAPPING, "low", "warning"),
        (Change.RECOVERED, "critical", "success"),
        (Change.WAIVED, "critical", "info"),
        (Change.NOTICE, "high", "info"),
    ],
)
def test_services_are_told_how_bad_it_is(
    store: Store, clock: Clock, web: WebhookSink, change: Change, severity: str, kind: str
) -> None:
    """As Apprise's own kinds, which become colors and symbols."""
    with store.operate() as conn:
        outbox.queue(conn, clock(), Alerts(messages=[message("x", alert(change=change, severity=severity))]))
    Delivery([mail(f"json://{HOST}:{web.port}/x", "x")], store).deliver(clock())

    assert [got.json["type"] for got in web.accepted] == [kind]


def test_a_message_that_cannot_be_read_is_given_up(store: Store, clock: Clock, post: MailSink) -> None:
    """And does not stop the ones behind it."""
    with store.operate() as conn:
        bad = [
            Message("a@mail", "mail", b"\xff{"),
            Message("b@mail", "mail", b'{"format":1}'),
            message("mail", alert()),
        ]
        outbox.queue(conn, clock(), Alerts(messages=bad))

    assert numbers(Delivery([mail(post.url())], store).deliver(clock())) == (1, 0, 2)
    assert {one.error for one in left(store).values()} == {"the message cannot be read"}


def test_a_mail_server_that_refuses(store: Store, clock: Clock, post: MailSink) -> None:
    """Tried again later."""
    queue(store, "mail", 1)
    post.refusal = "451 come back later"
    delivery = Delivery([mail(post.url())], store)

    assert numbers(delivery.deliver(clock())) == (0, 1, 0)
    assert left(store)[expected("mail", 1)[0]].error == "E-Mail did not take it"
    post.refusal = ""
    assert numbers(delivery.deliver(clock.advance(6))) == (1, 0, 0)
    assert len(post.mails) == 1


def test_some_recipients_are_told_and_others_refused(store: Store, clock: Clock, post: MailSink) -> None:
    """Nobody who knows is told again: the message is given up, visibly."""
    queue(store, "mail", 1)
    post.refused = {"gone@example.test"}
    Delivery([mail(post.url("oncall@example.test", "gone@example.test"))], store).deliver(clock())
    (parked,) = left(store).values()

    assert parked.state == "failed"
    assert parked.error == "E-Mail was taken by some of its recipients and refused by others"
    assert len(post.mails) == 1


@pytest.mark.parametrize(
    ("reply", "state", "error"),
    [
        (Reply(404), "failed", "JSON answered 404"),
        (Reply(429), "pending", "JSON answered 429"),
        (Reply(503), "pending", "JSON answered 503"),
        (Reply(302, {"Location": "/elsewhere"}), "pending", "JSON answered 302"),
        (Reply(delay=2.5), "pending", "JSON did not take it"),
    ],
)
def test_what_a_service_answers(  # a service of Apprise that talks to a web server of ours
    store: Store, clock: Clock, web: WebhookSink, reply: Reply, state: str, error: str
) -> None:
    """Its status decides, as with a webhook."""
    queue(store, "x", 1)
    web.replies = [reply]
    Delivery([mail(f"json://{HOST}:{web.port}/x", "x")], store, QUICK).deliver(clock())
    (one,) = left(store).values()

    assert (one.state, one.error) == (state, error)
    assert len(web.posts) == 1


def test_an_address_that_apprise_does_not_understand(store: Store, clock: Clock) -> None:
    """Named by `check` before anything is sent, without the address; given up when it comes to sending."""
    wrong = [mail("nosuch://hunter2@host", "a"), mail("slack://hunter2", "b"), mail("not a url hunter2", "c")]
    queue(store, "a", 1)
    done = Delivery(wrong, store).deliver(clock())

    assert [line.split(":")[1].strip() for line in check([*wrong, hook("http://127.0.0.1:1/")])] == ["a", "b", "c"]
    assert "hunter2" not in " ".join(check(wrong))
    assert numbers(done) == (0, 0, 1)
    assert left(store)[expected("a", 1)[0]].error == "Apprise does not understand its url"


@pytest.mark.parametrize(
    "url",
    [
        "slack://T12345678/B12345678/abcdefghijklmnopqrstuvwx/#ops",
        "mailto://user:password@example.test",
        "pagerduty://integration@api-key",
        "workflows://host.example.test/workflow/signature",
        "discord://webhook_id/webhook_token",
        "jsons://example.test/x",
    ],
)
def test_addresses_that_can_be_used(url: str) -> None:
    """Nothing is sent and nothing complained about."""
    assert check([mail(url)]) == []
