"""A made-up target with things that are judged by made-up checks, under made-up controls."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from agent.alerts.conditions import Seen
from agent.judge import Judged
from agent.schedule import Every
from agent.waivers import Waiver, Waivers
from agent.wiring import Wiring
from checks.api import DIRECT, Check, Criterion, Finding, Outcome, Strength
from checks.controls import Control, Covers, Frequency, Kind, Library, Policy
from collectors.errors import TargetUnreachable
from collectors.facts.core import Reason, Resource, Unread
from collectors.provenance import Gap
from storage.rows import Target
from tests.agent.alerts.scripts import HOUR, START
from tests.agent.toys import CHECK, renamed

PROD = Target("aws", "prod", "1")
OTHER = renamed(CHECK, "toy.other", severity="low", title="Other things are good", remediation="Make the other good.")
LOOSE = renamed(CHECK, "toy.loose", severity="medium", title="Loose things are good")
CHECKS = {check.id: check for check in (CHECK, OTHER, LOOSE)}
SIGNS = {"P": Outcome.PASS, "F": Outcome.FAIL, "U": Outcome.UNKNOWN, "E": Outcome.ERROR, "N": Outcome.NOT_APPLICABLE}


def control(id_: str, *checks: str, severity: str = "high", strength: Strength = DIRECT, key: bool = False) -> Control:
    """A control that these checks test."""
    return Control(
        id=id_, title=f"promise {id_}", text="We do.", criteria=(Criterion(f"CC6.{id_[-1]}", strength, "made up"),),
        frequency=Frequency.DAILY, owner=f"owner of {id_}", kind=Kind.AUTOMATED, key=key,
        severity=severity,  # type: ignore[arg-type]  # one of the four words
        sla_days=7, policy=Policy.STRICT, checks=checks, params={}, covers=Covers.ALL, not_covered="", procedure="",
        due="", not_yet="",
    )  # fmt: skip


def library(*controls: Control) -> Library:
    """These controls in this order."""
    return Library({each.id: each for each in controls}, {}, "0" * 64)


def wiring(*controls: Control) -> Wiring:
    """The made-up checks under these controls, two if none is given."""
    chosen = controls or (control("AC-1", CHECK.id), control("AC-2", CHECK.id, OTHER.id, severity="medium"))
    return Wiring(CHECKS, {}, library(*chosen))


def resource(uid: str) -> Resource:
    """A thing, whose name is its uid in capitals."""
    return Resource("aws", "1", "east", "thing", uid, uid.upper())


def judged(check: Check, things: str, unread: Unread | None = None) -> Judged:
    """A check's findings, written as `a=F b=P c=U`."""
    findings = {}
    for word in things.split():
        uid, _, sign = word.partition("=")
        outcome = SIGNS[sign]
        seen = (unread,) if unread is not None and outcome is Outcome.UNKNOWN else ()
        findings["thing", uid] = Finding(resource(uid), outcome, f"{uid} says {outcome.value}", (), seen)
    return Judged(check, {}, findings)


def gap(
    operation: str = "iam:ListUsers",
    reason: Reason = Reason.PERMISSION_DENIED,
    *,
    region: str = "east",
    listing: bool = False,
    collector: str = "aws.users",
) -> Gap:
    """A read that failed, whose permission is called as its operation."""
    return Gap(reason, collector, region, "aws.user", None, listing, operation, operation, "said no")


def seen(
    slot: int = 0,
    things: Mapping[str, str] | None = None,
    gaps: Iterable[Gap] = (),
    unreachable: TargetUnreachable | None = None,
    unread: Unread | None = None,
) -> Seen:
    """What the run of one hourly slot saw of `prod`, five seconds after the slot."""
    at = START + slot * HOUR
    each = tuple(judged(CHECKS[check], said, unread) for check, said in (things or {}).items())
    return Seen(PROD, f"run {slot}", at, at + 5_000_000, Every(3600), each, tuple(gaps), unreachable)


def waived(uid: str, until: int) -> Waivers:
    """An exception for everything about one resource, from the first slot on."""
    granted = Waiver(
        control="AC-1", target="prod", resource=uid, reason="old", risk="some", requested_by="jo", approved_by="al",
        approved_at=START, valid_from=START, valid_to=until, recorded_at=START, id="W-0001", seq=1,
    )  # fmt: skip
    return Waivers([granted])
