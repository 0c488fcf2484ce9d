"""Token buckets: as many calls a second as are allowed, of each service and region by itself."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from collectors.rates import Rates


def seconds(rates: Rates, calls: int, service: str = "iam", region: str = "us-east-1") -> float:
    """How long so many calls of one thread wait."""
    began = time.monotonic()
    for _ in range(calls):
        rates.wait(service, region)
    return time.monotonic() - began


def test_beyond_a_seconds_worth_calls_wait() -> None:
    """Ten at once, and each one more a tenth of a second later."""
    rates = Rates({"iam": 10})

    at_once = seconds(rates, 10)
    afterwards = seconds(rates, 5)

    assert at_once < 0.1
    assert afterwards >= 0.5 - at_once - 0.01


def test_less_than_one_call_a_second_is_possible() -> None:
    """The first call goes through, whatever the rate."""
    rates = Rates({"iam": 0.5})

    assert seconds(rates, 1) < 0.1


def test_a_bucket_is_of_one_service_and_region() -> None:
    """An empty bucket holds up nobody else."""
    rates = Rates({"*": 5})
    seconds(rates, 5)

    others = seconds(rates, 5, region="eu-west-1") + seconds(rates, 5, service="kms")

    assert others < 0.15
    assert seconds(rates, 1) > 0.1


@pytest.mark.parametrize(
    ("service", "limit"),
    [("iam", 2.0), ("kms", 7.0)],
)
def test_the_star_is_for_services_without_a_limit_of_their_own(service: str, limit: float) -> None:
    """The named limit comes first."""
    assert Rates({"iam": 2, "*": 7}).limit(service) == limit


def test_without_a_limit_nobody_waits() -> None:
    """Neither for lack of any limit nor for that of another service."""
    assert Rates({}).limit("iam") is None
    assert seconds(Rates({"kms": 1}), 1000) < 0.5


def test_threads_share_a_bucket_in_the_order_of_arrival() -> None:
    """Eight threads together get no more than one would, and nobody is overtaken for good."""
    rates = Rates({"iam": 20})
    seconds(rates, 20)
    began = time.monotonic()
    through: list[tuple[float, int]] = []
    lock = threading.Lock()

    def work(thread: int) -> None:
        for _ in range(2):
            rates.wait("iam", "us-east-1")
            with lock:
                through.append((time.monotonic() - began, thread))

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(work, range(8)))

    assert max(at for at, _ in through) >= 15 / 20 - 0.05
    assert all(sum(other <= at for other, _ in through) <= at * 20 + 2 for at, _ in through)
    assert {thread for _, thread in sorted(through)[:8]} == set(range(8))
