"""The upper limit of Clopper and Pearson, against its definition and published values."""

from __future__ import annotations

from fractions import Fraction
from math import comb

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.audit.statistics import upper_limit

counts = st.integers(1, 400).flatmap(lambda tested: st.tuples(st.integers(0, tested), st.just(tested)))
confidences = st.floats(0.5, 0.99)


def tail(exceptions: int, tested: int, rate: float) -> float:
    """P(X <= exceptions), in exact arithmetic."""
    p = Fraction(rate)
    return float(sum(comb(tested, k) * p**k * (1 - p) ** (tested - k) for k in range(exceptions + 1)))


@pytest.mark.parametrize(
    ("tested", "exceptions", "limit"), [(25, 0, 0.088), (25, 1, 0.147), (40, 1, 0.094), (40, 2, 0.128), (60, 2, 0.086)]
)
def test_the_values_of_the_rules(tested: int, exceptions: int, limit: float) -> None:
    """Five pairs that the rules quote."""
    assert round(upper_limit(exceptions, tested, 0.90), 3) == limit


@given(st.integers(1, 1000), confidences)
def test_without_exceptions_the_limit_has_a_closed_form(tested: int, confidence: float) -> None:
    """1 - (1 - confidence) ** (1 / n)."""
    assert upper_limit(0, tested, confidence) == pytest.approx(1 - (1 - confidence) ** (1 / tested), rel=1e-9)


@given(st.integers(1, 60).flatmap(lambda tested: st.tuples(st.integers(0, tested - 1), st.just(tested))), confidences)
def test_the_limit_is_where_the_tail_is_what_confidence_leaves(pair: tuple[int, int], confidence: float) -> None:
    """Its definition, checked with fractions."""
    exceptions, tested = pair
    assert tail(exceptions, tested, upper_limit(exceptions, tested, confidence)) == pytest.approx(1 - confidence, 1e-8)


@given(counts, confidences)
def test_one_more_exception_raises_the_limit(pair: tuple[int, int], confidence: float) -> None:
    """Worse facts never look better."""
    exceptions, tested = pair
    if exceptions < tested:
        assert upper_limit(exceptions + 1, tested, confidence) > upper_limit(exceptions, tested, confidence)


@given(counts, confidences)
def test_one_more_clean_item_lowers_the_limit(pair: tuple[int, int], confidence: float) -> None:
    """More evidence bounds the rate more closely."""
    exceptions, tested = pair
    assert upper_limit(exceptions, tested + 1, confidence) < upper_limit(exceptions, tested, confidence)


@given(counts, confidences)
def test_the_limit_lies_above_what_was_seen(pair: tuple[int, int], confidence: float) -> None:
    """From the rate in the sample up to 1."""
    exceptions, tested = pair
    assert exceptions / tested < upper_limit(exceptions, tested, confidence) <= 1 or exceptions == tested


@pytest.mark.parametrize(("exceptions", "tested", "confidence"), [(0, 0, 0.9), (3, 2, 0.9), (-1, 2, 0.9), (0, 2, 1.0)])
def test_senseless_counts_are_refused(exceptions: int, tested: int, confidence: float) -> None:
    """Nothing follows from them."""
    with pytest.raises(ValueError, match=r"tested|confidence"):
        upper_limit(exceptions, tested, confidence)
