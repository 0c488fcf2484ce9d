"""Scale sets: how the machines boot that they make, and where their disks lie."""

from __future__ import annotations

from collections.abc import Iterator

from collectors.api import Body, Collector, Document
from collectors.azure.kinds import of_subscription
from collectors.azure.resources import name_of, place_of, properties, uid_of
from collectors.azure.session import Reader
from collectors.azure.virtual_machines import VERSION, boots_trusted
from collectors.documents import Documents
from collectors.facts.core import Fact
from collectors.facts.machines import Machine, MachineDisks

GROUP = of_subscription("azure.compute.scale_set", "Microsoft.Compute/virtualMachineScaleSets", VERSION)


def fetch(azure: Reader) -> Iterator[Document]:
    """Every scale set of the subscription."""
    for group in azure.listing(GROUP):
        yield azure.document(GROUP, uid_of(group), group)


def shape(docs: Documents) -> Iterator[Fact]:
    """The model of each scale set.  One without a model makes no machines: its members are listed as machines."""
    for group in docs.of(GROUP):
        if docs.field(GROUP, group, model) is None:
            continue
        resource = docs.resource("machine_group", group.uid, name_of(group.body), place_of(group.body))
        documents = docs.about(group.uid)
        yield Machine(
            resource=resource,
            documents=documents,
            trusted_boot=docs.field(GROUP, group, lambda body: boots_trusted(model(body) or {})),
        )
        yield MachineDisks(resource=resource, documents=documents, loose=docs.field(GROUP, group, loose))


def model(body: Body) -> Body | None:
    """What the machines are made from; None in a flexible set that was made without."""
    found: Body | None = properties(body).get("virtualMachineProfile")
    return found


def loose(body: Body) -> tuple[str, ...]:
    """Names of the disks that are files in a storage account: that of the system can be, those for data cannot."""
    disk = (model(body) or {})["storageProfile"]["osDisk"]
    return (str(disk.get("name") or "system disk"),) if disk.get("vhdContainers") else ()


COLLECTOR = Collector(
    id="azure.scale_sets",
    title="Virtual machine scale sets",
    scope="global",
    kinds=(GROUP,),
    emits={Machine: GROUP, MachineDisks: GROUP},
    source=f"Azure Compute resource provider {VERSION}",
    fetch=fetch,
    shape=shape,
)
