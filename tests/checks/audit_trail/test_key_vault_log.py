"""audit_trail.key_vault_log"""

from __future__ import annotations

import pytest

from checks.api import Outcome
from checks.audit_trail.key_vault_log import CHECK
from checks.testing import DENIED, fact, judged, outcome
from collectors.facts.data_access import KeyVault


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("workspace", Outcome.PASS),
        (None, Outcome.FAIL),
    ],
)
def test_the_setting_decides(value: object, expected: Outcome) -> None:
    """Each answer has its outcome."""
    assert outcome(CHECK, fact(KeyVault, audit_log_to=value)) is expected


def test_an_unread_one_is_unknown_and_names_the_operation() -> None:
    """A denied read is never a verdict."""
    (finding,) = judged(CHECK, fact(KeyVault))

    assert finding.outcome is Outcome.UNKNOWN
    assert DENIED in finding.unread
    assert "svc:ReadIt" in finding.reason
