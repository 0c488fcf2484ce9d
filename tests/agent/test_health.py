"""The port for those who watch: real requests over a real socket."""

from __future__ import annotations

import socket
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest

from agent import health
from agent.errors import OperatorError
from agent.health import Health


@dataclass
class Agent:
    """What the port tells about; the tests change it."""

    live: str | None = None
    ready: str | None = None
    metrics: bytes = b"proofkeep_leader 1.0\n"
    faults: list[Exception] = field(default_factory=list)

    def serve(self, listen: str) -> Health:
        """Open a port."""
        return Health(listen, lambda: self.live, lambda: self.ready, self.text)

    def text(self) -> bytes:
        """The metrics, or the fault that a test planted."""
        if self.faults:
            raise self.faults.pop()
        return self.metrics


@dataclass
class Answer:
    """What came back."""

    status: int
    body: str
    headers: dict[str, str]


def ask(port: int, path: str, method: str = "GET", host: str = "127.0.0.1") -> Answer:
    """One request."""
    request = urllib.request.Request(f"http://{host}:{port}{path}", method=method)
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310  # always http
            return Answer(answer.status, answer.read().decode(), dict(answer.headers))
    except urllib.error.HTTPError as error:
        with error:
            return Answer(error.code, error.read().decode(), dict(error.headers))


@pytest.fixture
def agent() -> Agent:
    """A process that is well."""
    return Agent()


@pytest.fixture
def port(agent: Agent) -> Iterator[int]:
    """Where it listens."""
    server = agent.serve("127.0.0.1:0")
    yield server.port
    server.close()


def test_well(port: int) -> None:
    """Both probes answer 200 and ok."""
    assert [(ask(port, path).status, ask(port, path).body) for path in ("/healthz", "/readyz")] == [(200, "ok\n")] * 2


def test_alive_but_not_ready(agent: Agent, port: int) -> None:
    """Each probe asks its own question, and says in one line why not."""
    agent.ready = "the database does not answer"

    assert ask(port, "/healthz").status == 200
    assert (ask(port, "/readyz").status, ask(port, "/readyz").body) == (503, "the database does not answer\n")

    agent.live, agent.ready = "no look at the schedule for 61 s", None

    assert (ask(port, "/healthz").status, ask(port, "/healthz").body) == (503, "no look at the schedule for 61 s\n")
    assert ask(port, "/readyz").status == 200


def test_metrics(port: int) -> None:
    """The text as it is, with the type that Prometheus asks for."""
    answer = ask(port, "/metrics?name=x")

    assert (answer.status, answer.body) == (200, "proofkeep_leader 1.0\n")
    assert answer.headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"


@pytest.mark.parametrize("path", ["/", "/metrics/", "/healthz/../metrics", "/..%2f..%2fetc/passwd", "/favicon.ico"])
def test_nothing_else_is_there(port: int, path: str) -> None:
    """No listing, no file, no normalized path."""
    assert (ask(port, path).status, ask(port, path).body) == (404, "not found\n")


@pytest.mark.parametrize("path", ["/healthz", "/metrics", "/nothing"])
def test_head_is_get_without_the_body(port: int, path: str) -> None:
    """The same status and headers."""
    head, get = ask(port, path, "HEAD"), ask(port, path)

    assert (head.status, head.headers, head.body) == (get.status, get.headers, "")


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS", "NONSENSE"])
def test_nothing_can_be_sent(port: int, method: str) -> None:
    """Only reading is allowed."""
    answer = ask(port, "/metrics", method)

    assert (answer.status, answer.body, answer.headers["Allow"]) == (405, "", "GET, HEAD")


