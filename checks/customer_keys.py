"""Tells whether a key that something is encrypted with is the company's own: shared by checks of several stores."""

from __future__ import annotations

from checks.api import Facts, Finding, fails, passes, unknown
from collectors.facts.core import Fact, Unread
from collectors.facts.stores import EncryptionKey


def judge_customer_key(fact: Fact, key: str | None | Unread, facts: Facts, what: str) -> Finding:
    """PASS when `what` is encrypted with a key that the company manages.

    A provider names its own default keys just as it names the company's, so the key is looked up among those of the
    account.  One that is not there, though all were listed, belongs to somebody else whom the company chose.
    """
    if isinstance(key, Unread):
        return unknown(fact, key)
    if key is None:
        return fails(fact, f"{what} not encrypted with a key of the customer")
    found = next((each for each in facts.of(EncryptionKey) if each.resource.uid == key), None)
    if found is None:
        gap = facts.unlisted(EncryptionKey, fact.resource.region)
        return unknown(fact, gap) if gap else passes(fact, f"{what} encrypted with the customer's key {key}")
    if isinstance(found.customer_managed, Unread):
        return unknown(fact, found.customer_managed)
    if found.customer_managed:
        return passes(fact, f"{what} encrypted with the customer's key {key}", found)
    return fails(fact, f"{what} encrypted with the provider's own key {key}", found)
