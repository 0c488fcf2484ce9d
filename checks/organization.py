"""What checks of an organization have in common: only the account that manages it is asked."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TypeVar

from checks.api import Facts, Finding, not_applicable, unknown
from collectors.facts.core import Unread
from collectors.facts.organization import Organization

T = TypeVar("T")


def in_charge(
    facts: Facts, value: Callable[[Organization], T | Unread], decide: Callable[[Organization, T], Finding]
) -> Iterator[Finding]:
    """One finding per account: `decide` gets what `value` reads, where the account manages an organization."""
    for organization in facts.of(Organization):
        read = value(organization)
        if isinstance(organization.in_charge, Unread):
            yield unknown(organization, organization.in_charge)
        elif not organization.in_charge:
            yield not_applicable(organization, "manages no organization")
        elif isinstance(read, Unread):
            yield unknown(organization, read)
        else:
            yield decide(organization, read)
