"""Network security groups: what each lets in, and whether it stands before anything."""

from __future__ import annotations

from collections.abc import Iterator

from collectors.api import Body, Collector, Document
from collectors.azure.kinds import of_subscription
from collectors.azure.nsg import doors
from collectors.azure.resources import name_of, place_of, properties, uid_of
from collectors.azure.session import Reader
from collectors.documents import Documents
from collectors.facts.core import Fact
from collectors.facts.network import NetworkGuard

VERSION = "2023-05-01"

GROUP = of_subscription("azure.network.security_group", "Microsoft.Network/networkSecurityGroups", VERSION)


def fetch(azure: Reader) -> Iterator[Document]:
    """Every group of the subscription, with its own rules and those that Azure adds."""
    for group in azure.listing(GROUP):
        yield azure.document(GROUP, uid_of(group), group)


def shape(docs: Documents) -> Iterator[Fact]:
    """One fact per group."""
    for group in docs.of(GROUP):
        yield NetworkGuard(
            resource=docs.resource("network_guard", group.uid, name_of(group.body), place_of(group.body)),
            documents=docs.about(group.uid),
            attached=docs.field(GROUP, group, attached),
            doors=docs.field(GROUP, group, doors),
        )


def attached(body: Body) -> bool:
    """It stands before a subnet or an interface.  Azure leaves out a list that is empty."""
    said = properties(body)
    return bool(said.get("subnets") or said.get("networkInterfaces"))


COLLECTOR = Collector(
    id="azure.security_groups",
    title="Network security groups",
    scope="global",
    kinds=(GROUP,),
    emits={NetworkGuard: GROUP},
    source=f"Azure Network resource provider {VERSION}",
    fetch=fetch,
    shape=shape,
)
