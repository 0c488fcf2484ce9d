"""azure.virtual_machines"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from agent.demo.azure_loopback import AzureEstate
from agent.demo.loopback_http import Fault
from collectors.api import Collector
from collectors.azure.virtual_machines import COLLECTOR, INTERFACE
from collectors.facts.core import Reason, Unread
from collectors.facts.machines import Machine, MachineDisks, MachineForwarding, MachineMemory
from collectors.testing import Reading

Read = Callable[[Collector], Reading]
MANAGED = {"name": "system", "managedDisk": {"id": "/disks/system"}}
FIRMWARE = {"secureBootEnabled": True, "vTpmEnabled": True}


def machine(estate: AzureEstate, name: str, **said: Any) -> None:
    """A virtual machine."""
    known = {"storageProfile": {"osDisk": MANAGED, "dataDisks": []}, **said}
    estate.put(f"data/Microsoft.Compute/virtualMachines/{name}", properties=known)


def test_a_subscription_without_machines_is_a_complete_listing(read: Read, estate: AzureEstate) -> None:
    """Empty is proven, not assumed."""
    reading = read(COLLECTOR)

    assert reading.facts(Machine) == []
    assert [listing.items for listing in reading.page.listings] == [0, 0]


@pytest.mark.parametrize(
    ("profile", "trusted"),
    [
        ({"securityType": "TrustedLaunch", "uefiSettings": FIRMWARE}, True),
        ({"securityType": "ConfidentialVM", "uefiSettings": FIRMWARE}, True),
        ({"securityType": "TrustedLaunch", "uefiSettings": {**FIRMWARE, "secureBootEnabled": False}}, False),
        ({"securityType": "TrustedLaunch"}, False),
        ({"uefiSettings": FIRMWARE}, False),
        (None, False),
    ],
)
def test_how_a_machine_boots(read: Read, estate: AzureEstate, profile: Any, trusted: bool) -> None:
    """The kind of machine, secure boot and the module are all needed; left out is off."""
    machine(estate, "web", securityProfile=profile)

    assert read(COLLECTOR).fact(Machine, "web").trusted_boot is trusted


def test_disks_that_are_files_are_named(read: Read, estate: AzureEstate) -> None:
    """Of the system and of data; managed ones are not."""
    file = {"name": "old", "vhd": {"uri": "https://store/vhds/old.vhd"}}
    machine(estate, "new")
    machine(estate, "old", storageProfile={"osDisk": file, "dataDisks": [MANAGED, {**file, "name": "data"}]})

    reading = read(COLLECTOR)

    assert reading.fact(MachineDisks, "new").loose == ()
    assert reading.fact(MachineDisks, "old").loose == ("old", "data")


def test_a_disk_that_is_neither_is_unread(read: Read, estate: AzureEstate) -> None:
    """An answer that does not say where the disk lies proves nothing."""
    machine(estate, "odd", storageProfile={"osDisk": {"name": "system"}})

    assert isinstance(read(COLLECTOR).fact(MachineDisks, "odd").loose, Unread)


@pytest.mark.parametrize("kind", ["status", "malformed", "truncate", "reset"])
def test_a_listing_that_fails_is_a_gap(read: Read, estate: AzureEstate, kind: str) -> None:
    """Named with operation and permission."""
    estate.faults.append(Fault(r"GET /.*/virtualMachines\?", kind=kind))

    (gap,) = read(COLLECTOR).page.gaps

    assert gap.listing
    assert gap.unread.permission == "Microsoft.Compute/virtualMachines/read"


def test_a_listing_that_breaks_off_is_not_complete(read: Read, estate: AzureEstate) -> None:
    """The second page is refused."""
    for name in ("a", "b", "c"):
        machine(estate, name)
    estate.faults.append(Fault(r"GET /.*/virtualMachines\?", after=1))

    reading = read(COLLECTOR)

    assert [each.resource.name for each in reading.facts(Machine)] == ["a", "b"]
    assert [gap.reason for gap in reading.page.gaps] == [Reason.PARTIAL_LISTING]
    assert [listing.kind for listing in reading.page.listings] == [INTERFACE.name]


def interface(estate: AzureEstate, name: str, **said: Any) -> dict[str, str]:
    """A network interface; how a machine names it."""
    return {"id": estate.put(f"data/Microsoft.Network/networkInterfaces/{name}", properties=said).upper()}


@pytest.mark.parametrize(
    ("profile", "encrypted"),
    [({"securityType": "ConfidentialVM"}, True), ({"securityType": "TrustedLaunch"}, False), (None, False)],
)
def test_whose_memory_is_hidden(read: Read, estate: AzureEstate, profile: Any, encrypted: bool) -> None:
    """Only a confidential machine hides it; an ordinary one says nothing."""
    machine(estate, "web", securityProfile=profile)

    assert read(COLLECTOR).fact(MachineMemory, "web").encrypted is encrypted


def test_a_machine_forwards_when_one_of_its_interfaces_does(read: Read, estate: AzureEstate) -> None:
    """Off is Azure's default, and the ids of the two sides differ in case."""
    own = interface(estate, "own", enableIPForwarding=False)
    silent, router = interface(estate, "silent"), interface(estate, "router", enableIPForwarding=True)
    machine(estate, "web", networkProfile={"networkInterfaces": [own, silent]})
    machine(estate, "gate", networkProfile={"networkInterfaces": [own, router]})

    reading = read(COLLECTOR)

    assert [(each.resource.name, each.forwards) for each in reading.facts(MachineForwarding)] == [
        ("gate", True),
        ("web", False),
    ]


def test_unread_interfaces_leave_it_open_whether_machines_forward(read: Read, estate: AzureEstate) -> None:
    """Two are read and one of them settles its machine; the third is beyond the page that was refused."""
    names = ("a-router", "b", "c")
    links = [interface(estate, name, enableIPForwarding=name == "a-router") for name in names]
    machine(estate, "gate", networkProfile={"networkInterfaces": [links[0], links[2]]})
    machine(estate, "web", networkProfile={"networkInterfaces": [links[1], links[2]]})
    machine(estate, "odd")
    estate.faults.append(Fault(r"GET /.*/networkInterfaces\?", after=1))

    reading = read(COLLECTOR)

    found = {each.resource.name: each.forwards for each in reading.facts(MachineForwarding)}
    assert found["gate"] is True
    assert isinstance(found["web"], Unread)
    assert found["web"].permission == "Microsoft.Network/networkInterfaces/read"
    assert isinstance(found["odd"], Unread)
    assert [each.encrypted for each in reading.facts(MachineMemory)] == [False, False, False]
