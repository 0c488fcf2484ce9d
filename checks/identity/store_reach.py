"""Few and known parties may read confidential data stores."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from checks.api import (
    DIRECT,
    PARTIAL,
    Check,
    Criterion,
    Facts,
    Finding,
    Param,
    Params,
    fails,
    not_applicable,
    passes,
    unknown,
)
from checks.grants import listed
from checks.reach import Readers, is_named, readers_of
from checks.thresholds import names, number
from collectors.facts.rights import EVERYBODY, IdentityRights, StoreAccess


def judge(facts: Facts, now: datetime, params: Params) -> Iterator[Finding]:
    """One finding per store that the company holds for confidential.

    Who is known to be let in can fail it; only a complete list passes.
    """
    confidential, approved = names(params, "stores"), names(params, "approved")
    most = number(params, "max_readers")
    for store in facts.of(StoreAccess):
        if not is_named(store.resource.name, confidential):
            yield not_applicable(store, "store is not among the confidential ones")
            continue
        readers = readers_of(store, facts)
        wrong = _wrong(readers, approved, most)
        if wrong:
            yield fails(store, wrong, *readers.identities)
        elif readers.unread:
            yield unknown(store, *readers.unread)
        else:
            known = "all of them approved" if approved else f"no more than {most}"
            yield passes(store, f"{len(readers.certain)} parties may read it, {known}", *readers.identities)


def _wrong(readers: Readers, approved: tuple[str, ...], most: float) -> str:
    """What is wrong with those who are known to be let in; empty when nothing is."""
    if EVERYBODY in readers.certain:
        return "everybody may read it"
    strangers = tuple(each for each in readers.certain if not is_named(each, approved))
    if approved and strangers:
        return f"may be read by {listed(strangers)}, whom the approved list does not name"
    if not approved and len(readers.certain) > most:
        return f"more than {most} parties may read it: {listed(readers.certain)}"
    return ""


CHECK = Check(
    id="identity.store_reach",
    title="Few and known parties may read confidential stores",
    criteria=(
        Criterion("C1.1", DIRECT, "confidential material is open to a known list of parties only"),
        Criterion("CC6.1", PARTIAL, "the rights to data are checked where they come together"),
        Criterion("CC6.3", DIRECT, "rights to data beyond the list show"),
    ),
    severity="high",
    needs=(StoreAccess, IdentityRights),
    remediation="Limit s3:GetObject, secretsmanager:GetSecretValue and kms:Decrypt in the policies of the named users "
    "and roles to single resources, or deny them in the policy of the store; name those who stay in `approved`.",
    equivalents={},
    judge=judge,
    params=(
        Param("stores", ("*",), "name patterns", "stores that hold confidential data, by name; every one by default"),
        Param("approved", (), "uid patterns", "who may read them; empty when only their number is judged"),
        Param("max_readers", 25, "parties", "most that may read one store when no list is given"),
    ),
)
