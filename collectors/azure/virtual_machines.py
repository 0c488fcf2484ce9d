"""Virtual machines: how they boot, where their disks lie, who sees their memory, and whether they are routers."""

from __future__ import annotations

from collections.abc import Iterator

from collectors.api import Body, Collector, Document
from collectors.azure.kinds import of_subscription
from collectors.azure.resources import is_on, name_of, place_of, properties, uid_of
from collectors.azure.session import Reader
from collectors.documents import Documents
from collectors.facts.core import Fact, Unread
from collectors.facts.machines import Machine, MachineDisks, MachineForwarding, MachineMemory

VERSION = "2024-03-01"
NETWORK_VERSION = "2023-05-01"

MACHINE = of_subscription("azure.compute.machine", "Microsoft.Compute/virtualMachines", VERSION)
INTERFACE = of_subscription("azure.network.interface", "Microsoft.Network/networkInterfaces", NETWORK_VERSION)
CONFIDENTIAL = "confidentialvm"
"""The kind of machine whose memory only its processor can read."""
TRUSTED = ("trustedlaunch", CONFIDENTIAL)
"""Kinds of machines that can boot by signed code only and have a trusted-platform module."""


def fetch(azure: Reader) -> Iterator[Document]:
    """Every machine of the subscription, and every network interface."""
    for kind in (MACHINE, INTERFACE):
        for item in azure.listing(kind):
            yield azure.document(kind, uid_of(item), item)


def shape(docs: Documents) -> Iterator[Fact]:
    """Each machine by what is asked of machines."""
    for machine in docs.of(MACHINE):
        resource = docs.resource("machine", machine.uid, name_of(machine.body), place_of(machine.body))
        documents = docs.about(machine.uid)
        yield Machine(
            resource=resource,
            documents=documents,
            trusted_boot=docs.field(MACHINE, machine, lambda body: boots_trusted(properties(body))),
        )
        yield MachineDisks(resource=resource, documents=documents, loose=docs.field(MACHINE, machine, loose))
        yield MachineMemory(
            resource=resource,
            documents=documents,
            encrypted=docs.field(MACHINE, machine, lambda body: encrypts_memory(properties(body))),
        )
        yield _forwarding(docs, machine)


def _forwarding(docs: Documents, machine: Document) -> MachineForwarding:
    """One interface that sends on packets settles it; without one, whatever is unread might have been it."""
    uids = docs.field(MACHINE, machine, interfaces)
    found = [uids] if isinstance(uids, Unread) else [docs.value(INTERFACE, uid, forwards) for uid in uids]
    read = [] if isinstance(uids, Unread) else [each for each in docs.of(INTERFACE) if each.uid in uids]
    return MachineForwarding(
        resource=docs.resource("machine", machine.uid, name_of(machine.body), place_of(machine.body)),
        documents=docs.about(machine.uid, *read),
        forwards=True in found or next((each for each in found if isinstance(each, Unread)), None) or False,
    )


def interfaces(body: Body) -> tuple[str, ...]:
    """Uids of the network interfaces of a machine; it cannot be without one."""
    return tuple(str(each["id"]).lower() for each in properties(body)["networkProfile"]["networkInterfaces"])


def forwards(body: Body) -> bool:
    """An interface takes packets that are not for it.  Left out, it does not: NetworkInterface.enableIPForwarding."""
    return is_on(properties(body).get("enableIPForwarding") or False)


def encrypts_memory(said: Body) -> bool:
    """A confidential machine.  One of the ordinary kind says nothing of its security: `SecurityProfile`."""
    return str((said.get("securityProfile") or {}).get("securityType") or "Standard").lower() == CONFIDENTIAL


def boots_trusted(said: Body) -> bool:
    """Secure boot and the module are both on, in a machine of a kind that has them.

    All of this is left out of a machine that was made without: Compute resource provider, `SecurityProfile`.
    """
    profile = said.get("securityProfile") or {}
    firmware = profile.get("uefiSettings") or {}
    capable = str(profile.get("securityType") or "Standard").lower() in TRUSTED
    return capable and firmware.get("secureBootEnabled") is True and firmware.get("vTpmEnabled") is True


def loose(body: Body) -> tuple[str, ...]:
    """Names of the disks that are files in a storage account.  Raises ValueError for one that is neither kind."""
    storage = properties(body)["storageProfile"]
    found = []
    for disk in (storage["osDisk"], *(storage.get("dataDisks") or ())):
        if disk.get("vhd"):
            found.append(str(disk["name"]))
        elif not disk.get("managedDisk"):
            raise ValueError("a disk is neither managed nor a file")
    return tuple(found)


COLLECTOR = Collector(
    id="azure.virtual_machines",
    title="Virtual machines",
    scope="global",
    kinds=(MACHINE, INTERFACE),
    emits=dict.fromkeys((Machine, MachineDisks, MachineMemory, MachineForwarding), MACHINE),
    source=f"Azure Compute resource provider {VERSION}; Azure Network resource provider {NETWORK_VERSION}",
    fetch=fetch,
    shape=shape,
)
