"""identity.access_key_age"""

from datetime import timedelta

from checks.api import Outcome
from checks.identity.access_key_age import CHECK
from checks.testing import DENIED, NOW, fact, judged, outcome
from collectors.facts.identity import AccessKey

AT = NOW - timedelta(days=90)
OVER = NOW - timedelta(days=90, seconds=1)


def test_a_key_of_exactly_the_limit_passes() -> None:
    """90 days are fine."""
    assert outcome(CHECK, fact(AccessKey, owner="ann", active=True, created=AT)) is Outcome.PASS


def test_a_key_just_over_the_limit_fails_and_names_its_date() -> None:
    """The reason holds the date, so that it is the same tomorrow."""
    (finding,) = judged(CHECK, fact(AccessKey, owner="ann", active=True, created=OVER))

    assert finding.outcome is Outcome.FAIL
    assert finding.reason == "active key was created on 2026-03-17, more than 90 days ago"


def test_an_inactive_key_is_not_applicable() -> None:
    """A key that does not work need not be young, nor its age be read."""
    assert outcome(CHECK, fact(AccessKey, owner="ann", active=False)) is Outcome.NOT_APPLICABLE


def test_a_young_key_passes_when_its_state_was_not_read() -> None:
    """Its date decides either way."""
    assert outcome(CHECK, fact(AccessKey, owner="ann", created=AT)) is Outcome.PASS


def test_an_old_key_is_unknown_when_its_state_was_not_read() -> None:
    """It may be inactive."""
    assert outcome(CHECK, fact(AccessKey, owner="ann", created=OVER)) is Outcome.UNKNOWN


def test_an_unread_date_is_unknown_and_names_the_operation() -> None:
    """A denied read is never a verdict."""
    (finding,) = judged(CHECK, fact(AccessKey, owner="ann", active=True))

    assert finding.outcome is Outcome.UNKNOWN
    assert finding.unread == (DENIED,)
    assert "svc:ReadIt" in finding.reason


def test_the_limit_can_be_set() -> None:
    """A company may rotate more often."""
    assert outcome(CHECK, fact(AccessKey, owner="ann", active=True, created=AT), max_age_days=89) is Outcome.FAIL


def test_a_key_that_ended_is_not_applicable() -> None:
    """It opens nothing any more, from the very moment on."""
    old = fact(AccessKey, owner="shop", active=True, created=NOW - timedelta(days=400), expires=NOW)
    (finding,) = judged(CHECK, old)

    assert (finding.outcome, finding.reason) == (Outcome.NOT_APPLICABLE, "key ended on 2026-06-15")


def test_an_old_key_whose_end_was_not_read_is_unknown() -> None:
    """It may have ended; a young one passes either way."""
    created = NOW - timedelta(days=400)

    assert (
        outcome(CHECK, fact(AccessKey, owner="shop", active=True, created=created, expires=DENIED)) is Outcome.UNKNOWN
    )
    assert outcome(CHECK, fact(AccessKey, owner="shop", active=True, created=NOW, expires=DENIED)) is Outcome.PASS
