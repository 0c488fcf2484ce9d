"""identity.guest_rights"""

from __future__ import annotations

import pytest

from checks.api import Outcome
from checks.identity.guest_rights import CHECK
from checks.testing import DENIED, fact, judged
from collectors.facts.directory import DirectorySettings, GuestView


@pytest.mark.parametrize(
    ("view", "expected", "reason"),
    [
        (GuestView.THEMSELVES, Outcome.PASS, "guests see nothing of the directory but themselves"),
        (GuestView.SOME, Outcome.FAIL, "guests see some of the directory"),
        (GuestView.ALL, Outcome.FAIL, "guests see all that members see"),
    ],
)
def test_only_themselves_pass(view: GuestView, expected: Outcome, reason: str) -> None:
    """The default of a new directory shows too much."""
    (finding,) = judged(CHECK, fact(DirectorySettings, guests_see=view))

    assert (finding.outcome, finding.reason) == (expected, reason)


def test_a_setting_that_was_not_read_is_unknown() -> None:
    """A denied read is never a verdict."""
    (finding,) = judged(CHECK, fact(DirectorySettings))

    assert (finding.outcome, finding.unread) == (Outcome.UNKNOWN, (DENIED,))


def test_a_cloud_without_a_directory_is_not_applicable() -> None:
    """There is nothing to judge."""
    assert judged(CHECK) == []
    assert not any(type_.exists_in("aws") for type_ in CHECK.population)
