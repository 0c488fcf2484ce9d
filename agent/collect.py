"""Reads the targets of a configuration: expands organizations, takes slots, runs, signs.

What `collect` does once and the daemon does again and again.
"""

from __future__ import annotations

import hashlib
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Protocol

from agent import checkpoints, clock, library, populations, schedule
from agent.alerts.watch import Watch
from agent.config import Settings
from agent.errors import OperatorError
from agent.fetch import Limits, Read, read_here
from agent.judge import UNKNOWN_ACCOUNT
from agent.run import Job, Organized, Progress, Report, run
from agent.sections import seconds
from agent.target_sections import AnyTarget, AwsTarget, AzureTarget
from agent.targets import Expansion, access_of, azure_access_of, expand, gcp_access_of, known_members
from agent.wiring import Wiring
from collectors.aws.provider import Aws
from collectors.azure.provider import Azure
from collectors.errors import ConfigurationFault, TargetUnreachable
from collectors.facts.core import Reason
from collectors.gcp.provider import Gcp
from storage import reads, seal
from storage.canon import canonical
from storage.engine import Store
from storage.errors import LeaseHeld, SlotSealed


@dataclass(frozen=True, slots=True)
class Skipped:
    """A target whose slot had been run before."""

    name: str
    slot: int


@dataclass(frozen=True, slots=True)
class Failed:
    """A target whose run came to nothing, for a reason that has nothing to do with the others."""

    name: str
    said: str


def open_account(target: AnyTarget, *, onboarded: bool = True) -> Organized:
    """The account of a target; nothing is asked of it yet.  Raises OperatorError."""
    try:
        if isinstance(target, AwsTarget):
            return Aws(access_of(target, onboarded=onboarded))
        if isinstance(target, AzureTarget):
            return Azure(azure_access_of(target))
        return Gcp(gcp_access_of(target))
    except ConfigurationFault as error:
        message = f"target {target.name!r}: {error}"
        raise OperatorError(message) from error
    except ImportError as error:
        sdk = {"aws": "AWS", "azure": "Azure", "gcp": "Google Cloud"}[target.cloud]
        message = f"target {target.name!r}: the {sdk} SDK is not installed; pip install 'proofkeep[{target.cloud}]'"
        raise OperatorError(message) from error


class Open(Protocol):
    """How an account is opened."""

    def __call__(self, target: AnyTarget, *, onboarded: bool = True) -> Organized:
        """As `open_account`."""


def choose(settings: Settings, names: tuple[str, ...]) -> tuple[AnyTarget, ...]:
    """The targets of these names, all when none is named.  Raises OperatorError."""
    if not settings.targets:
        message = "no target is configured; add a [[targets]] table to proofkeep.toml (see config.example.toml)"
        raise OperatorError(message)
    known = {target.name: target for target in settings.targets}
    for name in names:
        if name not in known:
            message = f"--target {name!r}: no such target; the configuration has {', '.join(known)}"
            raise OperatorError(message)
    return tuple(known[name] for name in names) if names else settings.targets


