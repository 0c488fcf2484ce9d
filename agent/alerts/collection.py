"""Trouble with the collection itself: targets out of reach, permissions that are missing, reads that keep failing.

Pure.  One thing is told of once: a target that cannot be reached, a permission that is missing, or else a gap.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass, replace
from itertools import islice

from agent.alerts.conditions import Seen, key_of
from agent.alerts.states import GAP, PERMISSION, TARGET, TROUBLE, Entry, State, Subject
from agent.alerts.text import clean
from agent.alerts.transitions import Look
from agent.schedule import Plan
from checks.api import Outcome
from collectors.facts.core import Reason
from collectors.provenance import Gap

REFUSED = frozenset({Reason.PERMISSION_DENIED, Reason.LICENCE_MISSING, Reason.CREDENTIAL_EXPIRED})
"""Reasons that somebody has to do something about."""
CHOSEN = frozenset({Reason.EXCLUDED_BY_CONFIG, Reason.ACCOUNT_NOT_ONBOARDED, Reason.SERVICE_UNSUPPORTED})
"""Reasons that are known and disclosed, and nobody's trouble."""
INTERVALS = 2
"""Trouble that is older than this many intervals of the schedule is lasting."""
STALE = "stale"
"""Trouble of a target of which no run is sealed any more."""


@dataclass(frozen=True, slots=True)
class Trouble:
    """Something wrong outside of what a run reads."""

    kind: str
    """One word, which names the condition: stale, verification, anchor, configuration, restart."""
    severity: str
    """critical, high, medium or low."""
    title: str
    """One lower-case sentence that is true while it lasts."""
    reason: str
    """What was found, in the words of whoever found it."""
    target: str = ""
    """Empty when it concerns the agent as a whole."""
    cloud: str = ""
    owner: str = ""

    def because(self, reason: str) -> Trouble:
        """The same with another reason."""
        return replace(self, reason=reason)

    @property
    def condition(self) -> str:
        """Key of the condition."""
        return key_of(self.target, self.kind)

    def entry(self, now: int) -> Entry:
        """The one item that it is about."""
        return Entry(clean(self.target or self.kind), "", "", "", clean(self.reason), now, now)


def of_trouble(trouble: Trouble, state: State | None, *, now: int, failing: bool) -> tuple[Subject, Look]:
    """A look at something outside of runs.  Its title stays the one of the time at which it was wrong."""
    if not failing and state is not None:
        return state.subject, Look(ended=dict.fromkeys(state.items, "it is over"))
    subject = Subject(
        condition=trouble.condition,
        kind=TROUBLE,
        control="",
        head=clean(trouble.title),
        severity=trouble.severity,
        owner=trouble.owner,
        cloud=trouble.cloud,
        target=trouble.target,
        account="",
    )
    return subject, Look(failing={trouble.kind: trouble.entry(now)} if failing else {})


def of_collection(seen: Seen, states: Mapping[str, State], owner: str) -> dict[str, tuple[Subject, Look]]:
    """A look at each condition of a target's collection.

    A run that could not read the target at all says nothing of permissions and gaps, which stay as they were.
    """
    name = seen.target.name

    def state(kind: str) -> State | None:
        return states.get(key_of(name, kind))

    looks = {TARGET: _target(seen, state(TARGET))}
    if seen.unreachable is None:
        looks[PERMISSION] = _permissions(seen, state(PERMISSION))
        looks[GAP] = _gaps(seen, state(GAP), _refused_sites(looks[PERMISSION], state(PERMISSION)))
    severities = {TARGET: _severity(seen, state(TARGET)), PERMISSION: "high", GAP: "medium"}
    found = {key_of(name, kind): (_subject(seen, kind, severities[kind], owner), look) for kind, look in looks.items()}
    stale = state(STALE)
    if stale is not None:
        found[key_of(name, STALE)] = (stale.subject, Look(ended=dict.fromkeys(stale.items, "a run was sealed")))
    return found


def _subject(seen: Seen, kind: str, severity: str, owner: str) -> Subject:
    target = seen.target
    return Subject(
        condition=key_of(target.name, kind),
        kind=kind,
        control="",
        head=clean(target.name),
        severity=severity,
        owner=owner,
        cloud=target.cloud,
        target=target.name,
        account=target.account,
    )


def _severity(seen: Seen, state: State | None) -> str:
    """An account that waits to be let in is less grave than one that has shut us out."""
    if seen.unreachable is None:
        return state.subject.severity if state is not None else "high"
    return "medium" if seen.unreachable.reason is Reason.ACCOUNT_NOT_ONBOARDED else "high"


def _target(seen: Seen, state: State | None) -> Look:
    error = seen.unreachable
    if error is None:
        return Look(ended=dict.fromkeys(state.items if state is not None else (), "it can be read again"))
    reason = clean(f"{error.reason}: {error.said}")
    entry = Entry(clean(error.operation), "", "", "", reason, seen.now, seen.slot)
    known = state.items.get(TARGET) if state is not None else None
    lasting = known is not None and _lasts(seen.plan, known.slot, seen.slot)
    return Look(failing={TARGET: entry}, stage=int(lasting))


