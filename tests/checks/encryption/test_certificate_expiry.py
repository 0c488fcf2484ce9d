"""encryption.certificate_expiry"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from checks.api import Outcome
from checks.encryption.certificate_expiry import CHECK
from checks.testing import DENIED, NOW, fact, judged, outcome
from collectors.facts.data_access import Certificate

FAR, NEAR = NOW + timedelta(days=30, seconds=1), NOW + timedelta(days=30)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"enabled": True, "expires": FAR}, Outcome.PASS),
        ({"enabled": True, "expires": NEAR}, Outcome.FAIL),
        ({"enabled": True, "expires": NOW - timedelta(days=1)}, Outcome.FAIL),
        ({"enabled": DENIED, "expires": FAR}, Outcome.PASS),
        ({"enabled": DENIED, "expires": NEAR}, Outcome.UNKNOWN),
        ({"enabled": False, "expires": DENIED}, Outcome.NOT_APPLICABLE),
        ({"enabled": True, "expires": DENIED}, Outcome.UNKNOWN),
    ],
)
def test_a_certificate_ends_far_ahead(values: dict[str, Any], expected: Outcome) -> None:
    """More than 30 days; one that is switched off may end."""
    assert outcome(CHECK, fact(Certificate, **values)) is expected


def test_the_notice_can_be_changed() -> None:
    """A longer notice fails what the default passes, and the finding names the day."""
    (finding,) = judged(CHECK, fact(Certificate, enabled=True, expires=FAR), notice_days=60)

    assert finding.outcome is Outcome.FAIL
    assert finding.reason == "certificate ends on 2026-07-15, no more than 60 days ahead"


def test_an_unread_certificate_is_unknown_and_names_the_operation() -> None:
    """A denied read is never a verdict."""
    (finding,) = judged(CHECK, fact(Certificate))

    assert finding.outcome is Outcome.UNKNOWN
    assert finding.unread == (DENIED,)
    assert "svc:ReadIt" in finding.reason
