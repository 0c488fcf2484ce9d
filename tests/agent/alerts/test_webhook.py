"""The signed webhook, posted to a real web server."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest
from pydantic import SecretStr

from agent.alerts.answer import YES, Answer
from agent.alerts.message import Alert
from agent.alerts.webhook import Webhook, sign, verify_signature
from tests.agent.alerts.messages import OPENED, QUICK, SECRET, row
from tests.conftest import JANUARY
from tests.sinks import HOST, Reply, WebhookSink, free_port

NOW = JANUARY // 1_000_000


def post(url: str, key: str | None = None) -> Answer:
    """Post one alert at the start of 2026."""
    given = row() if key is None else row(key=key)
    return Webhook(SecretStr(url), SecretStr(SECRET), QUICK)(given, JANUARY + 999_999)


def test_a_message_arrives_whole_and_signed(web: WebhookSink) -> None:
    """The stored bytes, and the headers that the documentation promises."""
    assert post(web.url) == YES
    (got,) = web.posts

    assert got.path == "/hook"
    assert got.body == row().payload
    assert Alert.from_json(got.json) == OPENED
    assert got.headers["Content-Type"] == "application/json"
    assert got.headers["User-Agent"].partition("/")[0] == "proofkeep"
    assert got.headers["Idempotency-Key"] == "controls/prod/AC-09/1@hook"
    assert got.headers["Proofkeep-Timestamp"] == str(NOW)
    assert verify_signature(SECRET, got.headers, got.body, NOW)


def test_the_signature_is_the_documented_one() -> None:
    """HMAC-SHA256 as computed by another program."""
    # printf '1767225600.{"a":1}' | openssl dgst -sha256 -hmac key
    assert sign("key", NOW, b'{"a":1}') == "v1=80f7b75f8618b9b24d72673996a625f1a43f7387a26b6739d667431724fe4d23"


@pytest.mark.parametrize(
    ("secret", "changed", "body", "now", "genuine"),
    [
        (SECRET, {}, b"{}", NOW, True),
        (SECRET, {}, b"{}", NOW + 300, True),
        (SECRET, {}, b"{}", NOW - 300, True),
        (SECRET, {}, b"{}", NOW + 301, False),
        (SECRET, {}, b"{}", NOW - 301, False),
        ("another", {}, b"{}", NOW, False),
        (SECRET, {}, b"{} ", NOW, False),
        (SECRET, {"proofkeep-timestamp": str(NOW + 1)}, b"{}", NOW, False),
        (SECRET, {"proofkeep-timestamp": f"+{NOW}"}, b"{}", NOW, False),
        (SECRET, {"proofkeep-timestamp": ""}, b"{}", NOW, False),
        (SECRET, {"proofkeep-signature": ""}, b"{}", NOW, False),
        (SECRET, {"proofkeep-signature": "v1=ümläut"}, b"{}", NOW, False),
    ],
)
def test_only_genuine_messages_verify(
    secret: str,
    changed: dict[str, str],
    body: bytes,
    now: int,
    genuine: bool,
) -> None:
    """Not with another secret, body or time, nor long afterwards, nor with headers that make no sense."""
    headers = {"proofkeep-timestamp": str(NOW), "proofkeep-signature": sign(SECRET, NOW, b"{}"), **changed}

    assert verify_signature(secret, headers, body, now) is genuine


def test_a_message_without_our_headers_is_not_genuine() -> None:
    """Nothing is assumed."""
    assert not verify_signature(SECRET, {}, b"{}", NOW)


@pytest.mark.parametrize(
    ("key", "header"), [("a/1@größe", "a/1@gr%C3%B6%C3%9Fe"), ("100%\r\nX: y", "100%25%0D%0AX: y"), ("a b@c", "a b@c")]
)
def test_any_key_fits_into_a_header(web: WebhookSink, key: str, header: str) -> None:
    """What is not printable ASCII is percent-encoded, so that no name can add a header."""
    assert post(web.url, key) == YES
    assert web.posts[0].headers["Idempotency-Key"] == header
    assert "X" not in web.posts[0].headers


@pytest.mark.parametrize("status", [200, 201, 202, 204])
def test_all_of_the_200s_mean_yes(web: WebhookSink, status: int) -> None:
    """Whatever the receiver prefers."""
    web.reply = Reply(status)

    assert post(web.url) == YES


@pytest.mark.parametrize("status", [408, 425, 429, 500, 502, 503, 504])
def test_not_now(web: WebhookSink, status: int) -> None:
    """Worth another attempt."""
    web.reply = Reply(status)

    assert post(web.url) == Answer(f"answered {status}")


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410, 413, 422])
def test_never(web: WebhookSink, status: int) -> None:
    """A refused secret, a hook that is gone: another attempt is of no use."""
    web.reply = Reply(status)

    assert post(web.url) == Answer(f"answered {status}", permanent=True)


def test_a_redirect_is_not_followed(web: WebhookSink) -> None:
    """The message goes where the configuration says and nowhere else."""
    with WebhookSink() as elsewhere:
        web.reply = Reply(307, {"Location": elsewhere.url})

        assert post(web.url) == Answer("answered 307, a redirect, which is not followed")
        assert elsewhere.posts == []


@pytest.mark.parametrize(
    ("headers", "wait"),
    [
        ({"Retry-After": "120"}, 120),
        ({"Retry-After": "Thu, 01 Jan 2026 00:05:00 GMT"}, 300),
        ({"Retry-After": "Thu, 01 Jan 2026 00:05:00 GMT", "Date": "Thu, 01 Jan 2026 00:04:30 GMT"}, 30),
        ({"Retry-After": "Wed, 31 Dec 2025 00:00:00 GMT"}, 0),
        ({"Retry-After": "soon"}, 0),
        ({"Retry-After": "-5"}, 0),
        ({"Retry-After": "1e9"}, 0),
        ({}, 0),
    ],
)
def test_the_receiver_may_ask_for_patience(headers: dict[str, str], wait: float) -> None:
    """In seconds or as a date by its own clock; what cannot be read is ignored."""
    with _Dateless() as web:
        web.reply = Reply(429, headers)

        assert post(web.url) == Answer("answered 429", wait=wait)


class _Dateless(WebhookSink):
    """Tells its time only when the reply does."""

    def start(self) -> None:
        """Answer without the library's own date."""
        super().start()
        assert self._server is not None
        handler = self._server.RequestHandlerClass

        def send_response(this: object, code: int, _message: str | None = None) -> None:
            this.send_response_only(code)  # type: ignore[attr-defined]  # of the library's handler

        handler.send_response = send_response  # type: ignore[attr-defined]  # the same


