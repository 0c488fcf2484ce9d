"""The preflight: is everything there that a run needs, which rights are missing, and what would each one blind?

Nothing is written: what is read is judged in memory and forgotten.
"""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from agent import clock, record
from agent.alerts.delivery import check
from agent.collect import open_account
from agent.config import Settings
from agent.errors import OperatorError
from agent.fetch import Limits, fetch_all
from agent.judge import Reading, judge, shape
from agent.target_sections import AnyTarget
from agent.targets import expand
from agent.wiring import Wiring
from collectors.errors import ConfigurationFault, TargetUnreachable
from collectors.facts.core import Reason
from collectors.provenance import Call, Gap, Identity, Page
from collectors.redaction import redact
from storage import notes
from storage.engine import masked, open_store, parse_url
from storage.errors import SchemaAbsent, StoreError


@dataclass(frozen=True, slots=True)
class Setting:
    """One thing on our own side that a run needs."""

    name: str
    ok: bool
    said: str


class State(StrEnum):
    """What became of the reads that need one right."""

    GRANTED = "granted"
    DENIED = "denied"
    UNREAD = "unread"
    """It failed for another reason than a missing right."""
    NOT_EXERCISED = "not exercised"
    """There was nothing to read with it."""


@dataclass(frozen=True, slots=True)
class Right:
    """One right that the collectors need, and what hangs on it."""

    permission: str
    state: State
    answered: int
    """Reads that were answered."""
    failed: int
    """Reads that were not."""
    said: tuple[str, ...]
    """Reason code and the provider's own word of each kind of failure."""
    blinds: tuple[str, ...]
    """Checks that say UNKNOWN for want of these reads."""


@dataclass(frozen=True, slots=True)
class Examined:
    """What a dry run of one target showed."""

    name: str
    cloud: str
    identity: Identity | None
    """None when the target did not let us in."""
    regions: tuple[str, ...]
    fault: str
    """What is wrong with the target as a whole; empty when it was read."""
    misconfigured: bool
    """The fault is in the configuration, not on the provider's side."""
    skew: int | None
    """Microseconds by which our clock and the provider's differ at least; None when nothing was answered."""
    rights: tuple[Right, ...]

    @property
    def skewed(self) -> bool:
        """Our times would prove nothing."""
        return self.skew is not None and self.skew > record.UNTRUSTED_SKEW

    @property
    def missing(self) -> tuple[Right, ...]:
        """Rights of which some read was not answered."""
        return tuple(right for right in self.rights if right.state in (State.DENIED, State.UNREAD))

    def to_json(self) -> dict[str, Any]:
        """For programs."""
        return {
            "target": self.name,
            "cloud": self.cloud,
            "account": self.identity.account if self.identity else None,
            "caller": self.identity.caller if self.identity else None,
            "partition": self.identity.partition if self.identity else None,
            "regions": list(self.regions),
            "fault": self.fault,
            "clock_skew_seconds": None if self.skew is None else self.skew / 1_000_000,
            "permissions": [
                {
                    "permission": right.permission,
                    "state": right.state.value,
                    "answered": right.answered,
                    "failed": right.failed,
                    "said": list(right.said),
                    "blinds": list(right.blinds),
                }
                for right in self.rights
            ],
        }


def settings(given: Settings) -> Iterator[Setting]:
    """Database, signing key, anchor folder and receivers of alerts, as far as they can be tried without writing."""
    yield _database(given.database.get_secret_value())
    key = given.integrity.key_file
    if not key.exists():
        yield _creatable("signing key", key, "is made on first use")
    else:
        try:
            signer = notes.open_key(key, given.integrity.origin)
            yield Setting("signing key", ok=True, said=f"{key}: {signer.verifier_key()}")
        except (StoreError, OSError) as error:
            yield Setting("signing key", ok=False, said=str(error))
    folder = given.anchor_folder()
    if folder.is_dir():
        ok = os.access(folder, os.W_OK | os.X_OK)
        yield Setting(
            "anchor folder", ok=ok, said=f"{folder}: {'can be written' if ok else 'cannot be written by this user'}"
        )
    else:
        yield _creatable("anchor folder", folder, "is made on first use")
    wrong = check(given.alerts)
    yield from (Setting("alerts", ok=False, said=line) for line in wrong)
    if not wrong:
        names = ", ".join(route.name for route in given.alerts)
        yield Setting(
            "alerts", ok=True, said=f"go to {names}; `proofkeep alerts test` tries them" if names else "go to nobody"
        )


def accounts(target: AnyTarget) -> tuple[tuple[AnyTarget, ...], str]:
    """The accounts that a target stands for, and why those of its organization cannot be listed, if so."""
    if not target.expands:
        return (target,), ""
    try:
        account = open_account(target)
        expansion = expand(target, account.members(), partition=account.identify().partition)
    except OperatorError:
        return (target,), ""  # `examine` says what is wrong with it
    except TargetUnreachable as error:
        return (target,), f"{target.name}: the accounts of its organization cannot be listed: {error}"
    return expansion.targets, ""


