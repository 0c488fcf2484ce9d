"""Brokers of Amazon MQ, and which logs they write."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from collectors.api import Body, Collector, Document, Kind, Then
from collectors.aws.session import Reader
from collectors.documents import Documents
from collectors.facts.core import Fact
from collectors.facts.service_logs import UseLog

BROKER = Kind("aws.mq.broker", "mq", "ListBrokers", items="BrokerSummaries", volatile=("BrokerState",))
SETTINGS = Kind("aws.mq.broker_settings", "mq", "DescribeBroker")
KEPT = ("BrokerId", "Logs")
"""What is judged; the rest names users and tells how far changes have come."""

ACTIVITY, MANAGEMENT = "activity", "management actions"
ACTIVE_MQ = "ACTIVEMQ"


def fetch(aws: Reader) -> Iterator[Document | Then]:
    """Every broker and its settings."""
    for broker in aws.listing(BROKER):
        uid = broker["BrokerArn"]
        yield aws.document(BROKER, uid, broker)
        yield Then(settings, (uid, broker["BrokerId"]), f"{uid}/{SETTINGS.operation}")


def settings(aws: Reader, uid: str, id_: str) -> Iterator[Document]:
    """The settings of one broker."""
    for found in aws.read(SETTINGS, uid, BrokerId=id_):
        yield replace(found, body={key: found.body[key] for key in KEPT if key in found.body})


def shape(docs: Documents) -> Iterator[Fact]:
    """One fact per broker."""
    for broker in docs.of(BROKER):
        yield UseLog(
            resource=docs.resource("message_broker", broker.uid, str(broker.body["BrokerName"]), broker.region),
            documents=docs.about(broker.uid),
            what="message broker",
            kinds=docs.field(BROKER, broker, kinds_of),
            kept=docs.value(SETTINGS, broker.uid, kept_logs),
        )


def kinds_of(broker: Body) -> tuple[str, ...]:
    """What the engine can log; RabbitMQ has no log of its management."""
    return (ACTIVITY, MANAGEMENT) if str(broker["EngineType"]).upper() == ACTIVE_MQ else (ACTIVITY,)


def kept_logs(body: Body) -> tuple[str, ...]:
    """Those that are on.  AWS leaves out what was never set; an answer without an id is none."""
    if "BrokerId" not in body:
        raise KeyError("BrokerId")
    logs = body.get("Logs") or {}
    return tuple(kind for kind, key in ((ACTIVITY, "General"), (MANAGEMENT, "Audit")) if logs.get(key))


COLLECTOR = Collector(
    id="aws.message_brokers",
    title="Message brokers and their logs",
    scope="region",
    kinds=(BROKER, SETTINGS),
    emits={UseLog: BROKER},
    source="Amazon MQ API 2017-11-27",
    fetch=fetch,
    shape=shape,
)
