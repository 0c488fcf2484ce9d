"""encryption.disk_default"""

from checks.api import Outcome
from checks.encryption.disk_default import CHECK
from checks.testing import DENIED, fact, judged, outcome
from collectors.facts.stores import DiskDefaults


def test_an_encrypting_region_passes() -> None:
    """A region that encrypts new disks by itself is a pass."""
    assert outcome(CHECK, fact(DiskDefaults, encrypted_by_default=True)) is Outcome.PASS


def test_a_careless_region_fails() -> None:
    """A region that leaves it to people is a fail."""
    (finding,) = judged(CHECK, fact(DiskDefaults, encrypted_by_default=False))

    assert finding.outcome is Outcome.FAIL
    assert finding.reason == "new disks of this region are not encrypted by default"


def test_an_unread_region_is_unknown_and_names_the_operation() -> None:
    """A denied read is never a verdict."""
    (finding,) = judged(CHECK, fact(DiskDefaults))

    assert finding.outcome is Outcome.UNKNOWN
    assert finding.unread == (DENIED,)
    assert "svc:ReadIt" in finding.reason
