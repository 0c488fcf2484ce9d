"""Where the tests let alerts arrive: a real mail server and a real web server on loopback.

Both keep their port while they are off, so that one receiver can go down and come back.
"""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import default
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

HOST = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class Reply:
    """How the web server answers one request."""

    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    delay: float = 0.0
    """Seconds before anything is said."""
    drop: bool = False
    """Announce more of the body than is sent, and close the connection."""


@dataclass(frozen=True, slots=True)
class Post:
    """One request that arrived."""

    path: str
    headers: Mapping[str, str]
    """As received; names as the sender wrote them."""
    body: bytes
    reply: Reply

    @property
    def json(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body)

    @property
    def accepted(self) -> bool:
        """Whether the sender was told yes."""
        return self.reply.status // 100 == 2 and not self.reply.drop


class WebhookSink:
    """A web server that keeps what is posted to it.

    `replies` are given in turn, one per request, and then `reply`.
    """

    def __init__(self) -> None:
        """Choose a port; nothing answers before `start`."""
        self.port = free_port()
        self.url = f"http://{HOST}:{self.port}/hook"
        self.posts: list[Post] = []
        self.reply = Reply()
        self.replies: list[Reply] = []
        self._guard = threading.Lock()
        self._server: ThreadingHTTPServer | None = None
        self._thread: threading.Thread | None = None

    @property
    def accepted(self) -> list[Post]:
        """The requests that were told yes, in order."""
        return [post for post in self.posts if post.accepted]

    def start(self) -> None:
        """Answer from now on."""
        self._server = _Server((HOST, self.port), _handler(self))
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Refuse connections from now on; what arrived is kept."""
        if self._server is not None and self._thread is not None:
            self._server.shutdown()
            self._server.server_close()
            self._thread.join()
        self._server = self._thread = None

    def took(self, path: str, headers: Mapping[str, str], body: bytes) -> Reply:
        """Keep a request and say how it is answered."""
        with self._guard:
            reply = self.replies.pop(0) if self.replies else self.reply
            self.posts.append(Post(path, headers, body, reply))
        return reply

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()


class _Server(ThreadingHTTPServer):
    """Does not wait for an answer that nobody wants any more."""

    daemon_threads = True
    block_on_close = False

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A sender that hangs up early is part of the tests."""


def _handler(sink: WebhookSink) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
            reply = sink.took(self.path, dict(self.headers.items()), body)
            if reply.delay:
                threading.Event().wait(reply.delay)
            self.send_response(reply.status)
            for name, value in reply.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", "9" if reply.drop else "2")
            self.end_headers()
            self.wfile.write(b"ok")

        def log_message(self, *_: object) -> None:
            """Say nothing on standard error."""

    return Handler


class MailSink:
    """A mail server that keeps what is sent to it."""

    def __init__(self) -> None:
        """Choose a port; nothing answers before `start`."""
        self.port = free_port()
        self.mails: list[EmailMessage] = []
        """What was accepted, in order; the envelope is in `X-Mail-From` and `X-Rcpt-To`."""
        self.refusal = ""
        """Said instead of yes, such as `451 later`."""
        self.refused: set[str] = set()
        """Recipients that do not exist here."""
        self._controller: Controller | None = None

    def url(self, *to: str, options: str = "") -> str:
        """Apprise address of this server, for these recipients."""
        recipients = ",".join(to or ("oncall@example.test",))
        return f"mailto://{HOST}:{self.port}/?from=proofkeep@example.test&to={recipients}&mode=insecure{options}"

    def start(self) -> None:
        """Answer from now on."""
        self._controller = Controller(_Mailbox(self), hostname=HOST, port=self.port)
        self._controller.start()

    def stop(self) -> None:
        """Refuse connections from now on; what arrived is kept."""
        if self._controller is not None:
            self._controller.stop()
        self._controller = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()


class _Mailbox:
    """What the mail server asks at each step."""

    def __init__(self, sink: MailSink) -> None:
        self._sink = sink

    async def handle_RCPT(  # noqa: N802  # the library calls it so
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        if address in self._sink.refused:
            return "550 no such user here"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(  # noqa: N802  # the same
        self, _server: SMTP, _session: Session, envelope: Envelope
    ) -> str:
        if self._sink.refusal:
            return self._sink.refusal
        content = envelope.content
        mail = BytesParser(policy=default).parsebytes(content if isinstance(content, bytes) else b"")
        assert isinstance(mail, EmailMessage)
        mail["X-Mail-From"], mail["X-Rcpt-To"] = envelope.mail_from, ", ".join(envelope.rcpt_tos)
        self._sink.mails.append(mail)
        return "250 OK"


def text_of(mail: EmailMessage) -> str:
    """The plain text of a mail, with the line ends of this program."""
    part = mail.get_body(("plain",))
    assert part is not None
    return str(part.get_content()).replace("\r\n", "\n")


def free_port() -> int:
    """A port of loopback that nobody uses at the moment."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
    return port
