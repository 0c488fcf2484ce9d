"""azure.scale_sets"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from agent.demo.azure_loopback import AzureEstate
from agent.demo.loopback_http import Fault
from collectors.api import Collector
from collectors.azure.scale_sets import COLLECTOR
from collectors.facts.core import Reason, Unread
from collectors.facts.machines import Machine, MachineDisks, MachineForwarding, MachineMemory
from collectors.testing import Reading

Read = Callable[[Collector], Reading]
TRUSTED = {"securityType": "TrustedLaunch", "uefiSettings": {"secureBootEnabled": True, "vTpmEnabled": True}}


def group(estate: AzureEstate, name: str, model: Any) -> None:
    """A scale set."""
    said = {} if model is None else {"virtualMachineProfile": model}
    estate.put(f"data/Microsoft.Compute/virtualMachineScaleSets/{name}", properties=said)


def test_a_subscription_without_scale_sets_is_a_complete_listing(read: Read, estate: AzureEstate) -> None:
    """Empty is proven, not assumed."""
    reading = read(COLLECTOR)

    assert reading.facts(Machine) == []
    assert [listing.items for listing in reading.page.listings] == [0]


def test_models_become_facts(read: Read, estate: AzureEstate) -> None:
    """How machines boot and where their system disk lies; a set without a model makes none."""
    managed = {"osDisk": {"managedDisk": {"storageAccountType": "Premium_LRS"}}}
    files = {"osDisk": {"name": "system", "vhdContainers": ["https://store/vhds"]}}
    group(estate, "new", {"storageProfile": managed, "securityProfile": TRUSTED})
    group(estate, "old", {"storageProfile": files})
    group(estate, "bare", None)

    reading = read(COLLECTOR)

    assert [(each.resource.name, each.trusted_boot) for each in reading.facts(Machine)] == [
        ("new", True),
        ("old", False),
    ]
    assert [each.loose for each in reading.facts(MachineDisks)] == [(), ("system",)]


def test_a_model_without_a_disk_is_unread(read: Read, estate: AzureEstate) -> None:
    """An answer that does not say where the disk lies proves nothing."""
    group(estate, "odd", {"securityProfile": TRUSTED})

    reading = read(COLLECTOR)

    assert isinstance(reading.fact(MachineDisks, "odd").loose, Unread)
    assert reading.fact(Machine, "odd").trusted_boot is True


def test_a_listing_that_breaks_off_is_not_complete(read: Read, estate: AzureEstate) -> None:
    """The second page is refused."""
    for name in ("a", "b", "c"):
        group(estate, name, {"storageProfile": {"osDisk": {}}})
    estate.faults.append(Fault(r"GET /.*/virtualMachineScaleSets\?", after=1))

    reading = read(COLLECTOR)

    assert [each.resource.name for each in reading.facts(Machine)] == ["a", "b"]
    (gap,) = reading.page.gaps
    assert (gap.reason, gap.unread.permission) == (
        Reason.PARTIAL_LISTING,
        "Microsoft.Compute/virtualMachineScaleSets/read",
    )


def test_what_is_made_forwards_and_hides_as_its_model_says(read: Read, estate: AzureEstate) -> None:
    """An interface that says nothing forwards nothing; a model without interfaces tells nothing."""
    for name, configs in (("quiet", [{}]), ("routers", [{}, {"enableIPForwarding": True}])):
        profile = {"networkInterfaceConfigurations": [{"name": "x", "properties": each} for each in configs]}
        group(estate, name, {"networkProfile": profile, "securityProfile": {"securityType": "ConfidentialVM"}})
    group(estate, "silent", {"securityProfile": TRUSTED})

    reading = read(COLLECTOR)

    found = {each.resource.name: each.forwards for each in reading.facts(MachineForwarding)}
    assert (found["quiet"], found["routers"]) == (False, True)
    assert isinstance(found["silent"], Unread)
    assert [(each.resource.name, each.encrypted) for each in reading.facts(MachineMemory)] == [
        ("quiet", True),
        ("routers", True),
        ("silent", False),
    ]
