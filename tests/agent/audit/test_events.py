"""Event controls: census and sample."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.audit.conclusions import Conclusion
from agent.audit.events import Exceptions, Listing, census, sample
from agent.audit.parameters import Parameters, Risk
from tests.agent.audit.vectors import each

DEFAULTS = Parameters()


@each("event_census")
def test_the_census_example(given: dict[str, Any], expected: dict[str, Any]) -> None:
    """The rate and the conclusion of the worked example."""
    listing = Listing(given["population"], given["population_complete"])
    found = census(listing, Exceptions(given["exceptions"]), DEFAULTS)
    assert round(found.rate, 6) == expected["rate"]
    assert found.conclusion == expected["conclusion"]


@each("event_sample")
def test_the_sample_example(given: dict[str, Any], expected: dict[str, Any]) -> None:
    """The required size, the upper limit and the conclusion of the worked example."""
    listing, exceptions = Listing(given["population"], complete=True), Exceptions(given["exceptions"])
    expanded = given.get("expanded", False)
    found = sample(listing, given["sample"], exceptions, Risk(given["risk"]), DEFAULTS, expanded=expanded)
    assert found.upper_limit is not None
    assert round(found.upper_limit, 4) == expected["udl90"]
    assert (found.required, found.conclusion) == (expected["required"], expected["conclusion"])


def test_an_empty_population_is_no_operation_only_when_proven() -> None:
    """An empty list that may be cut off says nothing."""
    assert census(Listing(0, complete=True), Exceptions(0), DEFAULTS).conclusion is Conclusion.NOT_OPERATED
    assert census(Listing(0, complete=False), Exceptions(0), DEFAULTS).conclusion is Conclusion.UNABLE_TO_CONCLUDE
    empty = sample(Listing(0, complete=True), 0, Exceptions(0), Risk.LOW, DEFAULTS)
    assert (empty.conclusion, empty.upper_limit) == (Conclusion.NOT_OPERATED, None)


def test_an_incomplete_population_is_never_clean() -> None:
    """The items that nobody listed may be the ones that deviate."""
    listing = Listing(400, complete=False)
    assert census(listing, Exceptions(0), DEFAULTS).conclusion is Conclusion.UNABLE_TO_CONCLUDE
    assert sample(listing, 60, Exceptions(0), Risk.HIGH, DEFAULTS).conclusion is Conclusion.UNABLE_TO_CONCLUDE


def test_missing_evidence_does_not_hide_a_proven_failure() -> None:
    """A quarter of the known items deviate, whatever else there is."""
    assert census(Listing(100, complete=False), Exceptions(25), DEFAULTS).conclusion is Conclusion.NOT_EFFECTIVE


def test_five_percent_is_still_tolerable() -> None:
    """The limit is above five percent, not at it."""
    at, above = (census(Listing(100, complete=True), Exceptions(each), DEFAULTS) for each in (5, 6))
    assert (at.conclusion, above.conclusion) == (Conclusion.EFFECTIVE_WITH_DEVIATIONS, Conclusion.NOT_EFFECTIVE)


def test_an_exception_that_led_to_an_incident_is_enough() -> None:
    """One of a thousand, in a census and in a sample; without an exception the flag says nothing."""
    listing, harmful = Listing(1000, complete=True), Exceptions(1, caused_incident=True)
    assert census(listing, harmful, DEFAULTS).conclusion is Conclusion.NOT_EFFECTIVE
    assert sample(listing, 60, harmful, Risk.LOW, DEFAULTS).conclusion is Conclusion.NOT_EFFECTIVE
    none = Exceptions(0, caused_incident=True)
    assert census(listing, none, DEFAULTS).conclusion is Conclusion.EFFECTIVE


def test_an_enlarged_sample_with_one_exception_passes_the_limit() -> None:
    """One of forty bounds the rate at 9.4 percent."""
    found = sample(Listing(400, complete=True), 40, Exceptions(1), Risk.LOW, DEFAULTS, expanded=True)
    assert found.conclusion is Conclusion.EFFECTIVE_WITH_DEVIATIONS


def test_an_exception_in_a_small_sample_asks_for_a_census() -> None:
    """Five of forty are too few for a statistical limit."""
    listing = Listing(40, complete=True)
    found = sample(listing, 5, Exceptions(1), Risk.LOW, DEFAULTS)
    assert found.conclusion is Conclusion.EXPAND_TO_CENSUS
    assert found.conclusion.interim
    assert sample(listing, 5, Exceptions(0), Risk.LOW, DEFAULTS).conclusion is Conclusion.EFFECTIVE


@pytest.mark.parametrize("exceptions", [0, 1, 2, 3, 40])
def test_a_sample_of_all_is_a_census(exceptions: int) -> None:
    """Nothing is left to infer, and nothing more to ask for."""
    listing = Listing(40, complete=True)
    all_tested = sample(listing, 40, Exceptions(exceptions), Risk.HIGH, DEFAULTS)
    assert all_tested.conclusion is census(listing, Exceptions(exceptions), DEFAULTS).conclusion
    assert not all_tested.conclusion.interim


@given(st.integers(1, 600), st.data())
def test_too_few_tested_items_conclude_nothing(population: int, data: st.DataObject) -> None:
    """Below the planned size there is no conclusion, unless every item was tested."""
    risk = data.draw(st.sampled_from(Risk))
    required = DEFAULTS.sample_size(population, risk)
    tested = data.draw(st.integers(0, max(0, required - 1)))
    found = sample(Listing(population, complete=True), tested, Exceptions(0), risk, DEFAULTS)
    assert found.conclusion is Conclusion.UNABLE_TO_CONCLUDE


@pytest.mark.parametrize(("population", "tested", "exceptions"), [(5, 6, 0), (5, 4, 5), (5, 5, -1)])
def test_counts_that_do_not_fit_are_refused(population: int, tested: int, exceptions: int) -> None:
    """No more exceptions than tests, no more tests than items."""
    with pytest.raises(ValueError, match="at most once"):
        sample(Listing(population, complete=True), tested, Exceptions(exceptions), Risk.LOW, DEFAULTS)


def test_a_census_counts_each_item_once() -> None:
    """No more exceptions than items."""
    with pytest.raises(ValueError, match="at most once"):
        census(Listing(5, complete=True), Exceptions(6), DEFAULTS)


def test_the_reason_tells_the_numbers() -> None:
    """An auditor can quote it."""
    whole = census(Listing(412, complete=True), Exceptions(3), DEFAULTS).to_json()
    part = sample(Listing(400, complete=True), 25, Exceptions(1), Risk.LOW, DEFAULTS).to_json()
    assert (whole["method"], whole["reason"]) == ("census", "exceptions: 3 of 412 items, 0.73%")
    assert (part["method"], part["conclusion"]) == ("sample", "expand_sample")
    assert part["reason"].startswith("exceptions: 1 of 25 tested; at 90% confidence the rate is below 14.7%")