@dataclass(frozen=True, slots=True)
class Collection:
    """Everything that the runs of one configuration share."""

    settings: Settings
    wiring: Wiring
    store: Store
    watch: Watch
    read: Read = read_here
    stop: threading.Event = field(default_factory=threading.Event)
    """Set when runs under way are to end."""
    open: Open = open_account

    def begin(self) -> None:
        """Refuse a database that was rolled back, and put into the ledger what the coming runs are judged by.

        Raises IntegrityError, StoreError.
        """
        checkpoints.refuse_rollback(self.store, self.settings)
        seal.append_policy(self.store, "schedule", canonical(self.settings.plans().declared()))
        seal.append_policy(self.store, library.POLICY, library.body(self.wiring.library))
        seal.append_policy(self.store, "populations", populations.declared())

    def members(self, target: AnyTarget) -> Expansion:
        """The accounts that a target stands for: itself, or all of its organization.

        Which accounts an organization was found to have goes into the ledger whenever it changes, so that nobody can
        leave it unnoticed.  Raises OperatorError, StoreError.
        """
        if not target.expands:
            return Expansion((target,))
        account = self.open(target)
        partition = ""
        try:
            partition = account.identify().partition
            found = expand(target, account.members(), partition=partition)
        except TargetUnreachable as trouble:
            with self.store.read() as conn:
                known = known_members(reads.targets(conn), target)
            return expand(target, known, partition=partition, trouble=trouble)
        names = [member.name for member in found.targets]
        said = {"target": target.name, "accounts": names, "excluded": list(found.excluded)}
        seal.append_policy(self.store, f"organization {target.name}", canonical(said))
        return found

    def take(self, target: AnyTarget) -> schedule.Due:
        """The slot that is due for a target, after a gap entry for each one that nobody can read any more."""
        plan = self.settings.plans().of(target.name)
        with self.store.read() as conn:
            known = [who for who in reads.targets(conn) if (who.cloud, who.name) == (target.cloud, target.name)]
            last = max(
                ((slot, who) for who in known if (slot := reads.last_slot(conn, who)) is not None),
                default=None,
                key=lambda found: found[0],
            )
        found = schedule.due(plan, last[0] if last else None, clock.now())
        if last is not None:
            for slot in found.missed:
                seal.append_gap(self.store, last[1], slot, Reason.AGENT_DOWN.value, "no run was started in this slot")
        return found

    def run(
        self, target: AnyTarget, slot: int, progress: Progress, *, scheduled: bool, excluded: tuple[str, ...] = ()
    ) -> Report:
        """Read one account in one slot.  Raises OperatorError, StoreError, Stopped."""
        with self.store.read() as conn:
            onboarded = any(
                reads.was_read(conn, who)
                for who in reads.targets(conn)
                if (who.cloud, who.name) == (target.cloud, target.name)
            )
        plan = target.schedule or self.settings.schedule
        job = Job(
            name=target.name,
            account=self.open(target, onboarded=onboarded),
            slot=slot,
            scheduled=scheduled,
            config_digest=config_digest(self.settings),
            keep_all_calls=self.settings.keep_calls == "all",
            plan=plan.plan(),
            limits=Limits(target.concurrency, time.monotonic() + seconds(plan.deadline), self.stop),
            read=self.read,
            watch=self.watch.of_run,
            expected_account=target.name.partition("/")[2] or UNKNOWN_ACCOUNT,
            excluded=excluded,
        )
        return run(job, self.store, self.wiring, progress)


def collect(
    collection: Collection,
    targets: tuple[AnyTarget, ...],
    *,
    scheduled: bool,
    progress: Callable[[str], Progress],
) -> Iterator[Report | Skipped | Failed]:
    """Run each account of each target once, one after the other.

    An on-demand run takes the present moment as its slot.  A scheduled one takes the slot that is due, records each
    one missed before it as a gap, and is skipped when the slot has its run.
    """
    for target in targets:
        open_account(target)  # what the operator must fix is found before anything is written
    collection.begin()
    for target in targets:
        expansion = collection.members(target)
        for number, member in enumerate(expansion.targets):
            excluded = () if number else expansion.excluded
            yield visit(collection, member, progress(member.name), scheduled=scheduled, excluded=excluded)


def visit(
    collection: Collection,
    member: AnyTarget,
    progress: Progress,
    *,
    scheduled: bool,
    excluded: tuple[str, ...] = (),
) -> Report | Skipped | Failed:
    """Run one account once and sign the ledger.  Raises OperatorError and StoreError for what concerns all."""
    try:
        slot: int | None = collection.take(member).slot if scheduled else clock.now()
        if slot is None:
            return Skipped(member.name, collection.settings.plans().of(member.name).slot_of(clock.now()))
        report = collection.run(member, slot, progress, scheduled=scheduled, excluded=excluded)
        checkpoints.anchor(collection.store, collection.settings)
    except (LeaseHeld, SlotSealed) as error:
        return Failed(member.name, str(error))
    return report


def config_digest(settings: Settings) -> str:
    """Hex SHA-256 of the settings without their secrets, so that a change of scope shows in the ledger."""
    shown = settings.model_dump(mode="json", exclude={"database", "integrity"})
    return hashlib.sha256(canonical(shown)).hexdigest()