@pytest.mark.parametrize(
    "request_line", [b"GET /healthz HTTP/1.1", b"GET /nothing HTTP/1.1", b"rubbish", b"X / HTTP/1"]
)
def test_no_answer_names_the_software(port: int, request_line: bytes) -> None:
    """Whatever is asked, there is no Server header and no version of Python."""
    with socket.create_connection(("127.0.0.1", port), timeout=10) as client:
        client.sendall(request_line + b"\r\n\r\n")
        answer = b"".join(iter(lambda: client.recv(4096), b""))

    assert answer
    assert b"server:" not in answer.lower()
    assert b"python" not in answer.lower()


def test_a_fault_in_the_metrics_ends_neither_port_nor_probe(agent: Agent, port: int) -> None:
    """The request gets no answer, the next one does."""
    agent.faults.append(ValueError("planted"))
    with pytest.raises((urllib.error.URLError, ConnectionError)):
        ask(port, "/metrics")

    assert ask(port, "/metrics").status == 200


def test_a_silent_client_is_let_go(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """A connection that says nothing is closed."""
    monkeypatch.setattr(health._Handler, "timeout", 0.2)
    with socket.create_connection(("127.0.0.1", port), timeout=10) as client:
        client.sendall(b"GET /heal")
        assert client.recv(100) == b""


def test_a_slow_client_is_cut_off(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """A letter now and then does not keep a connection open for ever."""
    monkeypatch.setattr(health, "LONGEST", 0.5)
    with socket.create_connection(("127.0.0.1", port), timeout=10) as client:
        client.settimeout(0.1)
        for _ in range(200):
            try:
                client.sendall(b"G")
                if client.recv(100) == b"":
                    return
            except TimeoutError:
                continue
            except ConnectionError:
                return
    pytest.fail("still open after 20 s")


def test_one_connection_too_many_is_closed_and_room_comes_back(port: int) -> None:
    """Few threads are at work at once, however many connect."""
    idle = [socket.create_connection(("127.0.0.1", port), timeout=10) for _ in range(health.ATONCE)]
    try:
        time.sleep(0.5)
        with socket.create_connection(("127.0.0.1", port), timeout=2) as surplus:
            assert surplus.recv(100) == b""
    finally:
        for client in idle:
            client.close()
    for _ in range(50):
        try:
            assert ask(port, "/healthz").status == 200
        except (urllib.error.URLError, ConnectionError):
            time.sleep(0.1)
        else:
            return
    pytest.fail("no room came back")


def test_a_port_in_use_is_one_line(agent: Agent, port: int) -> None:
    """It says which setting, what is wrong and what to do."""
    with pytest.raises(OperatorError) as caught:
        agent.serve(f"127.0.0.1:{port}")

    assert str(caught.value) == (
        f'[daemon] listen = "127.0.0.1:{port}": another program listens there; write another host:port, or "" for none'
    )


@pytest.mark.parametrize("listen", ["192.0.2.1:9464", "no-such-host.invalid:9464"])
def test_an_address_that_is_not_ours_is_one_line(agent: Agent, listen: str) -> None:
    """The operator reads which address it was, and no traceback."""
    with pytest.raises(OperatorError) as caught:
        agent.serve(listen)

    assert listen in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_closed_port_is_free(agent: Agent) -> None:
    """After `close` nobody listens there, and the next one can."""
    first = agent.serve("127.0.0.1:0")
    assert ask(first.port, "/healthz").status == 200
    first.close()
    with pytest.raises(urllib.error.URLError):
        ask(first.port, "/healthz")

    second = agent.serve(f"127.0.0.1:{first.port}")
    try:
        assert ask(second.port, "/healthz").status == 200
    finally:
        second.close()


@pytest.mark.skipif(not socket.has_ipv6, reason="this Python has no IPv6")
def test_an_address_of_ipv6(agent: Agent) -> None:
    """Brackets are understood."""
    try:
        probe = socket.create_server(("::1", 0), family=socket.AF_INET6)
    except OSError:
        pytest.skip("this machine has no IPv6 loopback")
    probe.close()
    server = agent.serve("[::1]:0")
    try:
        assert ask(server.port, "/healthz", host="[::1]").status == 200
    finally:
        server.close()
