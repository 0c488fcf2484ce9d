"""From which buckets, secrets and keys policies let somebody read, as patterns of the names of these stores.

An upper bound: conditions are taken to be met, and part of a bucket counts as the bucket.  A denial counts only when
nothing but what it names decides it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from collectors.aws.policy_evaluator import Context, Layer, Statement, conditions_hold, filled_in, speaks_of
from collectors.facts.rights import Names, ReadingRight

READS = {"object_store": "s3:GetObject", "secret": "secretsmanager:GetSecretValue", "encryption_key": "kms:Decrypt"}
"""By type of store: the action that reads its content, or with a key what it encrypts."""
ACTIONS = tuple(READS.values())


def reading_rights(layers: tuple[Layer, ...], context: Context) -> tuple[ReadingRight, ...]:
    """What the policies of an identity, the first layer, and its boundary, the second, leave of each type of store."""
    own, *bounds = layers
    found = []
    for store, action in READS.items():
        allowed = tuple(allowances(own.statements, store, action, context))
        denials = [each for layer in layers for each in denied(layer.statements, store, action, context)]
        within = [each for layer in bounds for each in allowances(layer.statements, store, action, context)]
        if allowed:
            found.append(ReadingRight(store, allowed, tuple(denials), tuple(within) if bounds else None))
    return tuple(found)


def allowances(statements: tuple[Statement, ...], store: str, action: str, context: Context) -> Iterator[Names]:
    """The stores that each statement may allow something of."""
    for each in statements:
        if each.allows and speaks_of(each, action) and conditions_hold(each, context) is not False:
            names = _names(each, _some(store), _all(store), context, known=False)
            if names.those:
                yield names


def denied(statements: tuple[Statement, ...], store: str, action: str, context: Context) -> Iterator[Names]:
    """The stores of which each statement denies everything for certain."""
    for each in statements:
        if not each.allows and speaks_of(each, action) and conditions_hold(each, context) is True:
            names = _names(each, _all(store), _some(store), context, known=True)
            if names.those:
                yield names


Trim = Callable[[str], str]
"""The pattern of the stores that a pattern of resources is about; empty when it is about none."""


def _names(statement: Statement, trim: Trim, trim_out: Trim, context: Context, *, known: bool) -> Names:
    """The stores of a statement's resources; `known` leaves out those that depend on a variable's value."""
    patterns = [filled_in(each, context) for each in statement.resources]
    if statement.all_but_resources:
        # what is taken out is counted the other way round
        out = [trim_out(text) for text, unsure in patterns if known or not unsure]
        return Names(("*",), tuple(filter(None, out)))
    return Names(tuple(filter(None, (trim(text) for text, unsure in patterns if not (known and unsure)))))


def _some(store: str) -> Trim:
    return some_of_bucket if store == "object_store" else str


def _all(store: str) -> Trim:
    return all_of_bucket if store == "object_store" else str


def some_of_bucket(pattern: str) -> str:
    """The buckets of which a pattern holds objects."""
    bucket, slash, _ = pattern.partition("/")
    return bucket if slash or pattern.endswith("*") else ""


def all_of_bucket(pattern: str) -> str:
    """The buckets of which a pattern holds every object."""
    bucket, slash, objects = pattern.partition("/")
    return bucket if objects == "*" or (not slash and pattern.endswith("*")) else ""
