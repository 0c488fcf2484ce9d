"""IoT hubs and the security solutions that watch them."""

from __future__ import annotations

from collections.abc import Iterator

from collectors.api import Body, Collector, Document
from collectors.azure.kinds import of_subscription
from collectors.azure.resources import is_on, name_of, place_of, properties, uid_of
from collectors.azure.session import Reader
from collectors.documents import Documents
from collectors.facts.core import Fact, Unread
from collectors.facts.detection import DeviceHub

HUBS_VERSION = "2021-07-02"
SOLUTIONS_VERSION = "2019-08-01"

HUB = of_subscription("azure.devices.iot_hub", "Microsoft.Devices/iotHubs", HUBS_VERSION)
SOLUTION = of_subscription("azure.security.iot_solution", "Microsoft.Security/iotSecuritySolutions", SOLUTIONS_VERSION)


def fetch(azure: Reader) -> Iterator[Document]:
    """Every hub, and every solution."""
    for kind in (HUB, SOLUTION):
        for item in azure.listing(kind):
            yield azure.document(kind, uid_of(item), item)


def shape(docs: Documents) -> Iterator[Fact]:
    """One fact per hub."""
    watched = [(solution, docs.field(SOLUTION, solution, hubs_of)) for solution in docs.of(SOLUTION)]
    unread = docs.complete(SOLUTION, "global") or next((it for _, it in watched if isinstance(it, Unread)), None)
    for hub in docs.of(HUB):
        by = [each for each, hubs in watched if not isinstance(hubs, Unread) and hub.uid in hubs]
        yield DeviceHub(
            resource=docs.resource("device_hub", hub.uid, name_of(hub.body), place_of(hub.body)),
            documents=docs.about(hub.uid, *by),
            protected=bool(by) or unread or False,
        )


def hubs_of(solution: Body) -> frozenset[str]:
    """Uids of the hubs that a solution watches; a solution is on unless it says otherwise: Azure's default."""
    said = properties(solution)
    return (
        frozenset(str(hub).lower() for hub in said["iotHubs"]) if is_on(said.get("status", "Enabled")) else frozenset()
    )


COLLECTOR = Collector(
    id="azure.iot_hubs",
    title="IoT hubs and their protection",
    scope="global",
    kinds=(HUB, SOLUTION),
    emits={DeviceHub: HUB},
    source=f"Azure IoT Hub {HUBS_VERSION}; Microsoft Defender for IoT {SOLUTIONS_VERSION}",
    fetch=fetch,
    shape=shape,
)
