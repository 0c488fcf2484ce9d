"""identity.app_credential_expiry"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from checks.api import Outcome
from checks.identity.app_credential_expiry import CHECK
from checks.testing import DENIED, NOW, fact, judged, outcome
from collectors.facts.directory import AppCredential, CredentialKind


def credential(expires: Any, kind: Any = CredentialKind.SECRET) -> AppCredential:
    """A credential of the shop."""
    return fact(AppCredential, owner="shop", kind=kind, expires=expires)


def test_one_that_ends_later_passes() -> None:
    """A second more than 30 days are enough."""
    (finding,) = judged(CHECK, credential(NOW + timedelta(days=30, seconds=1)))

    assert (finding.outcome, finding.reason) == (
        Outcome.PASS,
        "secret of shop ends on 2026-07-15, not within 30 days",
    )


def test_one_that_ends_soon_fails() -> None:
    """At 30 days its replacement is due."""
    (finding,) = judged(CHECK, credential(NOW + timedelta(days=30), CredentialKind.CERTIFICATE))

    assert (finding.outcome, finding.reason) == (
        Outcome.FAIL,
        "certificate of shop ends on 2026-07-15, within 30 days",
    )


def test_one_that_ended_fails() -> None:
    """What no longer works is cleared away."""
    (finding,) = judged(CHECK, credential(NOW))

    assert (finding.outcome, finding.reason) == (
        Outcome.FAIL,
        "secret of shop ended on 2026-06-15 and is still there",
    )


def test_one_without_an_end_fails() -> None:
    """It would work for ever."""
    (finding,) = judged(CHECK, credential(None))

    assert (finding.outcome, finding.reason) == (Outcome.FAIL, "secret of shop never ends")


def test_an_end_that_was_not_read_is_unknown() -> None:
    """A denied read is never a verdict."""
    (finding,) = judged(CHECK, credential(DENIED, DENIED))

    assert (finding.outcome, finding.unread) == (Outcome.UNKNOWN, (DENIED,))


def test_an_unread_kind_does_not_matter() -> None:
    """It only names the thing."""
    assert outcome(CHECK, credential(NOW + timedelta(days=365), DENIED)) is Outcome.PASS


def test_the_notice_can_be_set() -> None:
    """A company may want a quarter."""
    assert outcome(CHECK, credential(NOW + timedelta(days=60)), notice_days=90) is Outcome.FAIL


def test_a_cloud_without_such_credentials_is_not_applicable() -> None:
    """There is nothing to judge."""
    assert judged(CHECK) == []
    assert not any(type_.exists_in("aws") for type_ in CHECK.population)
