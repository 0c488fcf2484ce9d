"""encryption.listener_no_plaintext"""

import pytest

from checks.api import Outcome
from checks.encryption.listener_no_plaintext import CHECK
from checks.testing import DENIED, fact, judged, outcome
from collectors.facts.network import Listener


def test_http_that_only_redirects_passes() -> None:
    """A redirect to HTTPS serves nothing in the clear."""
    assert outcome(CHECK, fact(Listener, protocol="HTTP", port=80, only_redirects_to_tls=True)) is Outcome.PASS


def test_http_that_serves_fails_and_names_the_port() -> None:
    """One rule that answers is enough."""
    (finding,) = judged(CHECK, fact(Listener, protocol="HTTP", port=8080, only_redirects_to_tls=False))

    assert finding.outcome is Outcome.FAIL
    assert finding.reason == "HTTP on port 8080 serves requests without TLS"


@pytest.mark.parametrize("protocol", ["HTTPS", "TLS"])
def test_encrypted_listeners_pass_without_their_rules(protocol: str) -> None:
    """The protocol decides."""
    assert outcome(CHECK, fact(Listener, protocol=protocol, port=443)) is Outcome.PASS


@pytest.mark.parametrize("protocol", ["TCP", "UDP", "TCP_UDP", "QUIC", "GENEVE"])
def test_listeners_that_pass_bytes_through_are_not_applicable(protocol: str) -> None:
    """Whether those bytes are encrypted is for both ends to say."""
    assert outcome(CHECK, fact(Listener, protocol=protocol, port=443)) is Outcome.NOT_APPLICABLE


def test_unread_rules_are_unknown_and_name_the_operation() -> None:
    """A denied read is never a verdict."""
    (finding,) = judged(CHECK, fact(Listener, protocol="HTTP", port=80))

    assert finding.outcome is Outcome.UNKNOWN
    assert finding.unread == (DENIED,)
    assert "svc:ReadIt" in finding.reason


def test_listeners_that_were_not_told_are_unknown() -> None:
    """A front door whose answer does not tell them may serve plain HTTP."""
    (finding,) = judged(CHECK, fact(Listener, protocol=DENIED, port=DENIED))

    assert (finding.outcome, finding.unread) == (Outcome.UNKNOWN, (DENIED,))
