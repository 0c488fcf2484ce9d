"""identity.guest_inviters"""

from __future__ import annotations

import pytest

from checks.api import Outcome
from checks.identity.guest_inviters import CHECK
from checks.testing import DENIED, fact, judged
from collectors.facts.directory import DirectorySettings, Inviters


@pytest.mark.parametrize(
    ("who", "expected"),
    [
        (Inviters.NOBODY, Outcome.PASS),
        (Inviters.ADMINISTRATORS, Outcome.PASS),
        (Inviters.MEMBERS, Outcome.FAIL),
        (Inviters.EVERYONE, Outcome.FAIL),
    ],
)
def test_only_administrators_pass(who: Inviters, expected: Outcome) -> None:
    """Nobody at all is fine as well."""
    (finding,) = judged(CHECK, fact(DirectorySettings, guests_invited_by=who))

    assert finding.outcome is expected
    assert finding.reason.startswith(f"guests are invited by {who}")


def test_a_setting_that_was_not_read_is_unknown() -> None:
    """A denied read is never a verdict."""
    (finding,) = judged(CHECK, fact(DirectorySettings))

    assert (finding.outcome, finding.unread) == (Outcome.UNKNOWN, (DENIED,))


def test_a_cloud_without_a_directory_is_not_applicable() -> None:
    """There is nothing to judge."""
    assert judged(CHECK) == []
    assert not any(type_.exists_in("aws") for type_ in CHECK.population)