def test_a_slow_receiver_is_not_waited_for(web: WebhookSink) -> None:
    """Within the limit or not at all."""
    web.reply = Reply(delay=2.5)

    assert post(web.url) == Answer("no answer within 0.8 s")


def test_an_answer_that_breaks_off_is_no_yes(web: WebhookSink) -> None:
    """Somebody in between may have begun it."""
    web.reply = Reply(drop=True)

    assert post(web.url) == Answer("the answer broke off")


def test_nobody_listens() -> None:
    """The system's word for it, without the address."""
    assert post(f"http://{HOST}:{free_port()}/hook") == Answer("connection refused")


def test_a_name_that_does_not_resolve() -> None:
    """May be mended, so it is tried again."""
    assert post("http://nobody.invalid/hook") == Answer("its name does not resolve")


def test_a_receiver_without_tls(web: WebhookSink) -> None:
    """No certificate, no message."""
    assert post(web.url.replace("http:", "https:")) == Answer("no trusted connection (TLS)")
    assert web.posts == []


@pytest.mark.parametrize("url", ["http://127.0.0.1:99999/x", f"http://{'a' * 70}.test/", "http://:80/", "gopher://x/"])
def test_an_address_that_cannot_be_used(url: str) -> None:
    """Trying again would not mend it."""
    assert post(url) == Answer("the address cannot be used", permanent=True)


def test_passwords_for_that_host_stay_here(web: WebhookSink, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The machine's own password file is not the webhook's business."""
    (tmp_path / "netrc").write_text(f"machine {HOST} login me password hunter2\n")
    (tmp_path / "netrc").chmod(0o600)
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    post(web.url)

    assert "Authorization" not in web.posts[0].headers


def test_nothing_secret_is_logged(web: WebhookSink, caplog: pytest.LogCaptureFixture) -> None:
    """Neither the path, which often is a secret, nor the key; not even when everything is logged."""
    caplog.set_level(logging.DEBUG)
    url = web.url.replace("/hook", "/T0P/s3cret")
    for reply in (Reply(), Reply(503), Reply(drop=True), Reply(302, {"Location": "/T0P/s3cret"})):
        web.reply = reply
        answer = post(url)
        assert "s3cret" not in answer.error

    assert len(web.posts) == 4
    assert "s3cret" not in caplog.text
    assert SECRET not in caplog.text
