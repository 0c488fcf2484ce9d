"""Traces: real spans, sent over HTTP to a sink on loopback, and nothing at all when nobody asked for them."""

from __future__ import annotations

import gzip
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from agent import telemetry
from agent.telemetry import configure, shutdown, span
from tests.house.tree import ROOT


@dataclass
class Sink:
    """A collector of OpenTelemetry that keeps what it gets."""

    port: int = 0
    status: int = 200
    delay: float = 0.0
    paths: list[str] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)

    def spans(self) -> dict[str, Any]:
        """Each span by its name."""
        return {
            one.name: one
            for body in self.bodies
            for resource in ExportTraceServiceRequest.FromString(body).resource_spans
            for scope in resource.scope_spans
            for one in scope.spans
        }

    def resource(self) -> dict[str, str]:
        """What is said of the process."""
        (resource,) = ExportTraceServiceRequest.FromString(self.bodies[0]).resource_spans
        return {one.key: one.value.string_value for one in resource.resource.attributes}


def attributes(one: Any) -> dict[str, object]:
    """Of a span."""
    return {each.key: getattr(each.value, each.value.WhichOneof("value")) for each in one.attributes}


@pytest.fixture
def sink() -> Iterator[Sink]:
    """Listening."""
    kept = Sink()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            time.sleep(kept.delay)
            kept.paths.append(self.path)
            kept.bodies.append(gzip.decompress(body) if self.headers.get("Content-Encoding") == "gzip" else body)
            self.send_response(kept.status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    kept.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    yield kept
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture(autouse=True)
def _clean(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """No setting of the machine, and no provider from the test before."""
    for name in (*telemetry.ENDPOINTS, "OTEL_SDK_DISABLED", "OTEL_TRACES_EXPORTER", "OTEL_SERVICE_NAME"):
        monkeypatch.delenv(name, raising=False)
    yield
    shutdown(5)


@pytest.fixture
def endpoint(sink: Sink, monkeypatch: pytest.MonkeyPatch) -> Sink:
    """The sink, set in the environment."""
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", f"http://127.0.0.1:{sink.port}")
    return sink


def test_spans_arrive_with_their_family(endpoint: Sink) -> None:
    """Inner spans name the outer one, and attributes come along, those of the end too."""
    assert configure()
    with span("run", target="prod", slot=7) as note:
        with span("seal"):
            pass
        note(status="complete", calls=3, share=0.5, scheduled=True)
    assert shutdown(5)

    found = endpoint.spans()
    assert endpoint.paths == ["/v1/traces"]
    assert found["seal"].parent_span_id == found["run"].span_id
    assert attributes(found["run"]) == {
        "target": "prod", "slot": 7, "status": "complete", "calls": 3, "share": 0.5, "scheduled": True,
    }  # fmt: skip
    assert found["run"].end_time_unix_nano >= found["run"].start_time_unix_nano


def test_the_service_is_named(endpoint: Sink) -> None:
    """It is ours unless the environment says otherwise."""
    assert configure()
    with span("run"):
        pass
    shutdown(5)

    assert endpoint.resource()["service.name"] == "proofkeep"
    assert endpoint.resource()["service.version"]


@pytest.mark.parametrize(
    "variable", [("OTEL_SERVICE_NAME", "evidence-eu"), ("OTEL_RESOURCE_ATTRIBUTES", "service.name=evidence-eu")]
)
def test_the_operator_names_the_service(
    endpoint: Sink, monkeypatch: pytest.MonkeyPatch, variable: tuple[str, str]
) -> None:
    """Both standard variables win over our name."""
    monkeypatch.setenv(*variable)
    assert configure()
    with span("run"):
        pass
    shutdown(5)

    assert endpoint.resource()["service.name"] == "evidence-eu"


def test_the_variable_for_traces_alone(sink: Sink, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its address is taken as it is."""
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", f"http://127.0.0.1:{sink.port}/mine")
    assert configure()
    with span("run"):
        pass
    shutdown(5)

    assert sink.paths == ["/mine"]


@pytest.mark.parametrize(
    "variables", [{"OTEL_SDK_DISABLED": "true"}, {"OTEL_SDK_DISABLED": "TRUE"}, {"OTEL_TRACES_EXPORTER": "none"}]
)
def test_switched_off(endpoint: Sink, monkeypatch: pytest.MonkeyPatch, variables: dict[str, str]) -> None:
    """An endpoint for other programs does not make us talk."""
    for name, value in variables.items():
        monkeypatch.setenv(name, value)

    assert not configure()
    with span("run") as note:
        note(status="complete")
    shutdown(5)
    assert endpoint.bodies == []


def test_without_an_endpoint_nothing_is_loaded() -> None:
    """No endpoint, no import, no thread; spans cost next to nothing."""
    code = (
        "import sys, threading; from agent.telemetry import *\n"
        "assert not configure()\n"
        "with span('run', a=1) as note: note(b=2)\n"
        "assert shutdown(1)\n"
        "print(sorted(name for name in sys.modules if name.startswith('opentelemetry')), threading.active_count())"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True, env={})

    assert done.stdout == "[] 1\n"


def test_without_the_extra_it_says_so_and_goes_on() -> None:
    """An endpoint is set and the SDK is missing: one line that says what to install."""
    code = (
        "import sys\n"
        "class Missing:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        "        if name.partition('.')[0] == 'opentelemetry': raise ModuleNotFoundError(name)\n"
        "sys.meta_path.insert(0, Missing())\n"
        "from agent import log, telemetry; from agent.sections import Logs\n"
        "log.configure(Logs(format='console'))\n"
        "assert not telemetry.configure()\n"
        "with telemetry.span('run'): print('went on')"
    )
    given = {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:1"}
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True, env=given)

    assert done.stdout == "went on\n"
    assert "traces.off" in done.stderr
    assert "pip install 'proofkeep[otel]'" in done.stderr


def test_no_secret_and_no_body_leaves(endpoint: Sink) -> None:
    """Neither in attributes nor in an exception, whose type alone is told."""
    assert configure()
    secret = "hunter2"  # made up
    with pytest.raises(ValueError, match=secret):
        _fail(secret)
    shutdown(5)

    found = endpoint.spans()["run"]
    assert attributes(found) == {"where": "postgresql://***@db/p", "error.type": "ValueError"}
    assert (found.status.code, found.status.message) == (2, "ValueError")
    assert list(found.events) == []
    assert all(secret.encode() not in body for body in endpoint.bodies)


def _fail(secret: str) -> None:
    url = f"postgresql://keeper:{secret}@db/p"
    with span("run", password=secret, where=url, body=secret.encode(), document={"a": secret}, rows=[secret]):
        raise ValueError(secret)


def test_a_second_configure_changes_nothing(endpoint: Sink) -> None:
    """One provider, so each span is sent once."""
    assert configure()
    assert configure()
    with span("run"):
        pass
    shutdown(5)

    assert len(endpoint.bodies) == 1


@pytest.mark.parametrize("trouble", ["slow", "refusing"])
def test_the_end_waits_no_longer_than_told(endpoint: Sink, trouble: str) -> None:
    """A collector that is slow, or says try again, does not hold up the end of the process."""
    endpoint.delay, endpoint.status = (3.0, 200) if trouble == "slow" else (0.0, 503)
    assert configure()
    with span("run"):
        pass
    began = time.monotonic()
    done = shutdown(0.5)

    assert time.monotonic() - began < 2
    assert not done
    for thread in threading.enumerate():
        if thread.name == "traces":
            thread.join(20)


def test_after_the_end_spans_are_nothing(endpoint: Sink) -> None:
    """A straggler neither fails nor sends."""
    assert configure()
    shutdown(5)
    with span("late") as note:
        note(a=1)
    shutdown(5)

    assert endpoint.bodies == []
