"""Whether an object store is open to the internet, its own guards and the account's taken together."""

from __future__ import annotations

from checks.api import Facts, Finding, fails, passes, unknown, unread_in
from collectors.facts.core import Fact, Unread
from collectors.facts.stores import AccountPublicAccess, ObjectStore


def account_block(store: ObjectStore, facts: Facts) -> tuple[bool | Unread, tuple[AccountPublicAccess, ...]]:
    """Whether the account-wide guard over `store` is on, and the facts that say so.

    False without such a fact only when a complete listing shows that there is no guard.
    """
    for guard in facts.of(AccountPublicAccess):
        if guard.resource.account == store.resource.account:
            return guard.blocked, (guard,)
    return facts.unlisted(AccountPublicAccess) or False, ()


def judge_privacy(fact: Fact, store: ObjectStore, facts: Facts) -> Finding:
    """A finding for the resource of `fact`, which rests on `store`: PASS when nobody on the internet gets in.

    One guard that is on decides, whatever could not be read beside it.  An open policy fails only when the
    account's guard is known to be off.
    """
    name = store.resource.name
    blocked, said_by = account_block(store, facts)
    if blocked is True:
        return passes(fact, f"the account blocks public access to {name}", store, *said_by)
    if store.public_access_blocked is True:
        return passes(fact, f"{name} blocks public access", store)
    if store.public is False:
        return passes(fact, f"neither policy nor access list opens {name} to the public", store)
    if isinstance(store.public, Unread):
        return unknown(fact, *unread_in(store.public, store.public_access_blocked, blocked))
    if isinstance(blocked, Unread):
        return unknown(fact, blocked)
    return fails(fact, f"{name} is open to the public and no guard blocks it", store, *said_by)
