"""Whom the policies of buckets, secrets and keys let read, and whether identities of the account are let in beside.

Access lists of buckets do not count: they let somebody list objects, not read them.
"""

from __future__ import annotations

import json
from collections.abc import Iterator

from collectors.api import Body, Kind
from collectors.aws.data_rights import READS, all_of_bucket
from collectors.aws.policy_evaluator import parse, speaks_of
from collectors.aws.resource_policies import named_by_conditions, opened, to_all
from collectors.aws.statements import as_list
from collectors.facts.core import Unread
from collectors.facts.rights import EVERYBODY

ALONE = frozenset({"encryption_key"})
"""Stores whose own policy decides alone: policies of identities count only where it says so."""


def named(policy: str, kind: Kind, store: str, account: str) -> tuple[str, ...] | Unread:
    """Whom a policy lets read, beside the account as a whole; programs of the provider are left out.

    Raises ValueError where `policy` is not JSON.
    """
    statements = [each for each in _statements(policy) if each["Effect"] == "Deny" or _reads(each, store)]
    everybody = opened(statements, kind)
    if isinstance(everybody, Unread):
        return everybody
    found = {EVERYBODY} if everybody else set()
    for each in statements:
        if each["Effect"] == "Allow":
            found.update(named_by_conditions(each) if to_all(each) else _principals(each))
    return tuple(sorted(found - _account(account, found)))


def lets_identities_in(policy: str, store: str, account: str) -> bool:
    """Identities of the account whose own policies allow them to read are let in.

    A key lets them in only by naming the account; any other store unless it turns everybody away.
    """
    statements = [each for each in _statements(policy) if _reads(each, store)]
    denies = any(each["Effect"] == "Deny" and _turns_all_away(each, store) for each in statements)
    if denies or store not in ALONE:
        return not denies
    allowing = [each for each in statements if each["Effect"] == "Allow"]
    return any(to_all(each) or _account(account, _principals(each)) for each in allowing)


def _statements(policy: str) -> list[Body]:
    return as_list(json.loads(policy)["Statement"])


def _reads(statement: Body, store: str) -> bool:
    (parsed,) = parse({"Statement": statement})
    return speaks_of(parsed, READS[store])


def _principals(statement: Body) -> set[str]:
    """Those whom a statement names, without programs of the provider."""
    principal = statement.get("Principal", {})
    if not isinstance(principal, dict):
        return {str(principal)}
    return {str(name) for kind, names in principal.items() if kind != "Service" for name in as_list(names)}


def _account(account: str, names: set[str]) -> set[str]:
    """Those of `names` that mean the account as a whole."""
    return {name for name in names if name == account or name.endswith(f":iam::{account}:root")}


def _turns_all_away(statement: Body, store: str) -> bool:
    """A denial to everybody, on everything, under no condition."""
    if "NotPrincipal" in statement or "Condition" in statement or not to_all(statement):
        return False
    return store != "object_store" or any(_whole_buckets(statement))


def _whole_buckets(statement: Body) -> Iterator[str]:
    """Buckets of which a statement names every object."""
    yield from filter(None, (all_of_bucket(str(each)) for each in as_list(statement.get("Resource", []))))
