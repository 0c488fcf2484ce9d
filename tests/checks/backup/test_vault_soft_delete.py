"""backup.vault_soft_delete"""

from __future__ import annotations

import pytest

from checks.api import Outcome
from checks.backup.vault_soft_delete import CHECK
from checks.testing import DENIED, fact, judged, outcome
from collectors.facts.recovery import BackupVault


@pytest.mark.parametrize(
    ("days", "expected"),
    [(14, Outcome.PASS), (13, Outcome.FAIL), (0, Outcome.FAIL), (None, Outcome.NOT_APPLICABLE)],
)
def test_deleted_backups_are_kept_for_two_weeks(days: int | None, expected: Outcome) -> None:
    """None means that the service has no such setting."""
    assert outcome(CHECK, fact(BackupVault, deleted_kept_days=days)) is expected


def test_the_shortest_time_can_be_changed() -> None:
    """A longer promise fails what the default passes."""
    assert outcome(CHECK, fact(BackupVault, deleted_kept_days=14), minimum_days=30) is Outcome.FAIL


def test_an_unread_one_is_unknown_and_names_the_operation() -> None:
    """A denied read is never a verdict."""
    (finding,) = judged(CHECK, fact(BackupVault, deleted_kept_days=DENIED))

    assert finding.outcome is Outcome.UNKNOWN
    assert DENIED in finding.unread
    assert "svc:ReadIt" in finding.reason
