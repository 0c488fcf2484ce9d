"""A key counts as the customer's only when it is."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from checks.api import Facts, Finding, Outcome
from checks.customer_keys import judge_customer_key
from checks.testing import DENIED, fact
from collectors.facts.core import Reason, Unread
from collectors.facts.stores import EncryptionKey, ObjectStore

STORE = fact(ObjectStore)
KMS = "arn:aws:kms:us-east-1:123456789012:"
KEY = f"{KMS}key/k"
FOREIGN = "arn:aws:kms:us-east-1:999999999999:key/k"
LATER = Unread(Reason.THROTTLED, "kms:ListKeys", "kms:ListKeys", "Throttling")


def judged(key: str | None | Unread, *facts: Any, **population: Any) -> Finding:
    """What is said of a store with this key, among these facts."""
    return judge_customer_key(STORE, key, Facts(facts, **population), "objects are")


def a_key(uid: str = KEY, **values: Any) -> EncryptionKey:
    """A key of the store's account."""
    made = fact(EncryptionKey, **values)
    return replace(made, resource=replace(made.resource, uid=uid))


@pytest.mark.parametrize("named", [KEY, "k"])
def test_a_key_of_the_company_passes_and_is_evidence(named: str) -> None:
    """The finding rests on the key's documents too, whether the store names an ARN or an id."""
    key = a_key(customer_managed=True)
    finding = judged(named, key)

    assert finding.outcome is Outcome.PASS
    assert set(key.documents) <= set(finding.documents)


@pytest.mark.parametrize("named", [KEY, "k"])
def test_a_key_of_the_provider_fails(named: str) -> None:
    """The provider's default key is named like any other, and is not the company's."""
    finding = judged(named, a_key(customer_managed=False))

    assert finding.outcome is Outcome.FAIL
    assert finding.reason == f"objects are encrypted with the provider's own key {named}"


def test_the_very_key_comes_before_one_with_its_id() -> None:
    """Copies of a key in several regions share one id."""
    there = a_key(KEY.replace("us-east-1", "eu-west-1"), customer_managed=False)

    for found in ((a_key(customer_managed=True), there), (there, a_key(customer_managed=True))):
        assert judged(KEY, *found).outcome is Outcome.PASS


def test_no_key_fails() -> None:
    """None is an answer."""
    assert judged(None).outcome is Outcome.FAIL


@pytest.mark.parametrize("alias", ["alias/aws/s3", f"{KMS}alias/aws/rds"])
def test_an_alias_of_the_provider_fails(alias: str) -> None:
    """Its name says whose it is."""
    assert judged(alias).outcome is Outcome.FAIL


@pytest.mark.parametrize("alias", ["alias/ours", f"{KMS}alias/ours", f"{KMS}alias/aws-ours"])
def test_an_alias_of_the_company_passes(alias: str) -> None:
    """Keys of the provider take no other alias, so nothing has to be looked up."""
    assert judged(alias, unlisted={(EncryptionKey, "us-east-1"): LATER}).outcome is Outcome.PASS


def test_an_unread_key_is_unknown() -> None:
    """Whether the name or the owner of the key was not read."""
    assert judged(DENIED).unread == (DENIED,)
    assert judged(KEY, a_key()).unread == (DENIED,)


def test_a_key_of_another_account_passes() -> None:
    """A default key lives in the account that uses it, so no default of this account with the same id decides."""
    finding = judged(FOREIGN, a_key(customer_managed=False), unlisted={(EncryptionKey, "us-east-1"): LATER})

    assert finding.outcome is Outcome.PASS
    assert "of account 999999999999" in finding.reason


def test_a_key_of_the_account_that_was_not_listed_is_unknown() -> None:
    """It may be the provider's: that all keys are listed does not tell whose this one is."""
    finding = judged(KEY, a_key(f"{KMS}key/other", customer_managed=True))

    assert finding.outcome is Outcome.UNKNOWN
    assert [gap.operation for gap in finding.unread] == ["kms:DescribeKey"]
    assert KEY in finding.reason


def test_a_gap_in_the_listing_is_named() -> None:
    """The key might be among those that were not listed."""
    assert judged(KEY, unlisted={(EncryptionKey, "us-east-1"): LATER}).unread == (LATER,)


def test_the_region_of_the_key_counts() -> None:
    """The ARN says where the key is, and a gap elsewhere is not its reason."""
    there = KEY.replace("us-east-1", "eu-west-1")

    assert judged(there, unlisted={(EncryptionKey, "eu-west-1"): LATER}).unread == (LATER,)
    assert LATER not in judged(there, unlisted={(EncryptionKey, "us-east-1"): LATER}).unread
    assert judged("k", unlisted={(EncryptionKey, "us-east-1"): LATER}).unread == (LATER,)


def test_a_region_that_is_not_read_is_named() -> None:
    """Nobody listed the keys there."""
    finding = judged(KEY, scopes={EncryptionKey: ("eu-west-1",)})

    assert finding.outcome is Outcome.UNKNOWN
    assert finding.unread[0].reason is Reason.REGION_NOT_SCANNED


@pytest.mark.parametrize("key", ["https://v.vault.azure.net/keys/k", "/subscriptions/s/x/diskencryptionsets/d"])
def test_a_key_in_a_vault_is_the_customers_own(key: str) -> None:
    """Azure names no key of its own, so nothing has to be looked up."""
    finding = judged(key)

    assert finding.outcome is Outcome.PASS
    assert finding.reason == f"objects are encrypted with the customer's key {key}"
