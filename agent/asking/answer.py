"""The answer to "was this so?": who was judged, what came out, what nobody could look at, and by which promises.

It is asked about one moment, or about a whole day: then each verdict counts as the worst that it was at any time of
that day, and a day on which an account was not read at all is not known to have been good.

Times are microseconds since the epoch, UTC.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from agent import approvals, clock, library, standing, waivers
from agent.approvals import Approved
from agent.asking import around
from agent.asking.around import Listing, Looked
from agent.asking.question import NOBODY_KNOWS, WORST_FIRST, Pair, Question, Span, id_of, pair_of, pairs_of
from agent.errors import OperatorError
from agent.library import Version
from agent.standing import Finding, Promised
from agent.waivers import Waiver
from agent.wiring import Wiring
from checks.api import Outcome
from checks.controls import Control, ControlState, outcomes_of, state_of
from storage.engine import Store
from storage.history import Missed, UnreadStretch


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer, before its proofs."""

    question: Question
    promised: Promised
    """The library in force at the end of the span."""
    versions: tuple[Version, ...]
    """Versions of the library that were recorded within the span, the first of which did not hold at its beginning."""
    control: Control | None
    """The control that was asked about, in its wording then."""
    approved: Approved | None
    pairs: tuple[Pair, ...]
    """The gravest first."""
    blind: tuple[Finding, ...]
    """Verdicts that nobody could give: each names the operation and the permission."""
    looked: tuple[Looked, ...]
    listings: tuple[Listing, ...]
    """Empty when single resources were asked for."""
    gaps: tuple[UnreadStretch, ...]
    """What could not be read and could have mattered."""
    missed: tuple[Missed, ...]
    """Slots without a run since the newest run, or within the span."""
    waivers: tuple[Waiver, ...]
    """Exceptions for this control or its checks that held at any time of the span."""

    @property
    def counts(self) -> Counter[Outcome]:
        """How many verdicts of each outcome, at its worst."""
        return Counter(pair.worst for pair in self.pairs)

    @property
    def resources(self) -> int:
        """How many different things were judged."""
        return len({(pair.target, pair.subject) for pair in self.pairs})

    @property
    def unread(self) -> tuple[Looked, ...]:
        """Targets that were not read on that day, or not before some time of it."""
        if self.question.span.is_moment:
            return ()
        return tuple(each for each in self.looked if not each.runs or each.since is not None)

    @property
    def state(self) -> ControlState:
        """The worst of all; a check that said nothing, and a day without a reading, are UNKNOWN."""
        by_check: dict[str, list[Outcome]] = {}
        for pair in self.pairs:
            by_check.setdefault(pair.check, []).append(pair.worst)
        found = [Outcome.UNKNOWN for _ in self.unread]
        if self.control is None or self.question.resource or self.question.check:
            return ControlState(min([*found, *(each.worst for each in self.pairs)], key=WORST_FIRST.index))
        return state_of(self.control, [*outcomes_of(self.control, by_check), *found])

    @property
    def entries(self) -> set[int]:
        """Ledger entries that the answer itself rests on, beside those of its proofs."""
        used = {each.newest.seq for each in self.looked} | {each.seq for each in self.missed}
        used |= {each.seq for each in self.waivers} | {held.entry for pair in self.pairs for held in pair.held}
        used |= {each.seq for each in (*self.versions, self.promised.version) if each is not None}
        return used | {seq for gap in self.gaps for seq in (gap.first_seq, gap.last_seq)}

    def to_json(self) -> dict[str, Any]:
        """For programs."""
        span, control = self.question.span, self.control
        return {
            **self.question.to_json(),
            "state": self.state.value,
            "verdicts": len(self.pairs),
            "resources": self.resources,
            "outcomes": {outcome.value: self.counts[outcome] for outcome in WORST_FIRST},
            "library": self.promised.to_json(),
            "library_changes": [{"entry": each.seq, "recorded": clock.iso(each.recorded_at)} for each in self.versions],
            "promise": control
            and {
                "title": control.title,
                "text": control.text,
                "policy": control.policy.value,
                "checks": list(control.checks),
                "params": {check: dict(values) for check, values in control.params.items()},
                "not_covered": control.not_covered,
                "approved": self.approved and self.approved.to_json(),
            },
            "could_not_look": [
                {
                    "check": each.check,
                    "target": each.target,
                    "resource": each.resource,
                    "outcome": each.outcome.value,
                    "reason": each.reason,
                    "unread": [dict(one) for one in each.unread],
                }
                for each in self.blind
            ],
            "targets": [each.to_json(span) for each in self.looked],
            "populations": [each.to_json() for each in self.listings],
            "gaps": [around.gap_to_json(each) for each in self.gaps],
            "slots_without_a_run": [
                {"entry": each.seq, "target": each.target.name, "slot": clock.iso(each.slot), "reason": each.reason}
                for each in self.missed
            ],
            "waivers": [each.to_json(span.last) for each in self.waivers],
            "pairs": [] if span.is_moment else [pair.to_json() for pair in self.pairs],
        }


