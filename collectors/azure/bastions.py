"""Bastions: whether links lead past the sign-in at Azure to the machines behind them."""

from __future__ import annotations

from collections.abc import Iterator

from collectors.api import Body, Collector, Document
from collectors.azure.kinds import of_subscription
from collectors.azure.resources import is_on, name_of, place_of, properties, uid_of
from collectors.azure.session import Reader
from collectors.documents import Documents
from collectors.facts.core import Fact
from collectors.facts.network import MachineGateway

VERSION = "2023-05-01"

BASTION = of_subscription("azure.network.bastion", "Microsoft.Network/bastionHosts", VERSION)


def fetch(azure: Reader) -> Iterator[Document]:
    """Every bastion."""
    for bastion in azure.listing(BASTION):
        yield azure.document(BASTION, uid_of(bastion), bastion)


def shape(docs: Documents) -> Iterator[Fact]:
    """One fact per bastion."""
    for bastion in docs.of(BASTION):
        yield MachineGateway(
            resource=docs.resource("machine_gateway", bastion.uid, name_of(bastion.body), place_of(bastion.body)),
            documents=docs.about(bastion.uid),
            links=docs.field(BASTION, bastion, makes_links),
        )


def makes_links(body: Body) -> bool:
    """Links can be shared.  Left out, they cannot: BastionHost.enableShareableLink, and the smaller tiers."""
    return is_on(properties(body).get("enableShareableLink") or False)


COLLECTOR = Collector(
    id="azure.bastions",
    title="Bastions",
    scope="global",
    kinds=(BASTION,),
    emits={MachineGateway: BASTION},
    source=f"Azure Network resource provider {VERSION}",
    fetch=fetch,
    shape=shape,
)
