"""Controls that people perform at each event or day: every occasion of a period, or a drawn sample of them, tested.

What nobody could list is never concluded on cleanly.  Where some items are neither good nor bad, the conclusion is
drawn twice, once as if they were good and once as if they were exceptions, and stands only if both agree.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from agent.attest import Attestation
from agent.audit import events
from agent.audit.conclusions import Conclusion
from agent.audit.events import Census, Exceptions, Listing
from agent.audit.events import Sample as SampleResult
from agent.audit.parameters import Parameters, Risk
from agent.audit.periods import Period
from agent.evaluation import people
from agent.evaluation.events_items import Bench, Item, Result
from agent.evaluation.events_listed import Listed, Occasion, Sources, Wanted
from agent.evaluation.people import People
from agent.evaluation.samples import Sample
from agent.populations import Frozen
from checks.library import Control


@dataclass(frozen=True, slots=True)
class Drawn:
    """The sample that decides which items are tested."""

    frozen: Frozen
    sample: Sample
    risk: Risk
    """The highest risk for which the table asks for no more items than were drawn."""
    whole: bool
    """Whether the population was frozen for exactly the time that is judged, and not for a longer one."""

    def to_json(self) -> dict[str, Any]:
        """With all that it takes to repeat the draw."""
        return {**self.sample.to_json(), "frozen_entry": self.frozen.seq, "risk": self.risk.value}


@dataclass(frozen=True, slots=True)
class Occurred:
    """One control over one segment: its occasions, those that were tested, and what follows."""

    listed: Listed
    doubts: tuple[str, ...]
    """Why nothing proves that the list is complete; empty when it is proven."""
    drawn: Drawn | None
    """None when every occasion was tested."""
    items: tuple[Item, ...]
    """Those that were looked at, in the order of their ids, or of their ranks in a draw."""
    result: Census | SampleResult
    """As if what is unknown had gone well."""
    at_worst: Census | SampleResult
    """As if what is unknown were exceptions."""
    conclusion: Conclusion
    """A request for more tests among them; `People` then has that it cannot be concluded on."""
    reason: str

    def of(self, result: Result) -> tuple[Item, ...]:
        """The items with this result."""
        return tuple(each for each in self.items if each.result is result)

    def to_json(self) -> dict[str, Any]:
        """Every part, with each item and the way down from it."""
        return {
            **self.listed.to_json(),
            "complete": not self.doubts,
            "doubts": list(self.doubts),
            "draw": self.drawn.to_json() if self.drawn else None,
            "counts": {each.value: len(self.of(each)) for each in Result},
            "result": self.result.to_json(),
            "if_unknown_are_exceptions": self.at_worst.to_json(),
            "conclusion": self.conclusion.value,
            "reason": self.reason,
            "items": [each.to_json() for each in self.items],
        }


@dataclass(frozen=True, slots=True)
class Tester:
    """Concludes on controls by their occasions; all of one evaluation share it."""

    sources: Sources
    parameters: Parameters
    asked: Period
    """The period that was asked for: what a population may have been frozen for, beside a segment of it."""
    sealed_at: int | None
    """When the evidence of the period was sealed; None when it was not."""

    def conclude(self, control: Control, wanted: Wanted, period: Period, evidence: Iterable[Attestation]) -> People:
        """Test the occasions of a control, by the list that it asks for, over a segment of the period.

        A draw from the population that was frozen for the segment, or for all that was asked for, decides what is
        tested; without one, everything is.
        """
        sources, parameters = self.sources, self.parameters
        own = [each for each in evidence if each.control == control.id]
        listed = sources.listed(wanted, period)
        drawn = _drawn(wanted.name, (period, self.asked), sources, parameters)
        chosen, doubts = listed.occasions, list(listed.doubts)
        if drawn is not None:
            chosen = tuple(_chosen(drawn, listed))
            doubts += _differs(drawn, listed)
        items = Bench(control, period, sources, parameters).test(chosen, own)
        count = len(drawn.frozen.population) if drawn and drawn.whole else len(listed.occasions)
        listing = Listing(count, not doubts)
        best, worst = (_result(listing, items, drawn, parameters, badly=badly) for badly in (False, True))
        agree = best.conclusion is worst.conclusion
        conclusion = best.conclusion if agree else Conclusion.UNABLE_TO_CONCLUDE
        reason = _reason(best, worst, items, doubts)
        found = Occurred(listed, tuple(doubts), drawn, tuple(items), best, worst, conclusion, reason)
        notes = (*people.notes(own, period, parameters, self.sealed_at), *_notes(found, own, period, sources))
        said = Conclusion.UNABLE_TO_CONCLUDE if conclusion.interim else conclusion
        why = f"{conclusion.value}: {reason}" if conclusion.interim else reason
        return People(said, (why,), None, notes, found)


def _drawn(name: str, periods: Sequence[Period], sources: Sources, parameters: Parameters) -> Drawn | None:
    """The newest draw from the population of this name, of the first of the periods that has one."""
    known = {each.id: each for each in sources.frozen if each.said["population"] == name}
    for wanted in dict.fromkeys(periods):
        for sample in reversed(sources.draws):
            frozen = known.get(sample.population)
            if frozen and (frozen.said["begins"], frozen.said["ends"]) == (wanted.begins, wanted.ends):
                size, taken = len(frozen.population), len(sample.draw.selected)
                fitting = [each for each in Risk if parameters.sample_size(size, each) <= taken]
                return Drawn(frozen, sample, fitting[-1] if fitting else Risk.LOW, wanted == periods[0])
    return None


def _chosen(drawn: Drawn, listed: Listed) -> Iterator[Occasion]:
    """The drawn items that happened in the segment; one that the list no longer has stays, with nothing known of it."""
    known = {each.id: each for each in listed.occasions}
    for name in drawn.sample.draw.selected:
        if name in known:
            yield known[name]
        elif drawn.whole:
            yield Occasion(name, None, "not in the list any more")


def _differs(drawn: Drawn, listed: Listed) -> Iterator[str]:
    """Whether the list at the cut-off is another one than the list that was frozen."""
    if drawn.whole and listed.hash != drawn.frozen.population.hash:
        now, then = {each.id for each in listed.occasions}, {*drawn.frozen.population.ids}
        yield (
            f"{drawn.frozen.id} was frozen with {len(then)} items, of which the list at the cut-off lacks "
            f"{len(then - now)}; it has {len(now - then)} others"
        )


def _result(
    listing: Listing, items: Sequence[Item], drawn: Drawn | None, parameters: Parameters, *, badly: bool
) -> Census | SampleResult:
    """The engine's conclusion, with what is unknown as exceptions or not."""
    bad = {Result.EXCEPTION, Result.UNKNOWN} if badly else {Result.EXCEPTION}
    tested = sum(each.result is not Result.NOT_DUE for each in items)
    exceptions = Exceptions(sum(each.result in bad for each in items), any(each.incident for each in items))
    if drawn is None:
        return events.census(Listing(tested, listing.complete), exceptions, parameters)
    expanded = bool(drawn.sample.extends)
    return events.sample(listing, tested, exceptions, drawn.risk, parameters, expanded=expanded)