def ask(store: Store, wiring: Wiring, question: Question) -> tuple[Answer, dict[int, list[Finding]]]:
    """Answer a question; also the verdicts behind it, by the moment at which each has to be shown.

    Raises OperatorError when no verdict was in force, IntegrityError when the store is damaged.
    """
    span = question.span
    with store.read() as conn:
        promised = standing.promised(conn, wiring, span.last)
        checks = question.checks(promised.library)
        pairs = [] if span.is_moment else list(pairs_of(conn, question, checks))
    if span.is_moment:
        found = {
            span.begins: [
                each
                for each in standing.findings(store, wiring, as_of=span.begins)
                if (checks is None or each.check in checks) and question.about(each.resource, each.name)
            ]
        }
        pairs = [pair_of(each, span) for each in found[span.begins]]
    else:
        found = _decisive(store, wiring, pairs)
        shown = {id_of(each) for some in found.values() for each in some}
        pairs = [pair for pair in pairs if pair.id in shown]
    if not pairs:
        message = "no verdict was in force for that; `proofkeep findings` lists all"
        raise OperatorError(message)
    with store.read() as conn:
        said = _answer(conn, wiring, question, promised, pairs, [each for some in found.values() for each in some])
    return said, found


def _decisive(store: Store, wiring: Wiring, pairs: Iterable[Pair]) -> dict[int, list[Finding]]:
    """The verdict of each pair at the moment that decides, by that moment."""
    moments: dict[int, set[tuple[str, str, str, str, str]]] = {}
    for pair in pairs:
        moments.setdefault(pair.decides, set()).add(pair.id)
    return {
        moment: [each for each in standing.findings(store, wiring, as_of=moment) if id_of(each) in wanted]
        for moment, wanted in moments.items()
    }


def _answer(
    conn: Connection,
    wiring: Wiring,
    question: Question,
    promised: Promised,
    pairs: Iterable[Pair],
    found: Sequence[Finding],
) -> Answer:
    """What is to be said beside the verdicts."""
    span = question.span
    chosen = sorted(pairs, key=lambda pair: (WORST_FIRST.index(pair.worst), pair.id))
    control = promised.library.controls[question.control] if question.control else None
    names = set(control.checks) if control and question.check is None else {pair.check for pair in chosen}
    checks = [wiring.checks[name] for name in sorted(names) if name in wiring.checks]
    looked = tuple(around.looked_at(conn, span))
    since = min((each.recorded for each in looked), default=span.begins)
    reach = Span(min(since, span.begins), span.ends)
    return Answer(
        question=question,
        promised=promised,
        versions=tuple(each for each in library.versions(conn) if span.begins < each.recorded_at < span.ends),
        control=control,
        approved=approvals.of(control, approvals.load(conn), span.last) if control else None,
        pairs=tuple(chosen),
        blind=tuple(each for each in found if each.outcome in NOBODY_KNOWS),
        looked=looked,
        listings=() if question.resource else tuple(around.listings(conn, wiring, checks, looked, reach)),
        gaps=tuple(around.gaps(conn, wiring, checks, looked, reach, span)),
        missed=tuple(around.missed(conn, looked, reach, span)),
        waivers=tuple(_waivers(conn, names | ({question.control} if question.control else set()), span)),
    )


def _waivers(conn: Connection, names: Collection[str], span: Span) -> Iterator[Waiver]:
    """Exceptions for these controls and checks that held at some time of the span."""
    for each in waivers.load(conn).all:
        if each.control in names and each.begins < span.ends and each.ends > span.begins and each.begins < each.ends:
            yield each
