"""aws.transfer_servers"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from agent.demo.loopback import Faults
from collectors.aws.transfer_servers import COLLECTOR, LISTED
from collectors.facts.core import Reason, Unread
from collectors.facts.data_access import DataConnections
from collectors.testing import Reading

Read = Callable[..., Reading]
Client = Callable[..., Any]

REGION = "us-east-1"


def create(transfer: Any, *protocols: str) -> str:
    """A server with these protocols; its id."""
    return str(transfer.create_server(Protocols=list(protocols))["ServerId"])


def test_servers_by_their_protocols(read: Read, client: Client) -> None:
    """FTP is the one that sends everything as it is."""
    transfer = client("transfer")
    kept, open_ = create(transfer, "SFTP", "FTPS"), create(transfer, "SFTP", "FTP")

    reading = read(COLLECTOR)

    assert reading.fact(DataConnections, kept).plain == ()
    assert reading.fact(DataConnections, open_).plain == ("over FTP",)


@pytest.mark.parametrize(("fault", "reason"), [("deny", Reason.PERMISSION_DENIED), ("garble", Reason.PARTIAL_LISTING)])
def test_an_unread_server_is_unread(read: Read, client: Client, faults: Faults, fault: str, reason: Reason) -> None:
    """The listing does not name protocols."""
    name = create(client("transfer"), "SFTP")
    getattr(faults, fault).add("transfer:DescribeServer")

    found = read(COLLECTOR).fact(DataConnections, name).plain

    assert isinstance(found, Unread)
    assert (found.reason, found.permission) == (reason, "transfer:DescribeServer")


def test_none_is_a_complete_listing(read: Read) -> None:
    """Empty is proven, not assumed."""
    reading = read(COLLECTOR)

    assert list(COLLECTOR.shape(reading.documents)) == []
    assert reading.documents.complete(LISTED, REGION) is None


@pytest.mark.parametrize(("fault", "reason"), [("deny", Reason.PERMISSION_DENIED), ("garble", Reason.PARTIAL_LISTING)])
def test_a_failed_listing_leaves_the_population_unknown(
    read: Read, client: Client, faults: Faults, fault: str, reason: Reason
) -> None:
    """Nothing is known to be there, and that is said."""
    create(client("transfer"), "FTP")
    getattr(faults, fault).add("transfer:ListServers")

    reading = read(COLLECTOR)
    unlisted = reading.documents.complete(LISTED, REGION)

    assert reading.facts(DataConnections) == []
    assert unlisted is not None
    assert (unlisted.reason, unlisted.operation, unlisted.permission) == (
        reason,
        "transfer:ListServers",
        "transfer:ListServers",
    )
