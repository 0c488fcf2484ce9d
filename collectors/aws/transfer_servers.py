"""Servers of the Transfer Family, by the protocols over which they take files."""

from __future__ import annotations

from collections.abc import Iterator

from collectors.api import Body, Collector, Document, Kind, Then
from collectors.aws.session import Reader
from collectors.documents import Documents
from collectors.facts.core import Fact
from collectors.facts.data_access import DataConnections

LISTED = Kind("aws.transfer.listed_server", "transfer", "ListServers", items="Servers", volatile=("State", "UserCount"))
SERVER = Kind("aws.transfer.server", "transfer", "DescribeServer", volatile=("Server.State", "Server.UserCount"))
PLAIN = "FTP"
"""The one protocol that sends everything as it is.  Over AS2 each message is encrypted, or not, by an agreement."""


def fetch(aws: Reader) -> Iterator[Document | Then]:
    """Every server of the region, and how it is set up."""
    for listed in aws.listing(LISTED):
        uid = listed["Arn"]
        yield aws.document(LISTED, uid, listed)
        yield Then(server, (uid, listed["ServerId"]), f"{uid}/{SERVER.operation}")


def server(aws: Reader, uid: str, name: str) -> Iterator[Document]:
    """One server, which alone names its protocols."""
    yield from aws.read(SERVER, uid, ServerId=name)


def shape(docs: Documents) -> Iterator[Fact]:
    """One fact per server."""
    for listed in docs.of(LISTED):
        yield DataConnections(
            resource=docs.resource("file_transfer_server", listed.uid, listed.uid.rpartition("/")[2], listed.region),
            documents=docs.about(listed.uid),
            what="file transfer server",
            plain=docs.value(SERVER, listed.uid, plain),
        )


def plain(body: Body) -> tuple[str, ...]:
    """FTP is among its protocols."""
    return ("over FTP",) if PLAIN in body["Server"]["Protocols"] else ()


COLLECTOR = Collector(
    id="aws.transfer_servers",
    title="File transfer servers",
    scope="region",
    kinds=(LISTED, SERVER),
    emits={DataConnections: LISTED},
    source="AWS Transfer Family API 2018-11-05",
    fetch=fetch,
    shape=shape,
)
