"""encryption.key_vault_recoverable"""

from __future__ import annotations

from typing import Any

import pytest

from checks.api import Outcome
from checks.encryption.key_vault_recoverable import CHECK
from checks.testing import DENIED, fact, judged, outcome
from collectors.facts.data_access import KeyVault


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"recoverable": True, "purge_protected": True}, Outcome.PASS),
        ({"recoverable": True, "purge_protected": False}, Outcome.FAIL),
        ({"recoverable": False, "purge_protected": DENIED}, Outcome.FAIL),
        ({"recoverable": DENIED, "purge_protected": False}, Outcome.FAIL),
        ({"recoverable": True, "purge_protected": DENIED}, Outcome.UNKNOWN),
        ({"recoverable": DENIED, "purge_protected": True}, Outcome.UNKNOWN),
    ],
)
def test_both_protections_are_needed(values: dict[str, Any], expected: Outcome) -> None:
    """One that is known to be missing decides."""
    assert outcome(CHECK, fact(KeyVault, **values)) is expected


def test_an_unread_one_is_unknown_and_names_the_operation() -> None:
    """A denied read is never a verdict."""
    (finding,) = judged(CHECK, fact(KeyVault))

    assert finding.outcome is Outcome.UNKNOWN
    assert DENIED in finding.unread
    assert "svc:ReadIt" in finding.reason
