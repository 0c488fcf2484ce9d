"""What a sample says of its population: the one-sided upper limit of Clopper and Pearson."""

from __future__ import annotations

from math import exp, fsum, lgamma, log, log1p

_HALVINGS = 60
"""Of the interval from 0 to 1: finer than a float can tell."""


def upper_limit(exceptions: int, tested: int, confidence: float) -> float:
    """The deviation rate that the population stays below, with that confidence.

    It is the rate at which so few exceptions, or fewer, would still turn up with probability 1 - `confidence`.
    Conservative for a finite population.  Raises ValueError when the counts or the confidence make no sense.
    """
    if tested < 1 or not 0 <= exceptions <= tested:
        raise ValueError(f"{exceptions} exceptions of {tested} tested: test at least one, and count each at most once")
    if not 0 < confidence < 1:
        raise ValueError(f"confidence: is {confidence}; no sample gives certainty, stay between 0 and 1")
    if exceptions == tested:
        return 1.0
    low, high = 0.0, 1.0
    for _ in range(_HALVINGS):
        rate = (low + high) / 2
        if _at_most(exceptions, tested, rate) > 1 - confidence:
            low = rate
        else:
            high = rate
    return high


def _at_most(exceptions: int, tested: int, rate: float) -> float:
    """Probability of at most so many exceptions, for a rate strictly between 0 and 1 and fewer than all."""
    deviating, fine = log(rate), log1p(-rate)
    ways = lgamma(tested + 1)
    return fsum(
        exp(ways - lgamma(count + 1) - lgamma(tested - count + 1) + count * deviating + (tested - count) * fine)
        for count in range(exceptions + 1)
    )
