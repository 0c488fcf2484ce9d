"""aws.message_brokers"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from agent.demo.loopback import Faults
from collectors.aws.message_brokers import BROKER, COLLECTOR, kept_logs
from collectors.facts.core import Reason, Unread
from collectors.facts.service_logs import UseLog
from collectors.testing import Reading

Read = Callable[..., Reading]
Client = Callable[..., Any]


def make_broker(client: Client, name: str, engine: str = "ACTIVEMQ", **logs: bool) -> str:
    """A broker; the value is its id."""
    made = client("mq").create_broker(
        BrokerName=name,
        EngineType=engine,
        EngineVersion="5.17.6" if engine == "ACTIVEMQ" else "3.11.20",
        HostInstanceType="mq.t3.micro",
        DeploymentMode="SINGLE_INSTANCE",
        PubliclyAccessible=False,
        AutoMinorVersionUpgrade=True,
        Users=[{"Username": "admin", "Password": "made-up-Passw0rd"}],
        Logs=logs,
    )
    return str(made["BrokerId"])


def test_a_region_without_any_costs_one_call(read: Read) -> None:
    """Empty is proven, not assumed."""
    reading = read(COLLECTOR)

    assert reading.facts(UseLog) == []
    assert reading.documents.complete(BROKER, "us-east-1") is None
    assert reading.operations() == {"mq:ListBrokers"}


def test_brokers_say_what_they_log(read: Read, client: Client) -> None:
    """RabbitMQ has no log of its management."""
    make_broker(client, "active", General=True, Audit=True)
    make_broker(client, "half", General=True)
    make_broker(client, "rabbit", "RABBITMQ", General=True)

    reading = read(COLLECTOR)
    found = {log.resource.name: (log.kinds, log.kept) for log in reading.facts(UseLog)}

    both = ("activity", "management actions")
    assert found == {"active": (both, both), "half": (both, ("activity",)), "rabbit": (("activity",), ("activity",))}
    assert reading.fact(UseLog, "active").resource.uid.startswith("arn:aws:mq:us-east-1:123456789012:broker:")


def test_an_answer_about_no_broker_is_malformed() -> None:
    """A broker that never logged still has its id."""
    assert kept_logs({"BrokerId": "b-1"}) == ()
    with pytest.raises(KeyError):
        kept_logs({})


@pytest.mark.parametrize("fault", ["deny", "throttle", "garble", "break_down"])
def test_a_lost_detail_costs_its_own_resource_alone(read: Read, client: Client, faults: Faults, fault: str) -> None:
    """It is there, and what it logs is not known."""
    id_ = make_broker(client, "active", General=True)
    getattr(faults, fault).add(f"mq:GET /v1/brokers/{id_}")

    log = read(COLLECTOR).fact(UseLog, "active")

    assert isinstance(log.kept, Unread)
    assert log.kept.permission == "mq:DescribeBroker"


def test_a_denied_listing_leaves_the_population_unknown(read: Read, client: Client, faults: Faults) -> None:
    """None read is not none there."""
    make_broker(client, "active")
    faults.deny.add("mq:GET /v1/brokers")

    reading = read(COLLECTOR)
    unread = reading.documents.complete(BROKER, "us-east-1")

    assert reading.facts(UseLog) == []
    assert unread is not None
    assert (unread.reason, unread.operation, unread.permission) == (
        Reason.PERMISSION_DENIED,
        "mq:ListBrokers",
        "mq:ListBrokers",
    )
