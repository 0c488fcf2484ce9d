"""encryption.app_file_transfer"""

from __future__ import annotations

import pytest

from checks.api import Outcome
from checks.encryption.app_file_transfer import CHECK
from checks.testing import DENIED, fact, judged, outcome
from collectors.facts.apps import AppMaintenance


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (False, Outcome.PASS),
        (True, Outcome.FAIL),
        (DENIED, Outcome.UNKNOWN),
    ],
)
def test_it_is_off(value: object, expected: Outcome) -> None:
    """FTP without TLS shows code and password."""
    assert outcome(CHECK, fact(AppMaintenance, plain_file_transfer=value)) is expected


def test_an_unread_one_is_unknown_and_names_the_operation() -> None:
    """A denied read is never a verdict."""
    (finding,) = judged(CHECK, fact(AppMaintenance))

    assert finding.outcome is Outcome.UNKNOWN
    assert DENIED in finding.unread
    assert "svc:ReadIt" in finding.reason
