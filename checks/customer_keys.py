"""Tells whether a key that something is encrypted with is the company's own: shared by checks of several stores."""

from __future__ import annotations

from checks.api import Facts, Finding, fails, passes, unknown
from collectors.facts.core import Fact, Reason, Unread
from collectors.facts.stores import EncryptionKey

OWN_ALIAS = "alias/"
PROVIDER_ALIAS = "alias/aws/"
"""Names that only AWS can give, and only to its own keys: KMS API, CreateAlias."""
OWN_PLACES = ("https://", "/subscriptions/", "projects/", "supplied:")
"""How the company's own keys begin where the provider's have no such name: keys of vaults and sets that stand for such
a key on Azure; keys of Cloud KMS on Google Cloud, and digests of keys that the company hands over with each request."""
PROVIDERS_WORDS = ("Microsoft-managed key", "Google-managed key")
"""What stands for a provider's own key that has no name."""
READING = "kms:DescribeKey"


def judge_customer_key(fact: Fact, key: str | None | Unread, facts: Facts, what: str) -> Finding:
    """PASS when `what` is encrypted with a key that the company manages; `key` is an ARN, an alias or a bare id.

    The ARN of a provider's default key looks just like that of a company's key, so the key is looked up among those
    of the account.  One of another account is nobody's default: default keys live in the account that uses them.
    """
    if isinstance(key, Unread):
        return unknown(fact, key)
    if key is None:
        return fails(fact, f"{what} not encrypted with a key of the customer")
    region, account, name = _place(key, fact)
    if name.startswith((PROVIDER_ALIAS, *PROVIDERS_WORDS)):
        return fails(fact, f"{what} encrypted with the provider's own key {key}")
    if name.startswith((OWN_ALIAS, *OWN_PLACES)):
        return passes(fact, f"{what} encrypted with the customer's key {key}")
    found = _find(key, account, name, facts)
    if found is None and account != fact.resource.account:
        return passes(fact, f"{what} encrypted with the key {key} of account {account}")
    if found is None:
        missing = Unread(Reason.PARTIAL_LISTING, READING, READING, f"key {key} is not among the keys read")
        return unknown(fact, facts.unlisted(EncryptionKey, region) or missing)
    if isinstance(found.customer_managed, Unread):
        return unknown(fact, found.customer_managed)
    if found.customer_managed:
        return passes(fact, f"{what} encrypted with the customer's key {key}", found)
    return fails(fact, f"{what} encrypted with the provider's own key {key}", found)


def _place(key: str, fact: Fact) -> tuple[str, str, str]:
    """Region, account and name of a key: those of its ARN, or those of the resource when it is no ARN."""
    parts = key.split(":", 5)
    if len(parts) < 6:  # noqa: PLR2004  # arn:partition:service:region:account:name
        return fact.resource.region, fact.resource.account, key
    return parts[3], parts[4], parts[5]


def _find(key: str, account: str, name: str, facts: Facts) -> EncryptionKey | None:
    """The key itself, or the one of its account with the same id."""
    by_id = None
    for each in facts.of(EncryptionKey):
        if each.resource.uid == key:
            return each
        same_id = each.resource.uid.rpartition("/")[2] == name.rpartition("/")[2]
        if same_id and each.resource.account == account:
            by_id = each
    return by_id
