"""exposure.object_store_public"""

from dataclasses import replace
from typing import Any

from checks.api import Outcome
from checks.exposure.object_store_public import CHECK
from checks.testing import DENIED, fact, judged, outcome
from collectors.facts.stores import AccountPublicAccess, ObjectStore


def account(**values: Any) -> AccountPublicAccess:
    """The guard of the account that every store here belongs to."""
    return fact(AccountPublicAccess, "account", **values)


def test_a_store_that_nobody_opened_passes() -> None:
    """Private policy and access list are enough."""
    assert outcome(CHECK, fact(ObjectStore, public=False)) is Outcome.PASS


def test_a_public_store_fails() -> None:
    """Open, and no guard anywhere."""
    assert (
        outcome(CHECK, fact(ObjectStore, public=True, public_access_blocked=False), account(blocked=False))
        is Outcome.FAIL
    )


def test_a_public_store_fails_where_no_account_guard_exists() -> None:
    """A complete listing without a guard means that nothing blocks."""
    assert outcome(CHECK, fact(ObjectStore, public=True)) is Outcome.FAIL


def test_a_store_that_blocks_passes() -> None:
    """Its own guard decides, even when policy and list are unread."""
    assert outcome(CHECK, fact(ObjectStore, public_access_blocked=True)) is Outcome.PASS


def test_an_account_that_blocks_passes_and_is_evidence() -> None:
    """The account's guard decides, even when the store is unread."""
    (finding,) = judged(CHECK, fact(ObjectStore), account(blocked=True))

    assert finding.outcome is Outcome.PASS
    assert [document.uid for document in finding.documents] == ["arn:it", "arn:account"]


def test_the_guard_of_another_account_does_not_count() -> None:
    """A guard protects its own account only."""
    guard = account(blocked=True)
    other = replace(guard, resource=replace(guard.resource, account="999999999999"))

    assert outcome(CHECK, fact(ObjectStore, public=True), other) is Outcome.FAIL


def test_an_unread_account_guard_makes_a_public_store_unknown() -> None:
    """The account may block what the policy opens."""
    (finding,) = judged(CHECK, fact(ObjectStore, public=True, public_access_blocked=False), account())

    assert finding.outcome is Outcome.UNKNOWN
    assert finding.unread == (DENIED,)


def test_an_unlisted_account_guard_makes_a_public_store_unknown() -> None:
    """A guard that could not be listed may be on."""
    (finding,) = judged(
        CHECK,
        fact(ObjectStore, public=True, public_access_blocked=False),
        unlisted={(AccountPublicAccess, "global"): DENIED},
    )

    assert finding.outcome is Outcome.UNKNOWN


def test_an_unread_account_guard_does_not_matter_to_a_private_store() -> None:
    """Nobody opened it, so nothing needs to block."""
    assert outcome(CHECK, fact(ObjectStore, public=False), account()) is Outcome.PASS


def test_an_unread_store_is_unknown_and_names_the_operation() -> None:
    """A denied read is never a verdict."""
    (finding,) = judged(CHECK, fact(ObjectStore, public_access_blocked=False))

    assert finding.outcome is Outcome.UNKNOWN
    assert finding.unread == (DENIED,)
    assert "svc:ReadIt" in finding.reason