def _permissions(seen: Seen, state: State | None) -> Look:
    """Each missing permission, with how many checks cannot tell for want of it."""
    found: dict[str, list[Gap]] = defaultdict(list)
    for gap in seen.gaps:
        if gap.reason in REFUSED:
            found[gap.permission or gap.operation].append(gap)
    blinded = _blinded(seen, found)
    failing = {}
    for permission, gaps in found.items():
        said = _reason(gaps)
        if blinded[permission]:
            said += f"; {len(blinded[permission])} checks cannot tell without it"
        failing[permission] = _entry(seen, permission, gaps, said)
    return Look(failing=failing, ended=dict.fromkeys(_over(seen, state, failing), "it is not refused any more"))


def _gaps(seen: Seen, state: State | None, refused: Iterable[tuple[str, str]]) -> Look:
    """Each read that has failed in every run for more than two intervals; the younger ones are remembered."""
    told_elsewhere = set(refused)
    found: dict[str, list[Gap]] = defaultdict(list)
    for gap in seen.gaps:
        if gap.reason not in REFUSED | CHOSEN and (gap.operation, gap.region) not in told_elsewhere:
            found[f"{gap.region} {gap.operation}"].append(gap)
    open_, young = (state.items, state.pending) if state is not None else ({}, {})
    failing: dict[str, Entry] = {}
    pending: dict[str, Entry] = {}
    for id_, gaps in found.items():
        entry = _entry(seen, gaps[0].operation, gaps, _reason(gaps))
        lasting = id_ in young and _lasts(seen.plan, young[id_].slot, seen.slot)
        (failing if id_ in open_ or lasting else pending)[id_] = entry

    ended = dict.fromkeys(_over(seen, state, found), "it is read again")
    for id_, entry in open_.items():
        if any((operation, region) in told_elsewhere for _, region, operation in entry.sites):
            ended[id_] = f"told of as {key_of(seen.target.name, PERMISSION)} now"
    return Look(failing=failing, ended=ended, pending=pending)


def _refused_sites(look: Look, state: State | None) -> Iterable[tuple[str, str]]:
    """Operation and region of each read that a missing permission is told to prevent."""
    known = state.items if state is not None else {}
    entries = {id_: entry for id_, entry in known.items() if id_ not in look.ended} | dict(look.failing)
    return {(operation, region) for entry in entries.values() for _, region, operation in entry.sites}


def _over(seen: Seen, state: State | None, found: Container[str]) -> list[str]:
    """The known items that are proven to be over: this run does not have them, though it got as far.

    One that was left out in another way, or whose read hangs on a listing that failed, stays as it was.
    """
    gaps = [gap for gap in seen.gaps if gap.reason not in CHOSEN]
    cut = {(gap.collector, gap.region) for gap in gaps if gap.listing}
    left_out = {(gap.collector, gap.region, gap.operation) for gap in gaps}
    return [
        id_
        for id_, entry in (state.items if state is not None else {}).items()
        if id_ not in found and not any(site in left_out or site[:2] in cut for site in entry.sites)
    ]


def _lasts(plan: Plan, first: int, slot: int) -> bool:
    """Whether more than `INTERVALS` intervals lie between two slots."""
    return len(tuple(islice(plan.expected(first, slot), INTERVALS))) == INTERVALS


def _blinded(seen: Seen, permissions: Iterable[str]) -> dict[str, set[str]]:
    """By permission: the checks that say UNKNOWN for want of it."""
    blinded: dict[str, set[str]] = {permission: set() for permission in permissions}
    for each in seen.judged:
        for finding in each.findings.values():
            if finding.outcome is Outcome.UNKNOWN:
                for unread in finding.unread:
                    blinded.get(unread.permission or unread.operation, set()).add(each.check.id)
    return blinded


def _entry(seen: Seen, name: str, gaps: list[Gap], reason: str) -> Entry:
    regions = sorted({gap.region for gap in gaps})
    sites = sorted({(gap.collector, gap.region, gap.operation) for gap in gaps})
    return Entry(
        name=clean(name),
        label="",
        region=regions[0] if len(regions) == 1 else f"{len(regions)} regions",
        check="",
        reason=clean(reason),
        since=seen.now,
        slot=seen.slot,
        sites=tuple(sites),
    )


def _reason(gaps: list[Gap]) -> str:
    """`iam:ListUsers: PERMISSION_DENIED (AccessDenied)`."""
    first = gaps[0]
    operations = list(dict.fromkeys(gap.operation for gap in gaps))
    more = f" and {len(operations) - 1} more" if len(operations) > 1 else ""
    said = f" ({first.error})" if first.error and first.error != first.reason.value else ""
    return f"{first.operation}{more}: {first.reason.value}{said}"
