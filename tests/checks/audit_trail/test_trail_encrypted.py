"""audit_trail.trail_encrypted"""

import pytest

from checks.api import Outcome
from checks.audit_trail.trail_encrypted import CHECK
from checks.testing import DENIED, fact, judged, outcome
from collectors.facts.core import Reason, Resource
from collectors.facts.monitoring import AuditTrail
from collectors.facts.stores import ObjectStore


def test_a_trail_with_a_customer_key_passes() -> None:
    """The key is named."""
    (finding,) = judged(CHECK, fact(AuditTrail, store="arn:logs", customer_key="arn:key"))

    assert finding.outcome is Outcome.PASS
    assert "arn:key" in finding.reason


def test_a_trail_without_a_customer_key_fails() -> None:
    """None is an answer: the provider's key alone."""
    assert outcome(CHECK, fact(AuditTrail, store="arn:logs", customer_key=None)) is Outcome.FAIL


def test_an_unread_key_is_unknown_and_names_the_operation() -> None:
    """A denied read is never a verdict."""
    (finding,) = judged(CHECK, fact(AuditTrail, store="arn:logs"))

    assert finding.outcome is Outcome.UNKNOWN
    assert finding.unread == (DENIED,)
    assert "svc:ReadIt" in finding.reason


def test_where_the_trail_has_no_say_the_store_s_key_decides() -> None:
    """The finding names the trail and rests on the store."""
    trail = fact(AuditTrail, "trail", store="arn:logs", customer_key=None, key_of_store=True)
    (finding,) = judged(CHECK, trail, fact(ObjectStore, "logs", customer_key="https://vault/keys/k"))

    assert finding.outcome is Outcome.PASS
    assert finding.resource.name == "trail"
    assert [document.uid for document in finding.documents] == ["arn:trail", "arn:logs"]
    assert outcome(CHECK, trail, fact(ObjectStore, "logs", customer_key=None)) is Outcome.FAIL
    assert outcome(CHECK, trail, fact(ObjectStore, "logs")) is Outcome.UNKNOWN


@pytest.mark.parametrize(
    ("cloud", "permission"),
    [("azure", "Microsoft.Storage/storageAccounts/read"), ("gcp", "storage.buckets.list")],
)
def test_a_store_that_is_elsewhere_is_unknown_and_names_the_cloud_s_own_operation(cloud: str, permission: str) -> None:
    """What would read it is what reads stores on that cloud."""
    resource = Resource(cloud, "s", "global", "audit_trail", "/t", "trail")
    (finding,) = judged(CHECK, fact(AuditTrail, resource=resource, store="/other", key_of_store=True))

    assert finding.outcome is Outcome.UNKNOWN
    assert finding.unread[0].reason is Reason.ACCOUNT_NOT_ONBOARDED
    assert finding.unread[0].permission == permission


def test_a_trail_without_store_has_no_files_to_encrypt() -> None:
    """Its log store is judged by another check."""
    assert outcome(CHECK, fact(AuditTrail, store=None, key_of_store=True)) is Outcome.NOT_APPLICABLE
