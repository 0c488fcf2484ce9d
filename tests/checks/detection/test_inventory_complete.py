"""detection.inventory_complete"""

from typing import Any

from checks.api import Outcome
from checks.detection.inventory_complete import CHECK
from checks.testing import DENIED, fact, judged, outcome
from collectors.facts.detection import InventoryCount
from collectors.facts.network import Network
from collectors.facts.stores import ObjectStore


def stores(**values: Any) -> InventoryCount:
    """The provider's count of object stores."""
    return fact(InventoryCount, counted_type="object_store", **values)


def test_equal_counts_pass() -> None:
    """Resources of other types do not count."""
    listed = (fact(ObjectStore, "a"), fact(ObjectStore, "b"), fact(Network, "n"))

    assert outcome(CHECK, stores(counted=2), *listed) is Outcome.PASS


def test_nothing_listed_and_nothing_counted_passes() -> None:
    """Two independent answers agree that there is none."""
    assert outcome(CHECK, stores(counted=0)) is Outcome.PASS


def test_different_counts_fail_with_both_numbers() -> None:
    """More and less are both wrong."""
    (finding,) = judged(CHECK, stores(counted=3), fact(ObjectStore, "a"))

    assert finding.outcome is Outcome.FAIL
    assert finding.reason == "resources listed: 1, but the provider counts 3"


def test_an_unread_count_is_unknown_and_names_the_operation() -> None:
    """A denied read is never a verdict."""
    (finding,) = judged(CHECK, stores(), fact(ObjectStore, "a"))

    assert finding.outcome is Outcome.UNKNOWN
    assert finding.unread == (DENIED,)
    assert "svc:ReadIt" in finding.reason


def test_a_listing_that_broke_off_is_unknown() -> None:
    """What was read so far proves nothing about the whole."""
    (finding,) = judged(CHECK, stores(counted=3), unlisted={(ObjectStore, "global"): DENIED})

    assert finding.outcome is Outcome.UNKNOWN


def test_a_type_that_no_check_lists_is_not_applicable() -> None:
    """There is nothing to hold the count against."""
    assert outcome(CHECK, fact(InventoryCount, counted_type="teapot", counted=1)) is Outcome.NOT_APPLICABLE
