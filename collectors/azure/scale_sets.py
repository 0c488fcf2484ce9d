"""Scale sets: how the machines boot that they make, where their disks lie, who sees their memory, how they route."""

from __future__ import annotations

from collections.abc import Iterator

from collectors.api import Body, Collector, Document
from collectors.azure.kinds import of_subscription
from collectors.azure.resources import name_of, place_of, properties, uid_of
from collectors.azure.session import Reader
from collectors.azure.virtual_machines import VERSION, boots_trusted, encrypts_memory, forwards
from collectors.documents import Documents
from collectors.facts.core import Fact
from collectors.facts.machines import Machine, MachineDisks, MachineForwarding, MachineMemory

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
        yield MachineMemory(
            resource=resource,
            documents=documents,
            encrypted=docs.field(GROUP, group, lambda body: encrypts_memory(model(body) or {})),
        )
        yield MachineForwarding(
            resource=resource, documents=documents, forwards=docs.field(GROUP, group, makes_routers)
        )


def model(body: Body) -> Body | None:
    """What the machines are made from; None in a flexible set that was made without."""
    found: Body | None = properties(body).get("virtualMachineProfile")
    return found


def loose(body: Body) -> tuple[str, ...]:
    """Names of the disks that are files in a storage account: that of the system can be, those for data cannot."""
    disk = (model(body) or {})["storageProfile"]["osDisk"]
    return (str(disk.get("name") or "system disk"),) if disk.get("vhdContainers") else ()


def makes_routers(body: Body) -> bool:
    """Some interface of the machines that it makes takes packets that are not for it."""
    return any(map(forwards, (model(body) or {})["networkProfile"]["networkInterfaceConfigurations"]))


COLLECTOR = Collector(
    id="azure.scale_sets",
    title="Virtual machine scale sets",
    scope="global",
    kinds=(GROUP,),
    emits=dict.fromkeys((Machine, MachineDisks, MachineMemory, MachineForwarding), GROUP),
    source=f"Azure Compute resource provider {VERSION}",
    fetch=fetch,
    shape=shape,
)