def _database(url: str) -> Setting:
    try:
        with open_store(url) as store:
            return Setting("database", ok=True, said=f"{store.where}: reachable, schema is current")
    except SchemaAbsent:
        parsed = parse_url(url)
        if parsed.get_backend_name() == "sqlite" and parsed.database and not Path(parsed.database).exists():
            return _creatable("database", Path(parsed.database), "is made by the first `proofkeep collect`")
        return Setting(
            "database", ok=True, said=f"{masked(parsed)}: reachable, and empty; the first run makes the tables"
        )
    except StoreError as error:
        return Setting("database", ok=False, said=str(error))


def _creatable(name: str, path: Path, made: str) -> Setting:
    """Whether the nearest folder that exists would let us make `path`."""
    nearest = next(folder for folder in path.absolute().parents if folder.exists())
    if nearest.is_dir() and os.access(nearest, os.W_OK | os.X_OK):
        return Setting(name, ok=True, said=f"{path}: {made}")
    return Setting(name, ok=False, said=f"{path}: cannot be made, since {nearest} cannot be written by this user")


def examine(target: AnyTarget, wiring: Wiring) -> Examined:
    """Read everything of a target once, judge it in memory, and tell what every right came to."""
    try:
        account = open_account(target)
    except (ConfigurationFault, OperatorError) as error:
        return _shut(target, error, misconfigured=True)
    try:
        identity, regions = account.identify(), account.regions()
    except TargetUnreachable as error:
        return _shut(target, error, misconfigured=False)
    page = Page()
    for batch in fetch_all(account, wiring.scopes(account.cloud, regions), Limits(target.concurrency)):
        for arrived in batch:
            arrived.page.documents[:] = map(redact, arrived.page.documents)
            page.absorb(arrived.page)
    reading = Reading(identity, regions, page)
    return Examined(
        name=target.name,
        cloud=target.cloud,
        identity=identity,
        regions=regions,
        fault="",
        misconfigured=False,
        skew=record.clock_skew(page.calls),
        rights=tuple(_rights(reading, wiring, _blinded(reading, wiring))),
    )


def _shut(target: AnyTarget, error: Exception, *, misconfigured: bool) -> Examined:
    """A target of which nothing could be read."""
    return Examined(
        name=target.name,
        cloud=target.cloud,
        identity=None,
        regions=(),
        fault=str(error),
        misconfigured=misconfigured,
        skew=None,
        rights=(),
    )


def _blinded(reading: Reading, wiring: Wiring) -> Mapping[str, set[str]]:
    """By right: the checks that say UNKNOWN because of it."""
    shaped = shape(reading, wiring.collectors_for(reading.identity.cloud))
    now = clock.to_datetime(clock.now())
    blinded: dict[str, set[str]] = defaultdict(set)
    for judged in judge(shaped, wiring.checks.values(), wiring.params(), now, {}):
        for finding in judged.findings.values():
            for unread in finding.unread:
                blinded[unread.permission].add(judged.check.id)
    return blinded


def _rights(reading: Reading, wiring: Wiring, blinded: Mapping[str, set[str]]) -> Iterator[Right]:
    """Every right that the collectors of this cloud declare, sorted."""
    calls: dict[tuple[str, str, str], list[Call]] = defaultdict(list)
    for call in reading.page.calls:
        calls[call.collector, call.service, call.operation].append(call)
    answered: dict[str, set[int]] = defaultdict(set)
    gaps: dict[str, list[Gap]] = defaultdict(list)
    here = (each for each in wiring.collectors_for(reading.identity.cloud) if each.places(reading.regions))
    for collector in here:
        for kind in collector.kinds:
            made = calls[collector.id, kind.service, kind.operation]
            answered[kind.needs] |= {call.number for call in made if call.complete}
        for permission in collector.extra_permissions:
            answered[permission] |= {
                call.number for call in reading.page.calls if call.collector == collector.id and call.complete
            }
    for gap in reading.page.gaps:
        gaps[gap.permission].append(gap)
    for permission in sorted(answered.keys() | gaps.keys()):
        failed = gaps[permission]
        reasons = {gap.reason for gap in failed}
        if Reason.PERMISSION_DENIED in reasons:
            state = State.DENIED
        elif reasons:
            state = State.UNREAD
        else:
            state = State.GRANTED if answered[permission] else State.NOT_EXERCISED
        said = sorted({f"{gap.reason}: {gap.error}" if gap.error else str(gap.reason) for gap in failed})
        blinds = tuple(sorted(blinded.get(permission, ())))
        yield Right(permission, state, len(answered[permission]), len(failed), tuple(said), blinds)
