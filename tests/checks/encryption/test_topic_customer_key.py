"""encryption.topic_customer_key"""

from __future__ import annotations

import pytest

from checks.api import Outcome
from checks.encryption.topic_customer_key import CHECK
from checks.testing import DENIED, fact, judged, outcome
from collectors.facts.stores import Topic


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        ("projects/p/locations/eu/keyRings/r/cryptoKeys/k", Outcome.PASS),
        ("https://vault.example/keys/k", Outcome.PASS),
        ("Google-managed key", Outcome.FAIL),
        ("Microsoft-managed key", Outcome.FAIL),
        ("alias/aws/sns", Outcome.FAIL),
        (None, Outcome.FAIL),
    ],
)
def test_only_a_key_of_the_company_passes(key: str | None, expected: Outcome) -> None:
    """A provider's own key is none, by whatever name."""
    assert outcome(CHECK, fact(Topic, encryption_key=key)) is expected


def test_an_unread_topic_is_unknown_and_names_the_operation() -> None:
    """A denied read is never a verdict."""
    (finding,) = judged(CHECK, fact(Topic))

    assert finding.outcome is Outcome.UNKNOWN
    assert finding.unread == (DENIED,)
