"""detection.image_scanning"""

from __future__ import annotations

import pytest

from checks.api import Outcome
from checks.detection.image_scanning import CHECK
from checks.testing import DENIED, fact, judged, outcome
from collectors.facts.apps import ImageScanning


@pytest.mark.parametrize(
    ("scanned", "expected"), [(True, Outcome.PASS), (False, Outcome.FAIL), (None, Outcome.NOT_APPLICABLE)]
)
def test_the_setting_decides(scanned: bool | None, expected: Outcome) -> None:
    """What cannot be scanned is not judged."""
    assert outcome(CHECK, fact(ImageScanning, scanned=scanned)) is expected


def test_an_unread_registry_is_unknown_and_names_the_operation() -> None:
    """A denied read is never a verdict."""
    (finding,) = judged(CHECK, fact(ImageScanning))

    assert finding.outcome is Outcome.UNKNOWN
    assert finding.unread == (DENIED,)
