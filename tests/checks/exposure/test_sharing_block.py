"""exposure.sharing_block"""

from checks.api import Outcome
from checks.exposure.sharing_block import CHECK
from checks.testing import DENIED, fact, judged, outcome
from collectors.facts.data_access import SharingGuard


def test_a_guard_that_is_up_passes() -> None:
    """Nothing of its kind can be public."""
    assert outcome(CHECK, fact(SharingGuard, what="disk snapshots", blocked=True)) is Outcome.PASS


def test_a_guard_that_is_down_fails_and_says_for_what() -> None:
    """The kind of thing is named."""
    (finding,) = judged(CHECK, fact(SharingGuard, what="machine images", blocked=False))

    assert finding.outcome is Outcome.FAIL
    assert finding.reason == "machine images can be shared with everybody"


def test_an_unread_guard_is_unknown_and_names_the_operation() -> None:
    """A denied read is never a verdict."""
    (finding,) = judged(CHECK, fact(SharingGuard, what="disk snapshots"))

    assert finding.outcome is Outcome.UNKNOWN
    assert finding.unread == (DENIED,)


def test_the_question_is_asked_of_aws_alone() -> None:
    """The judge finds it not applicable elsewhere, and nothing is judged where there is nothing."""
    assert [SharingGuard.exists_in(cloud) for cloud in ("aws", "azure", "gcp")] == [True, False, False]
    assert judged(CHECK) == []