def _reason(
    best: Census | SampleResult, worst: Census | SampleResult, items: Sequence[Item], doubts: Sequence[str]
) -> str:
    """Why it was concluded so, in one line."""
    unknown = sum(each.result is Result.UNKNOWN for each in items)
    said = best.reason
    if items and all(each.result is Result.NOT_DUE for each in items) and not doubts:
        said = f"none of {len(items)} occasions was due by the evidence cut-off"
    if best.conclusion is not worst.conclusion:
        said = f"{best.conclusion.value} if the {unknown} unknown items went well, {worst.conclusion.value} if not"
    elif unknown:
        said += f"; {unknown} more items are unknown"
    return "; ".join((said, *doubts))


def _notes(found: Occurred, own: Iterable[Attestation], period: Period, sources: Sources) -> Iterator[str]:
    """What an auditor should know of the list, of the draw, and of evidence that fits none of them."""
    yield from found.listed.notes
    if left := found.of(Result.NOT_DUE):
        yield f"{len(left)} occasions were not due at the evidence cut-off and are left out"
    if found.drawn is not None:
        name = found.listed.population
        others = [each for each in sources.draws if each.population != found.drawn.frozen.id]
        for frozen in sources.frozen:
            same = frozen.said["population"] == name and frozen.said["begins"] == found.drawn.frozen.said["begins"]
            if same and (drawn := next((each for each in others if each.population == frozen.id), None)):
                yield f"{drawn.id} was drawn from {frozen.id}, an earlier freeze of the same period"
        if not found.drawn.whole:
            yield f"{found.drawn.sample.id} was drawn from the whole period, and only its items of this segment count"
    known = {each.id for each in found.listed.occasions} | {each.occasion.id for each in found.items}
    linked = {each.incident for each in found.items}
    for each in own:
        if period.holds(each.performed_at) and each.about and each.about not in known:
            yield f"{each.id}: speaks of {each.about}, which is no occasion of this period on the list"
        if period.holds(each.performed_at) and each.incident and each.incident not in linked:
            yield f"{each.id}: names incident {each.incident}, which the register does not lay to this control"
