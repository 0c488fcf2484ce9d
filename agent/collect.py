"""One run of each target: opens accounts, takes slots, runs, signs.  What `collect` does and the daemon repeats."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from agent import checkpoints, clock, schedule
from agent.config import Settings
from agent.errors import OperatorError
from agent.run import Job, Progress, Report, run
from agent.sections import AwsTarget
from agent.wiring import Wiring
from collectors.aws.provider import Aws, AwsAccess
from collectors.errors import ConfigurationFault
from collectors.facts.core import Reason
from storage import reads, seal
from storage.canon import canonical
from storage.engine import Store
from storage.rows import Target


@dataclass(frozen=True, slots=True)
class Skipped:
    """A target whose slot had been run before."""

    name: str
    slot: int


def open_account(target: AwsTarget) -> Aws:
    """The account of a target; nothing is asked of it yet.  Raises OperatorError."""
    regions = (target.regions,) if isinstance(target.regions, str) else target.regions
    try:
        return Aws(
            AwsAccess(
                regions=regions,
                role_arn=target.role_arn,
                external_id=target.external_id,
                profile=target.profile,
                endpoint=target.endpoint,
                pool=target.concurrency,
                attempts=target.attempts,
            )
        )
    except ConfigurationFault as error:
        message = f"target {target.name!r}: {error}"
        raise OperatorError(message) from error
    except ImportError as error:
        message = f"target {target.name!r}: the AWS SDK is not installed; pip install 'proofkeep[aws]'"
        raise OperatorError(message) from error


def choose(settings: Settings, names: tuple[str, ...]) -> tuple[AwsTarget, ...]:
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


def collect(
    settings: Settings,
    wiring: Wiring,
    store: Store,
    targets: tuple[AwsTarget, ...],
    *,
    scheduled: bool,
    progress: Callable[[str], Progress],
) -> Iterator[Report | Skipped]:
    """Run each target once.

    An on-demand run takes the present moment as its slot.  A scheduled one takes the slot that is due, records each
    one missed before it as a gap, and is skipped when the slot has its run.
    """
    checkpoints.refuse_rollback(store, settings)
    accounts = [(target, open_account(target)) for target in targets]
    policies(settings, wiring, store)
    for target, account in accounts:
        slot = clock.now()
        if scheduled:
            plan = settings.plans().of(target.name)
            taken = take_slot(store, target.name, account.cloud, plan)
            if taken is None:
                yield Skipped(target.name, plan.slot_of(slot))
                continue
            slot = taken
        job = Job(
            name=target.name,
            account=account,
            slot=slot,
            scheduled=scheduled,
            config_digest=config_digest(settings),
            pool=target.concurrency,
            keep_all_calls=settings.keep_calls == "all",
        )
        report = run(job, store, wiring, progress(target.name))
        checkpoints.anchor(store, settings)
        yield report


def policies(settings: Settings, wiring: Wiring, store: Store) -> None:
    """Put into the ledger what the coming runs are judged by, where it differs from what is in force there."""
    seal.append_policy(store, "schedule", canonical(settings.plans().declared()))
    seal.append_policy(store, "controls", canonical({"digest": wiring.library.digest}))


def config_digest(settings: Settings) -> str:
    """Hex SHA-256 of the settings without their secrets, so that a change of scope shows in the ledger."""
    shown = settings.model_dump(mode="json", exclude={"database", "integrity"})
    return hashlib.sha256(canonical(shown)).hexdigest()


def take_slot(store: Store, name: str, cloud: str, plan: schedule.Plan) -> int | None:
    """The slot that is due, after a gap entry for each one that nobody can read any more; None when it was run."""
    with store.read() as conn:
        known = [target for target in reads.targets(conn) if (target.cloud, target.name) == (cloud, name)]
        last = max(
            ((slot, target) for target in known if (slot := reads.last_slot(conn, target)) is not None),
            default=None,
            key=lambda found: found[0],
        )
    found = schedule.due(plan, last[0] if last else None, clock.now())
    for slot in found.missed:
        _missed(store, last[1], slot) if last else None
    return found.slot


def _missed(store: Store, target: Target, slot: int) -> None:
    seal.append_gap(store, target, slot, Reason.AGENT_DOWN.value, "no run was started in this slot")
