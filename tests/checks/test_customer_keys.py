"""A key counts as the customer's only when it is."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from checks.api import Facts, Finding, Outcome
from checks.customer_keys import judge_customer_key
from checks.testing import DENIED, fact
from collectors.facts.core import Reason, Unread
from collectors.facts.stores import EncryptionKey, ObjectStore

STORE = fact(ObjectStore)
LATER = Unread(Reason.THROTTLED, "kms:ListKeys", "kms:ListKeys", "Throttling")


def judged(key: str | None | Unread, *facts: Any, **population: Any) -> Finding:
    """What is said of a store with this key, among these facts."""
    return judge_customer_key(STORE, key, Facts(facts, **population), "objects are")


def a_key(**values: Any) -> EncryptionKey:
    """The key `arn:it`."""
    return fact(EncryptionKey, **values)


def test_a_key_of_the_company_passes_and_is_evidence() -> None:
    """The finding rests on the key's documents too."""
    key = a_key(customer_managed=True)
    finding = judged("arn:it", key)

    assert finding.outcome is Outcome.PASS
    assert set(key.documents) <= set(finding.documents)


def test_a_key_of_the_provider_fails() -> None:
    """The provider's default key is named like any other, and is not the company's."""
    assert judged("arn:it", a_key(customer_managed=False)).outcome is Outcome.FAIL


def test_no_key_fails() -> None:
    """None is an answer."""
    assert judged(None).outcome is Outcome.FAIL


def test_an_unread_key_is_unknown() -> None:
    """Whether the name or the owner of the key was not read."""
    assert judged(DENIED).unread == (DENIED,)
    assert judged("arn:it", a_key()).unread == (DENIED,)


def test_a_key_that_is_not_the_accounts_passes() -> None:
    """All keys of the account are known, and it is none of them: somebody chose it."""
    assert judged("arn:elsewhere", a_key(customer_managed=False)).outcome is Outcome.PASS


def test_a_key_that_is_not_found_is_unknown_while_keys_are_missing() -> None:
    """It might be the provider's, among those that were not listed."""
    finding = judged("arn:elsewhere", unlisted={(EncryptionKey, "us-east-1"): LATER})

    assert finding.unread == (LATER,)


def test_a_key_of_a_region_that_is_not_read_is_unknown() -> None:
    """Nobody listed the keys there."""
    finding = judged("arn:elsewhere", scopes={EncryptionKey: ("eu-west-1",)})

    assert finding.outcome is Outcome.UNKNOWN
    assert finding.unread[0].reason is Reason.REGION_NOT_SCANNED


def test_another_regions_listing_does_not_matter() -> None:
    """A gap in one region leaves the verdicts of the others alone."""
    assert replace(STORE.resource).region == "us-east-1"
    assert judged("arn:x", unlisted={(EncryptionKey, "eu-west-1"): LATER}).outcome is Outcome.PASS
