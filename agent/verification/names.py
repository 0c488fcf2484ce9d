"""Targets, resources and checks: who the rows of all other tables speak about."""

from __future__ import annotations

from dataclasses import dataclass

from agent.verification.inspection import Inspection
from storage.errors import StoreError
from storage.identity import key_hash
from storage.rows import Key, Target
from storage.tables import check_name, resource, target


@dataclass(frozen=True, slots=True)
class Known:
    """One resource."""

    target_id: int
    kind: str
    uid: str
    account: str
    key_hash: bytes
    """Computed from the identity."""
    first_seq: int

    def __str__(self) -> str:
        """As findings name it."""
        return f"{self.kind} {self.uid}"


@dataclass(frozen=True, slots=True)
class Names:
    """Everything that has a row number and a name."""

    targets: dict[int, Target]
    resources: dict[int, Known]
    checks: dict[int, str]

    def resource(self, rid: int) -> str:
        """A resource as findings name it."""
        known = self.resources.get(rid)
        return f"resource {rid}" if known is None else str(known)

    def check(self, chk: int) -> str:
        """A check as findings name it."""
        return self.checks.get(chk, f"check {chk}")

    def target(self, target_id: int | None) -> str:
        """A target as findings name it."""
        known = None if target_id is None else self.targets.get(target_id)
        return f"target {target_id}" if known is None else known.name


def read_names(inspection: Inspection) -> Names:
    """Read all three tables; every key hash is computed anew, and one identity may have one row only."""
    names = Names({}, {}, {})
    for number, cloud, name, account in inspection.rows(target, ("target_id", "cloud", "name", "account"), "target_id"):
        who = Target(cloud, name, account)
        if who in names.targets.values():
            inspection.add(f"target {number}", f"{cloud} {name} {account} has two rows")
        names.targets[number] = who
    for chk, check_id in inspection.rows(check_name, ("chk", "check_id"), "chk"):
        if check_id in names.checks.values():
            inspection.add(f"check_name {chk}", f"{check_id} has two rows")
        names.checks[chk] = check_id
    _read_resources(inspection, names)
    return names


def _read_resources(inspection: Inspection, names: Names) -> None:
    """Read the resources into `names`."""
    columns = ("rid", "target_id", "kind", "uid", "region", "name", "key_hash", "first_seq")
    total = inspection.count(resource)
    taken: set[tuple[int, str, str]] = set()
    for number, row in enumerate(inspection.rows(resource, columns, "rid")):
        rid, target_id, kind, uid, region, name, kept, first_seq = row
        if not number % 1000:
            inspection.progress("identities", number, total)
        where = f"resource {rid}"
        who = names.targets.get(target_id)
        if who is None:
            inspection.add(where, f"{kind} {uid} belongs to target {target_id}, which is missing")
            continue
        if (target_id, kind, uid) in taken:
            inspection.add(where, f"{kind} {uid} has two rows")
        taken.add((target_id, kind, uid))
        try:
            digest = key_hash(who, Key(kind, uid, region, name))
        except (StoreError, UnicodeEncodeError) as error:
            inspection.add(where, f"{kind} {uid!r} is no identity: {error}")
            continue
        if digest != kept:
            inspection.add(where, f"the key hash does not belong to {kind} {uid}")
        names.resources[rid] = Known(target_id, kind, uid, who.account, digest, first_seq)
    inspection.progress("identities", total, total)
