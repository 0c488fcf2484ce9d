"""encryption.listener_tls"""

import pytest

from checks.api import Outcome
from checks.encryption.listener_tls import CHECK
from checks.testing import DENIED, fact, judged, outcome
from collectors.facts.core import Unread
from collectors.facts.network import Listener


def listener(minimum_tls: str | None | Unread = DENIED, protocol: str = "HTTPS") -> Listener:
    """A listener on port 443."""
    return fact(Listener, protocol=protocol, port=443, minimum_tls=minimum_tls)


@pytest.mark.parametrize("protocol", ["HTTPS", "TLS"])
@pytest.mark.parametrize("version", ["1.2", "1.3"])
def test_the_minimum_and_newer_pass(protocol: str, version: str) -> None:
    """TLS 1.2 is new enough."""
    assert outcome(CHECK, listener(version, protocol)) is Outcome.PASS


def test_one_version_older_fails_and_is_named() -> None:
    """TLS 1.1 is too old."""
    (finding,) = judged(CHECK, listener("1.1"))

    assert finding.outcome is Outcome.FAIL
    assert finding.reason == "HTTPS on port 443 accepts TLS 1.1, older than 1.2"


def test_a_tls_listener_without_a_version_fails() -> None:
    """HTTPS without any TLS policy keeps no promise."""
    assert outcome(CHECK, listener(None)) is Outcome.FAIL


def test_versions_compare_as_numbers() -> None:
    """1.10 would be newer than 1.9, which text would deny."""
    assert outcome(CHECK, listener("1.10"), minimum="1.9") is Outcome.PASS


def test_the_minimum_can_be_set() -> None:
    """A company may ask for TLS 1.3."""
    assert outcome(CHECK, listener("1.2"), minimum="1.3") is Outcome.FAIL


@pytest.mark.parametrize("protocol", ["HTTP", "TCP", "UDP", "TCP_UDP", "QUIC", "GENEVE"])
def test_listeners_that_do_not_end_tls_are_not_applicable(protocol: str) -> None:
    """They have no versions to choose."""
    assert outcome(CHECK, listener(None, protocol)) is Outcome.NOT_APPLICABLE


def test_an_unread_version_is_unknown_and_names_the_operation() -> None:
    """A denied read is never a verdict."""
    (finding,) = judged(CHECK, listener())

    assert finding.outcome is Outcome.UNKNOWN
    assert finding.unread == (DENIED,)
    assert "svc:ReadIt" in finding.reason


def test_listeners_that_were_not_told_are_unknown() -> None:
    """A front door whose answer does not tell them may take anything."""
    (finding,) = judged(CHECK, fact(Listener, protocol=DENIED, port=DENIED))

    assert (finding.outcome, finding.unread) == (Outcome.UNKNOWN, (DENIED,))
