"""Traces, for those who run a collector of OpenTelemetry.

Nothing happens unless the `otel` extra is installed and an endpoint is set in the standard variables,
`OTEL_EXPORTER_OTLP_ENDPOINT` or `OTEL_EXPORTER_OTLP_TRACES_ENDPOINT`.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from importlib.metadata import version
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from agent.log import is_secret_name, logger, masked

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import TracerProvider

ENDPOINTS = ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT")
SERVICE = "proofkeep"
_UNNAMED = "unknown_service"
LONGEST = 256
"""Letters of one attribute."""

Note = Callable[..., None]
"""Adds attributes to the span that is under way."""


class _Traces:
    """Where spans go; None while there is nowhere."""

    provider: TracerProvider | None = None


def configure() -> bool:
    """Send spans from now on, if the environment says where to; return whether it does.

    A second call changes nothing.
    """
    if _Traces.provider is not None:
        return True
    disabled = os.environ.get("OTEL_SDK_DISABLED", "").strip().lower() == "true"
    none = os.environ.get("OTEL_TRACES_EXPORTER", "").strip().lower() == "none"
    if disabled or none or not any(os.environ.get(name) for name in ENDPOINTS):
        return False
    if not _installed():
        logger().warning("traces.off", said="an OTLP endpoint is set", fix="pip install 'proofkeep[otel]'")
        return False
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter  # noqa: PLC0415  # an extra
    from opentelemetry.sdk.resources import Resource  # noqa: PLC0415
    from opentelemetry.sdk.trace import TracerProvider  # noqa: PLC0415
    from opentelemetry.sdk.trace.export import BatchSpanProcessor  # noqa: PLC0415

    # The environment may name the service; what is given to `create` would win over it.
    resource = Resource.create({"service.version": version("proofkeep")})
    if str(resource.attributes["service.name"]).startswith(_UNNAMED):
        resource = resource.merge(Resource({"service.name": SERVICE}))
    # Our own provider and not the process-wide one; it is shut down by `shutdown`, which waits no longer than told.
    provider = TracerProvider(resource=resource, shutdown_on_exit=False)
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    _Traces.provider = provider
    return True


@contextmanager
def span(name: str, **attributes: object) -> Iterator[Note]:
    """Time the block as a span; what is yielded adds attributes to it.

    Attributes are short texts and numbers; whatever is named like a secret, or is neither, is left out.  An exception
    marks the span as failed with its type alone, as messages may hold anything.
    """
    provider = _Traces.provider
    if provider is None:
        yield _note_nothing
        return
    from opentelemetry.trace import Status, StatusCode  # noqa: PLC0415

    tracer = provider.get_tracer(SERVICE)
    with tracer.start_as_current_span(
        name, attributes=_shown(attributes), record_exception=False, set_status_on_exception=False
    ) as current:

        def note(**more: object) -> None:
            current.set_attributes(_shown(more))

        try:
            yield note
        except BaseException as error:
            current.set_attribute("error.type", type(error).__name__)
            current.set_status(Status(StatusCode.ERROR, type(error).__name__))
            raise


def shutdown(seconds: float) -> bool:
    """Send what is left, for at most so many seconds; return whether that was enough."""
    provider, _Traces.provider = _Traces.provider, None
    if provider is None:
        return True
    # The SDK's own limits are not kept while a request is being repeated.
    last = threading.Thread(target=provider.shutdown, name="traces", daemon=True)
    last.start()
    last.join(seconds)
    return not last.is_alive()


def _installed() -> bool:
    try:
        return all(find_spec(name) for name in ("opentelemetry.sdk", "opentelemetry.exporter.otlp.proto.http"))
    except ModuleNotFoundError:
        return False


def _note_nothing(**_: object) -> None:
    """Stands in where there is no span."""


def _shown(attributes: Mapping[str, object]) -> dict[str, Any]:
    """What may be told of the attributes."""
    told: dict[str, Any] = {}
    for name, value in attributes.items():
        if is_secret_name(name):
            continue
        if isinstance(value, str):
            told[name] = masked(value)[:LONGEST]
        elif isinstance(value, (bool, int, float)):
            told[name] = value
    return told
