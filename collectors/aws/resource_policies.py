"""Whether the policy of a thing itself lets everybody in: topics, queues, keys and secrets."""

from __future__ import annotations

import json
from typing import Any

from collectors.api import Body, Kind
from collectors.aws.statements import as_list
from collectors.facts.core import Reason, Unread

NAMES_WHO = frozenset(
    {
        "aws:principalaccount",
        "aws:principalarn",
        "aws:principalorgid",
        "aws:principalorgpaths",
        "aws:sourceaccount",
        "aws:sourcearn",
        "aws:sourceorgid",
        "aws:sourceorgpaths",
        "aws:sourceowner",
        "aws:sourcevpc",
        "aws:sourcevpce",
        "kms:calleraccount",
    }
)
"""Condition keys that admit those who are named and nobody else: IAM User Guide, global condition context keys."""
NARROWS_NOBODY = frozenset({"aws:securetransport", "kms:viaservice", "sns:protocol"})
"""Condition keys that say how something is asked for, and not by whom."""
POSITIVE = frozenset({"stringequals", "stringequalsignorecase", "stringlike", "arnequals", "arnlike"})
"""Operators that demand a value.  With `IfExists` they demand nothing of a request that lacks the key."""


def everybody(policy: str, kind: Kind) -> bool | Unread:
    """Some statement lets in anybody, whatever account they have.  Raises ValueError where `policy` is not JSON.

    A condition that is neither known to name people nor known not to, or a denial that may take an open door back,
    is weighed by AWS alone.
    """
    return opened(as_list(json.loads(policy)["Statement"]), kind)


def opened(statements: list[Body], kind: Kind) -> bool | Unread:
    """The same of some statements of a policy."""
    ways = [_opens(each) for each in statements if each["Effect"] == "Allow"]
    if True not in ways and None not in ways:
        return False
    denied = any(to_all(each) and not _denies_plain(each) for each in statements if each["Effect"] == "Deny")
    if True in ways and not denied:
        return True
    return Unread(
        Reason.SERVICE_UNSUPPORTED, kind.call, kind.needs, "open to everybody under conditions that only AWS can weigh"
    )


def attribute_policy(body: Body, kind: Kind) -> bool | Unread:
    """The same of a topic's or queue's attributes, from which AWS leaves the policy out where there is none."""
    policy = body["Attributes"].get("Policy")
    return everybody(policy, kind) if policy else False


def to_all(statement: Body) -> bool:
    """It speaks of anybody.  An Allow to all but some does so too."""
    if "NotPrincipal" in statement:
        return True
    principal = statement.get("Principal")
    return principal == "*" or (isinstance(principal, dict) and "*" in as_list(principal.get("AWS", [])))


def _opens(statement: Body) -> bool | None:
    """An Allow lets everybody in; None when its conditions do not tell."""
    if not to_all(statement):
        return False
    if named_by_conditions(statement):
        return False
    return True if all(key in NARROWS_NOBODY for _, key, _ in _conditions(statement)) else None


def named_by_conditions(statement: Body) -> tuple[str, ...]:
    """Accounts, organizations and things to which conditions limit a statement that speaks of anybody."""
    found = [[str(value) for value in each[2]] for each in _conditions(statement) if _names_who(*each)]
    return tuple(found[0]) if found else ()


def _conditions(statement: Body) -> list[tuple[str, str, list[Any]]]:
    return [
        (operator.lower(), key.lower(), as_list(value))
        for operator, keys in statement.get("Condition", {}).items()
        for key, value in keys.items()
    ]


def _names_who(operator: str, key: str, values: list[Any]) -> bool:
    bare = operator.rpartition(":")[2] if operator.startswith("foranyvalue:") else operator
    return key in NAMES_WHO and bare in POSITIVE and all(_is_named(key, str(value)) for value in values)


def _is_named(key: str, value: str) -> bool:
    """A value that holds for one account or organization only.  A wildcard in its place, and everybody has one."""
    if value.startswith("arn:"):
        _, _, service, _, account, thing = (value.split(":", 5) + [""] * 5)[:6]
        # The ARN of a bucket names no account, and the name of a bucket has one owner in the world.
        bucket = service == "s3" and not account and thing[:1] not in {"", "*", "?"}
        return account.isdigit() or bucket
    return bool(value) and key != "aws:sourcearn" and not any(mark in value.partition("/")[0] for mark in "*?")


def _denies_plain(statement: Body) -> bool:
    """A denial of requests without TLS only: whoever uses TLS still gets in."""
    keys = {key.lower() for keys in statement.get("Condition", {}).values() for key in keys}
    return keys == {"aws:securetransport"}
