"""Virtual machines: how they boot, and where their disks lie."""

from __future__ import annotations

from collections.abc import Iterator

from collectors.api import Body, Collector, Document
from collectors.azure.kinds import of_subscription
from collectors.azure.resources import name_of, place_of, properties, uid_of
from collectors.azure.session import Reader
from collectors.documents import Documents
from collectors.facts.core import Fact
from collectors.facts.machines import Machine, MachineDisks

VERSION = "2024-03-01"

MACHINE = of_subscription("azure.compute.machine", "Microsoft.Compute/virtualMachines", VERSION)
TRUSTED = ("trustedlaunch", "confidentialvm")
"""Kinds of machines that can boot by signed code only and have a trusted-platform module."""


def fetch(azure: Reader) -> Iterator[Document]:
    """Every machine of the subscription."""
    for machine in azure.listing(MACHINE):
        yield azure.document(MACHINE, uid_of(machine), machine)


def shape(docs: Documents) -> Iterator[Fact]:
    """How each machine boots, and where its disks lie."""
    for machine in docs.of(MACHINE):
        resource = docs.resource("machine", machine.uid, name_of(machine.body), place_of(machine.body))
        documents = docs.about(machine.uid)
        yield Machine(
            resource=resource,
            documents=documents,
            trusted_boot=docs.field(MACHINE, machine, lambda body: boots_trusted(properties(body))),
        )
        yield MachineDisks(resource=resource, documents=documents, loose=docs.field(MACHINE, machine, loose))


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
    kinds=(MACHINE,),
    emits={Machine: MACHINE, MachineDisks: MACHINE},
    source=f"Azure Compute resource provider {VERSION}",
    fetch=fetch,
    shape=shape,
)
