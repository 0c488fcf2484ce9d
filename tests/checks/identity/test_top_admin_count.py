"""identity.top_admin_count"""

from __future__ import annotations

from typing import Any

import pytest

from checks.api import Outcome
from checks.identity.top_admin_count import CHECK
from checks.testing import DENIED, fact, judged, outcome
from collectors.facts.directory import AdminRole


def role(standing: Any, *, highest: bool = True) -> AdminRole:
    """A role with these holders; a hundred more may ask for it."""
    return fact(AdminRole, "Top", highest=highest, standing=standing, eligible=tuple(map(str, range(100))))


@pytest.mark.parametrize(
    ("count", "expected"),
    [(0, Outcome.FAIL), (1, Outcome.FAIL), (2, Outcome.PASS), (4, Outcome.PASS), (5, Outcome.FAIL)],
)
def test_from_two_to_four_people_pass(count: int, expected: Outcome) -> None:
    """Both ends count; those who must ask first do not."""
    assert outcome(CHECK, role(tuple("abcde"[:count]))) is expected


def test_a_reason_holds_the_number() -> None:
    """An auditor can quote it."""
    (finding,) = judged(CHECK, role(tuple("abcde")))

    assert finding.reason == "people who hold Top all the time: 5, more than 4"


def test_other_roles_may_have_as_many_as_they_like() -> None:
    """Only the highest one is judged."""
    assert judged(CHECK, role((), highest=False)) == []


def test_unread_holders_are_unknown() -> None:
    """A denied read is never a verdict."""
    (finding,) = judged(CHECK, role(DENIED))

    assert (finding.outcome, finding.unread) == (Outcome.UNKNOWN, (DENIED,))


def test_the_limits_can_be_set() -> None:
    """A company may want one to five."""
    assert outcome(CHECK, role(("a",)), least=1) is Outcome.PASS
    assert outcome(CHECK, role(tuple("abcde")), most=5) is Outcome.PASS


def test_a_cloud_without_such_roles_is_not_applicable() -> None:
    """There is nothing to count."""
    assert not any(type_.exists_in("aws") for type_ in CHECK.population)
