"""Where the alerts of these tests arrive."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.sinks import MailSink, WebhookSink


@pytest.fixture
def web() -> Iterator[WebhookSink]:
    """A web server that says yes."""
    with WebhookSink() as sink:
        yield sink


@pytest.fixture
def post() -> Iterator[MailSink]:
    """A mail server that says yes."""
    with MailSink() as sink:
        yield sink
