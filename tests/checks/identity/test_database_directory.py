"""identity.database_directory"""

from __future__ import annotations

import pytest

from checks.api import Outcome
from checks.identity.database_directory import CHECK
from checks.testing import DENIED, fact, judged, outcome
from collectors.facts.data_access import DatabaseSignIn


@pytest.mark.parametrize(
    ("directory", "passwords", "expected"),
    [
        (True, False, Outcome.PASS),
        (True, True, Outcome.PASS),
        (True, DENIED, Outcome.PASS),
        (False, True, Outcome.FAIL),
        (DENIED, False, Outcome.UNKNOWN),
    ],
)
def test_the_directory_has_to_be_known(directory: object, passwords: object, expected: Outcome) -> None:
    """Passwords beside it do not fail."""
    server = fact(DatabaseSignIn, engine="x", directory=directory, passwords=passwords)

    assert outcome(CHECK, server) is expected


def test_passwords_beside_the_directory_are_told() -> None:
    """Whoever reads the finding sees that there is another way in."""
    (finding,) = judged(CHECK, fact(DatabaseSignIn, engine="x", directory=True, passwords=True))

    assert finding.reason == "x server knows people of the directory, beside passwords of its own"


def test_an_unread_one_is_unknown_and_names_the_operation() -> None:
    """A denied read is never a verdict."""
    (finding,) = judged(CHECK, fact(DatabaseSignIn, engine="x"))

    assert finding.outcome is Outcome.UNKNOWN
    assert DENIED in finding.unread
    assert "svc:ReadIt" in finding.reason
