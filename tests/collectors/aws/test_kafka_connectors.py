"""aws.kafka_connectors"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from agent.demo.loopback import Faults
from collectors.aws.kafka_connectors import COLLECTOR, CONNECTOR
from collectors.facts.core import Reason, Unread
from collectors.facts.data_access import DataConnections
from collectors.testing import Reading

Read = Callable[..., Reading]

REGION = "us-east-1"


LIST = "kafkaconnect:GET /v1/connectors"


def connector(name: str, transit: dict[str, Any] | None) -> dict[str, Any]:
    """A connector as the service lists it."""
    body = {"connectorName": name, "connectorArn": f"arn:aws:kafkaconnect:{REGION}:123456789012:connector/{name}/1-2"}
    return body if transit is None else {**body, "kafkaClusterEncryptionInTransit": transit}


def test_connectors_by_how_they_connect(read: Read, faults: Faults) -> None:
    """With TLS and without it; one that does not say is unread."""
    connectors = [
        connector("tls", {"encryptionType": "TLS"}),
        connector("plain", {"encryptionType": "PLAINTEXT"}),
        connector("unsaid", None),
    ]
    faults.answers[LIST] = {"connectors": connectors}

    reading = read(COLLECTOR)
    unsaid = reading.fact(DataConnections, "unsaid").plain

    assert reading.fact(DataConnections, "tls").plain == ()
    assert reading.fact(DataConnections, "plain").plain == ("with brokers",)
    assert isinstance(unsaid, Unread)
    assert unsaid.permission == "kafkaconnect:ListConnectors"


def test_none_is_a_complete_listing(read: Read) -> None:
    """Empty is proven, not assumed."""
    reading = read(COLLECTOR)

    assert list(COLLECTOR.shape(reading.documents)) == []
    assert reading.documents.complete(CONNECTOR, REGION) is None


@pytest.mark.parametrize(("fault", "reason"), [("deny", Reason.PERMISSION_DENIED), ("garble", Reason.PARTIAL_LISTING)])
def test_a_failed_listing_leaves_the_population_unknown(read: Read, faults: Faults, fault: str, reason: Reason) -> None:
    """Nothing is known to be there, and that is said."""
    getattr(faults, fault).add("kafkaconnect:GET /v1/connectors")

    reading = read(COLLECTOR)
    unlisted = reading.documents.complete(CONNECTOR, REGION)

    assert reading.facts(DataConnections) == []
    assert unlisted is not None
    assert (unlisted.reason, unlisted.operation, unlisted.permission) == (
        reason,
        "kafkaconnect:ListConnectors",
        "kafkaconnect:ListConnectors",
    )
