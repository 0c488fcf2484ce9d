"""Event controls: each event of a population is tested, or a sample of them.

Nothing is concluded from items that nobody could list: a population whose completeness is not proven never yields a
clean conclusion.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from agent.audit.conclusions import Conclusion
from agent.audit.parameters import Parameters, Risk
from agent.audit.statistics import upper_limit


@dataclass(frozen=True, slots=True)
class Listing:
    """How many events a system of record lists for the period."""

    count: int
    complete: bool
    """Whether the list is proven complete: nothing failed, nothing was cut off, and a second source agrees."""


@dataclass(frozen=True, slots=True)
class Exceptions:
    """Items that did not go as the control says.  An item without evidence is one."""

    count: int
    caused_incident: bool = False
    """Whether one of them led to an actual incident."""


@dataclass(frozen=True, slots=True)
class Census:
    """The conclusion over a population of which every item was tested."""

    population: int
    exceptions: int
    rate: float
    """Exceptions by population; 0 of none."""
    conclusion: Conclusion
    reason: str

    def to_json(self) -> dict[str, Any]:
        """Every part, as an evaluation stores and shows it."""
        return {
            "method": "census",
            "population": self.population,
            "exceptions": self.exceptions,
            "rate": self.rate,
            "conclusion": self.conclusion.value,
            "reason": self.reason,
        }


@dataclass(frozen=True, slots=True)
class Sample:
    """The conclusion over a population of which some items were tested."""

    population: int
    risk: Risk
    required: int
    """Items to test at that risk before anything is concluded."""
    tested: int
    exceptions: int
    upper_limit: float | None
    """Of the deviation rate, one-sided; None when nothing was tested."""
    expanded: bool
    """Whether the sample was already enlarged once."""
    conclusion: Conclusion
    reason: str

    def to_json(self) -> dict[str, Any]:
        """Every part, as an evaluation stores and shows it."""
        return {
            "method": "sample",
            "population": self.population,
            "risk": self.risk.value,
            "required": self.required,
            "tested": self.tested,
            "exceptions": self.exceptions,
            "upper_limit": self.upper_limit,
            "expanded": self.expanded,
            "conclusion": self.conclusion.value,
            "reason": self.reason,
        }


def census(listing: Listing, exceptions: Exceptions, parameters: Parameters) -> Census:
    """Conclude from all items of a population.  Raises ValueError for more exceptions than items."""
    if not 0 <= exceptions.count <= listing.count:
        raise ValueError(f"{exceptions.count} exceptions of {listing.count} items: count each item at most once")
    rate = exceptions.count / listing.count if listing.count else 0.0
    conclusion, reason = _of_all(listing, exceptions, rate, parameters)
    return Census(listing.count, exceptions.count, rate, conclusion, reason)


def _of_all(listing: Listing, exceptions: Exceptions, rate: float, parameters: Parameters) -> tuple[Conclusion, str]:
    counts = f"exceptions: {exceptions.count} of {listing.count} items"
    if exceptions.caused_incident and exceptions.count:
        return Conclusion.NOT_EFFECTIVE, f"{counts}, and one led to an incident"
    # A proven failure comes before missing evidence, which must not hide it.
    if rate > parameters.tolerable_rate:
        return Conclusion.NOT_EFFECTIVE, f"{counts}, {rate:.2%} and more than {parameters.tolerable_rate:.2%}"
    if not listing.complete:
        return Conclusion.UNABLE_TO_CONCLUDE, f"{counts}, and nothing proves that the list is complete"
    if not listing.count:
        return Conclusion.NOT_OPERATED, "nothing occurred, and the empty list is proven complete"
    if exceptions.count:
        return Conclusion.EFFECTIVE_WITH_DEVIATIONS, f"{counts}, {rate:.2%}"
    return Conclusion.EFFECTIVE, f"none of {listing.count} items is an exception"


def sample(
    listing: Listing,
    tested: int,
    exceptions: Exceptions,
    risk: Risk,
    parameters: Parameters,
    *,
    expanded: bool = False,
) -> Sample:
    """Conclude from some items of a population, or ask for more.

    `tested` counts each drawn item that was looked at or for which there is no evidence; `expanded` says that the
    sample was already enlarged.  A sample that holds every item is concluded like a census.
    Raises ValueError for more exceptions than tested items or more tested items than there are.
    """
    if not 0 <= exceptions.count <= tested <= listing.count:
        counts = f"{exceptions.count} exceptions of {tested} tested of {listing.count} items"
        raise ValueError(f"{counts}: count each item at most once")
    required = parameters.sample_size(listing.count, risk)
    limit = upper_limit(exceptions.count, tested, parameters.confidence) if tested else None
    counts = f"exceptions: {exceptions.count} of {tested} tested"
    if tested == listing.count:
        rate = exceptions.count / tested if tested else 0.0
        conclusion, reason = _of_all(listing, exceptions, rate, parameters)
    elif exceptions.caused_incident and exceptions.count:
        conclusion, reason = Conclusion.NOT_EFFECTIVE, f"{counts}, and one led to an incident"
    elif not listing.complete:
        conclusion, reason = Conclusion.UNABLE_TO_CONCLUDE, f"{counts}, and nothing proves that the list is complete"
    elif limit is None or tested < required:
        conclusion, reason = Conclusion.UNABLE_TO_CONCLUDE, f"{counts}, and {risk.value} risk asks for {required}"
    else:
        conclusion, reason = _of_some(tested, exceptions.count, limit, parameters, expanded=expanded)
    return Sample(listing.count, risk, required, tested, exceptions.count, limit, expanded, conclusion, reason)


def _of_some(
    tested: int, exceptions: int, limit: float, parameters: Parameters, *, expanded: bool
) -> tuple[Conclusion, str]:
    counts = f"exceptions: {exceptions} of {tested} tested"
    if tested < parameters.statistics_from:
        if exceptions:
            return Conclusion.EXPAND_TO_CENSUS, f"{counts}, too few for a statistical limit, so test every item"
        return Conclusion.EFFECTIVE, f"none of {tested} tested items is an exception"
    bound = f"{counts}; at {parameters.confidence:.0%} confidence the rate is below {limit:.1%}"
    if limit > parameters.upper_limit_max:
        conclusion = Conclusion.NOT_EFFECTIVE if expanded else Conclusion.EXPAND_SAMPLE
        return conclusion, f"{bound}, above the limit of {parameters.upper_limit_max:.0%}"
    return (Conclusion.EFFECTIVE_WITH_DEVIATIONS if exceptions else Conclusion.EFFECTIVE), bound
