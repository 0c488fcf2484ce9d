"""encryption.dns_signed"""

from __future__ import annotations

from typing import Any

import pytest

from checks.api import Outcome
from checks.encryption.dns_signed import CHECK
from checks.testing import DENIED, fact, judged, outcome
from collectors.facts.network import DnsZone


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"public": True, "signed": True}, Outcome.PASS),
        ({"signed": True}, Outcome.PASS),
        ({"public": True, "signed": False}, Outcome.FAIL),
        ({"public": False, "signed": False}, Outcome.NOT_APPLICABLE),
        ({"public": False}, Outcome.NOT_APPLICABLE),
        ({"public": True}, Outcome.UNKNOWN),
        ({"signed": False}, Outcome.UNKNOWN),
    ],
)
def test_public_zones_are_signed(values: dict[str, Any], expected: Outcome) -> None:
    """Nobody outside asks a private one."""
    assert outcome(CHECK, fact(DnsZone, **values)) is expected


def test_what_was_not_read_is_named() -> None:
    """A denied read is never a verdict."""
    (finding,) = judged(CHECK, fact(DnsZone, public=True))

    assert finding.unread == (DENIED,)
