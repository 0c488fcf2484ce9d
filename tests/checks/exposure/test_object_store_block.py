"""exposure.object_store_block"""

from typing import Any

from checks.api import Outcome
from checks.exposure.object_store_block import CHECK
from checks.testing import DENIED, fact, judged, outcome
from collectors.facts.stores import AccountPublicAccess, ObjectStore


def account(**values: Any) -> AccountPublicAccess:
    """The guard of the account that every store here belongs to."""
    return fact(AccountPublicAccess, "account", **values)


def test_a_store_that_blocks_passes() -> None:
    """Its own guard decides, even when the account's is unread."""
    assert outcome(CHECK, fact(ObjectStore, public_access_blocked=True), account()) is Outcome.PASS


def test_an_account_that_blocks_passes_and_is_evidence() -> None:
    """The account's guard decides, even when the store is unread."""
    (finding,) = judged(CHECK, fact(ObjectStore), account(blocked=True))

    assert finding.outcome is Outcome.PASS
    assert [document.uid for document in finding.documents] == ["arn:it", "arn:account"]


def test_a_store_without_any_guard_fails() -> None:
    """Both were read and neither is on."""
    assert outcome(CHECK, fact(ObjectStore, public_access_blocked=False), account(blocked=False)) is Outcome.FAIL


def test_a_private_store_without_a_guard_fails_too() -> None:
    """The next policy may open it."""
    assert outcome(CHECK, fact(ObjectStore, public=False, public_access_blocked=False)) is Outcome.FAIL


def test_an_unread_account_guard_is_unknown() -> None:
    """The account may block what the store does not."""
    assert outcome(CHECK, fact(ObjectStore, public_access_blocked=False), account()) is Outcome.UNKNOWN


def test_an_unlisted_account_guard_is_unknown() -> None:
    """A guard that could not be listed may be on."""
    (finding,) = judged(
        CHECK,
        fact(ObjectStore, public_access_blocked=False),
        unlisted={(AccountPublicAccess, "global"): DENIED},
    )

    assert finding.outcome is Outcome.UNKNOWN
    assert finding.unread == (DENIED,)


def test_an_unread_store_is_unknown_and_names_the_operation() -> None:
    """A denied read is never a verdict."""
    (finding,) = judged(CHECK, fact(ObjectStore))

    assert finding.outcome is Outcome.UNKNOWN
    assert finding.unread == (DENIED,)
    assert "svc:ReadIt" in finding.reason
