"""Made-up facts of every type, for tests that ask all checks the same question."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import fields, replace
from datetime import datetime, timedelta
from enum import Enum
from itertools import product
from random import Random
from types import UnionType
from typing import Any, get_args, get_origin, get_type_hints

from checks.testing import DENIED, NOW, fact, unreadable
from collectors.facts.core import Fact, Unread
from collectors.facts.detection import BaselineCoverage, SecurityContact
from collectors.facts.directory import EVERYONE, EVERYTHING, GUESTS, MANAGEMENT
from collectors.facts.identity import PasswordPolicy, RootUser, SignIns, UserDirectory
from collectors.facts.monitoring import AuditCoverage, ConfigurationRecorder, ThreatDetector
from collectors.facts.organization import Organization
from collectors.facts.recovery import BackupCoverage
from collectors.facts.rights import EVERYBODY, Names, ReadingRight
from collectors.facts.stores import AccountPublicAccess, DiskDefaults, ObjectStore

# Two resources a type and two regions: enough for joins that match and joins that do not.
NAMES = ("a", "b")
REGIONS = ("us-east-1", "eu-west-1", "global")

# How often a resource is there, and how often one of its values is not read.
PRESENT, LOST = 0.7, 0.4

# One fact at most: about the account as a whole, or about a region as a whole.
SINGLE: set[type[Fact]] = {
    AccountPublicAccess,
    AuditCoverage,
    BackupCoverage,
    BaselineCoverage,
    ConfigurationRecorder,
    DiskDefaults,
    Organization,
    PasswordPolicy,
    RootUser,
    SecurityContact,
    SignIns,
    ThreatDetector,
    UserDirectory,
}

# Texts that some check looks for, beside uids that may or may not be there.
WORDS: dict[str, tuple[str | None, ...]] = {
    "store": ("object_store", "secret"),
    "protocol": ("HTTP", "HTTPS", "TLS", "TCP", "UDP"),
    "minimum_tls": ("1.0", "1.2", "1.3"),
    "flow_log_traffic": ("ALL", "ACCEPT", "REJECT"),
    "statements": ("none", "ddl", "all"),
    "messages_from": ("debug1", "warning", "panic"),
    "failed_from": ("notice", "error", "fatal"),
    "verbosity": ("terse", "default", "verbose"),
    "last_status": ("SUCCESS", "FAILURE", "PENDING"),
    "topic": ("endpoint_protection", "image_vulnerabilities", "system_updates", "vulnerability_scanner"),
    "status": ("healthy", "unhealthy", "exempt"),
    "severity": ("low", "medium", "high", "critical"),
    "alerts_from": ("low", "medium", "high", "critical"),
    "counted_type": ("log_store", "network", "object_store"),
    "what": ("function app", "web app", "x"),
    "address": ("203.0.113.7", "2001:db8::7"),
    "service": ("SQL server", "storage account", "x"),
}
# Lists of texts in a form that some check reads.
LISTS: dict[str, tuple[tuple[str, ...], ...]] = {
    "named": ((), ("arn:a",), ("123456789012",), (EVERYBODY,)),
    "open_ranges": ((), ("203.0.113.7/32",), ("198.51.100.0/24", "2001:db8::/64"), ("0.0.0.0/0", "::/0")),
    "api_open_ranges": ((), ("203.0.113.7/32",), ("0.0.0.0/0",)),
    "doors": (
        (),
        ("tcp/443 0.0.0.0/0",),
        ("tcp/20-30 ::/0", "udp/53 provider"),
        ("tcp/0-65535 203.0.113.0/24",),
    ),
    "server_events": ((), ("checkpoints",), ("checkpoints", "disconnections")),
    "covers": ((EVERYONE,), (EVERYONE,), (EVERYONE,), (GUESTS,), ("user u",), ()),
    "applications": ((EVERYTHING,), (EVERYTHING,), (MANAGEMENT,), ("x",), ()),
    "exceptions": ((), (), ("user u",), (f"{GUESTS} internalGuest",), ("application x",)),
    "only_when": ((), (), ("signInRiskLevels",)),
}
# Dates that lie ahead as well as behind.
DATES: dict[str, tuple[datetime, ...]] = {
    "expires": tuple(NOW + timedelta(days=days) for days in (-400, -1, 30, 31, 365, 366, 4000)),
}
TEXTS = ("arn:a", "arn:b", "x")
EXAMPLES: dict[object, tuple[object, ...]] = {
    type(None): (None,),
    bool: (True, False),
    int: (0, 1, 2, 6, 7, 13, 14, 24, 89, 90, 91, 364, 365, 366, 4000),
    float: (0.0, 99.0, 99.9, 100.0),
    str: ("arn:a", "arn:b", "x"),
    tuple[str, ...]: ((), ("arn:a",), ("arn:a", "x")),
    tuple[ReadingRight, ...]: (
        (),
        (ReadingRight("object_store", (Names(("*",)),), (), None),),
        (ReadingRight("secret", (Names(("*",), ("arn:a",)),), (Names(("x",)),), (Names(("arn:?",)),)),),
    ),
    datetime: tuple(NOW - timedelta(days=days) for days in (0, 1, 2, 7, 8, 45, 89, 90, 91, 365, 366)),
}


def examples(name: str, hint: object) -> tuple[object, ...]:
    """Plausible read values of a field: every bool and enum member, a few numbers, texts and times."""
    if get_origin(hint) is UnionType:
        return tuple(value for part in get_args(hint) if part is not Unread for value in examples(name, part))
    if isinstance(hint, type) and issubclass(hint, Enum):
        return tuple(hint)
    if get_origin(hint) is tuple and issubclass(members := get_args(hint)[0], Enum):
        return ((), *((each,) for each in members), tuple(members))
    if hint not in EXAMPLES:
        raise TypeError(f"field {name}: teach {__name__} what a {hint} looks like")
    if hint is datetime:
        return DATES.get(name, EXAMPLES[hint])
    if get_origin(hint) is tuple:
        return LISTS.get(name, EXAMPLES[hint])
    return WORDS.get(name, EXAMPLES[hint]) if hint is str else EXAMPLES[hint]


def values(type_: type[Fact]) -> dict[str, tuple[Any, ...]]:
    """Examples for each field of a type of fact, beside what all facts have."""
    hints = get_type_hints(type_)
    return {
        item.name: examples(item.name, hints[item.name])
        for item in fields(type_)
        if item.name not in {"resource", "documents"}
    }


def unreadable_fields(type_: type[Fact]) -> tuple[str, ...]:
    """The fields that can stand without a value."""
    hints = get_type_hints(type_)
    return tuple(item.name for item in fields(type_) if unreadable(hints[item.name]))


def unread_facts(type_: type[Fact]) -> list[Fact]:
    """Facts about one resource of which nothing was read but its existence, one for each kind it can be."""
    certain: dict[str, tuple[Any, ...]] = {
        name: some for name, some in values(type_).items() if name not in unreadable_fields(type_)
    }
    return [fact(type_, NAMES[0], **dict(zip(certain, chosen, strict=True))) for chosen in product(*certain.values())]


def read_facts(types: Iterable[type[Fact]], chance: Random) -> list[Fact]:
    """A few facts of each type, with every field read."""
    drawn: list[Fact] = []
    for type_ in types:
        for name in NAMES[:1] if type_ in SINGLE else NAMES:
            if chance.random() < PRESENT:
                region = chance.choice(REGIONS)
                filling = {field: chance.choice(some) for field, some in values(type_).items()}
                drawn.append(possible(fact(type_, name, region=region, **filling)))
    return drawn


def possible(made: Fact) -> Fact:
    """The fact without a contradiction that no collector can state."""
    if isinstance(made, ObjectStore) and made.public is True:
        # public means that nothing blocks it
        return replace(made, public_access_blocked=False)
    return made


def blinded(facts: Iterable[Fact], chance: Random) -> list[Fact]:
    """The same facts as seen with fewer permissions: some values were not read."""
    seen: list[Fact] = []
    for each in facts:
        lost: dict[str, Any] = {field: DENIED for field in unreadable_fields(type(each)) if chance.random() < LOST}
        seen.append(replace(each, **lost))
    return seen
