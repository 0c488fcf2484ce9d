"""Who may read a data store: what its own policy says, and what those of identities say about it, taken together."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase

from checks.api import Facts, unread_in
from collectors.facts.core import Unread
from collectors.facts.rights import IdentityRights, Names, ReadingRight, StoreAccess


@dataclass(frozen=True, slots=True)
class Readers:
    """Who may read one store."""

    certain: tuple[str, ...]
    """Those that are known, sorted."""
    unread: tuple[Unread, ...]
    """Why there may be more; empty when all are known."""
    identities: tuple[IdentityRights, ...]
    """The facts about those of the account."""


def readers_of(store: StoreAccess, facts: Facts) -> Readers:
    """Everybody whom the store's own policy names, and the identities of the account that come in beside them."""
    certain: set[str] = set()
    unread = list(unread_in(store.named, store.by_identity))
    if not isinstance(store.named, Unread):
        certain.update(store.named)
    everyone = store.resource.account in certain
    found = []
    if everyone or store.by_identity is not False:
        unread += unread_in(facts.unlisted(IdentityRights))
        for identity in facts.of(IdentityRights):
            may = True if everyone else _may_read(identity, store)
            if may is False or identity.provider_owned is True:
                continue
            gaps = unread_in(identity.provider_owned, may)
            if gaps:
                unread += gaps
            elif everyone or store.by_identity is True:
                certain.add(identity.resource.uid)
                found.append(identity)
    return Readers(tuple(sorted(certain)), tuple(dict.fromkeys(unread)), tuple(found))


def _may_read(identity: IdentityRights, store: StoreAccess) -> bool | Unread:
    if isinstance(identity.reads, Unread):
        return identity.reads
    return any(_opens(right, store.resource.uid) for right in identity.reads if right.store == store.store)


def _opens(right: ReadingRight, uid: str) -> bool:
    return (
        any(_among(uid, names) for names in right.allowed)
        and not any(_among(uid, names) for names in right.denied)
        and (right.within is None or any(_among(uid, names) for names in right.within))
    )


def _among(uid: str, names: Names) -> bool:
    return is_named(uid, names.those) and not is_named(uid, names.but)


def is_named(text: str, patterns: Iterable[str]) -> bool:
    """Some pattern, in which `*` stands for any text and `?` for any one character, is the text."""
    return any(fnmatchcase(text, pattern.replace("[", "[[]")) for pattern in patterns)
