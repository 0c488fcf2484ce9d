"""Connectors of MSK Connect, by how they connect to their cluster."""

from __future__ import annotations

from collections.abc import Iterator

from collectors.api import Body, Collector, Document, Kind
from collectors.aws.session import Reader
from collectors.documents import Documents
from collectors.facts.core import Fact
from collectors.facts.data_access import DataConnections

CONNECTOR = Kind(
    "aws.kafkaconnect.connector", "kafkaconnect", "ListConnectors", items="connectors", volatile=("connectorState",)
)


def fetch(aws: Reader) -> Iterator[Document]:
    """Every connector of the region."""
    for connector in aws.listing(CONNECTOR):
        yield aws.document(CONNECTOR, connector["connectorArn"], connector)


def shape(docs: Documents) -> Iterator[Fact]:
    """One fact per connector."""
    for connector in docs.of(CONNECTOR):
        name = str(connector.body.get("connectorName", connector.uid.split("/")[1]))
        yield DataConnections(
            resource=docs.resource("data_mover", connector.uid, name, connector.region),
            documents=docs.about(connector.uid),
            what="MSK connector",
            plain=docs.field(CONNECTOR, connector, plain),
        )


def plain(body: Body) -> tuple[str, ...]:
    """It connects to its brokers with TLS or without."""
    chosen = body["kafkaClusterEncryptionInTransit"]["encryptionType"]
    return () if {"TLS": True, "PLAINTEXT": False}[chosen] else ("with brokers",)


COLLECTOR = Collector(
    id="aws.kafka_connectors",
    title="MSK connectors",
    scope="region",
    kinds=(CONNECTOR,),
    emits={DataConnections: CONNECTOR},
    source="Amazon MSK Connect API 2021-09-14",
    fetch=fetch,
    shape=shape,
)
