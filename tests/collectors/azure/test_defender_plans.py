"""azure.defender_plans"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from agent.demo.azure_loopback import SUBSCRIPTION, AzureEstate
from agent.demo.loopback_http import Fault
from collectors.api import Collector
from collectors.azure.defender_plans import COLLECTOR
from collectors.facts.core import Reason, Unread
from collectors.facts.detection import ProtectionPlan
from collectors.facts.monitoring import ThreatDetector
from collectors.testing import Reading

Read = Callable[[Collector], Reading]
SECURITY = f"/subscriptions/{SUBSCRIPTION}/providers/Microsoft.Security"


def plan(estate: AzureEstate, name: str, tier: str = "Standard", **said: Any) -> None:
    """A plan, paid for unless another tier is said."""
    known = {"pricingTier": tier, "freeTrialRemainingTime": "PT0S"}
    estate.put(f"{SECURITY}/pricings/{name}", properties={**known, **said})


def setting(estate: AzureEstate, name: str, *, enabled: bool) -> None:
    """An integration."""
    estate.put(f"{SECURITY}/settings/{name}", kind="DataExportSettings", properties={"enabled": enabled})


def test_a_subscription_without_plans_watches_nothing(read: Read, estate: AzureEstate) -> None:
    """Integrations and agents that a complete list lacks were never switched on."""
    reading = read(COLLECTOR)

    assert {fact.resource.name: fact.enabled for fact in reading.facts(ProtectionPlan)} == {
        "AutoProvisioning": False,
        "MCAS": False,
        "WDATP": False,
    }
    (detector,) = reading.facts(ThreatDetector)
    assert detector.enabled is False
    assert detector.resource.uid == f"/subscriptions/{SUBSCRIPTION}"


def test_plans_and_settings_become_facts(read: Read, estate: AzureEstate) -> None:
    """Tier, coverage, extensions and successors are told."""
    on, off = {"name": "RegistryScan", "isEnabled": "True"}, {"name": "Sensor", "isEnabled": "False"}
    plan(estate, "Containers", extensions=[on, off], resourcesCoverageStatus="PartiallyCovered")
    plan(estate, "KeyVaults", "Free", resourcesCoverageStatus="FullyCovered")
    plan(estate, "Dns", deprecated=True, replacedBy=["VirtualMachines"])
    plan(estate, "Old", deprecated=True)
    setting(estate, "MCAS", enabled=True)
    setting(estate, "WDATP", enabled=False)
    estate.put(f"{SECURITY}/autoProvisioningSettings/default", properties={"autoProvision": "On"})

    reading = read(COLLECTOR)

    containers = reading.fact(ProtectionPlan, "Containers")
    assert (containers.enabled, containers.covers_all, containers.parts) == (True, False, ("RegistryScan",))
    vaults = reading.fact(ProtectionPlan, "KeyVaults")
    assert (vaults.enabled, vaults.covers_all, vaults.parts, vaults.superseded_by) == (False, True, (), ())
    assert reading.fact(ProtectionPlan, "Dns").superseded_by == ("VirtualMachines",)
    assert reading.fact(ProtectionPlan, "Old").superseded_by == ("other plans",)
    assert reading.fact(ProtectionPlan, "MCAS").enabled is True
    assert reading.fact(ProtectionPlan, "WDATP").enabled is False
    assert reading.fact(ProtectionPlan, "AutoProvisioning").enabled is True
    assert reading.facts(ThreatDetector)[0].enabled is True


@pytest.mark.parametrize(("name", "tier", "watched"), [("Arm", "Standard", True), ("Arm", "Free", False)])
def test_a_paid_plan_that_looks_for_attacks_is_a_detector(
    read: Read, estate: AzureEstate, name: str, tier: str, watched: bool
) -> None:
    """Plans that only rate settings are none."""
    plan(estate, name, tier)
    plan(estate, "CloudPosture")
    plan(estate, "FoundationalCspm")

    assert read(COLLECTOR).facts(ThreatDetector)[0].enabled is watched


def test_a_plan_without_a_known_tier_is_unread(read: Read, estate: AzureEstate) -> None:
    """And may be the one that watches."""
    plan(estate, "Arm", "Platinum")

    reading = read(COLLECTOR)

    assert isinstance(reading.fact(ProtectionPlan, "Arm").enabled, Unread)
    assert isinstance(reading.facts(ThreatDetector)[0].enabled, Unread)


@pytest.mark.parametrize("kind", ["status", "malformed", "truncate", "reset"])
def test_settings_that_cannot_be_listed_are_unread_and_not_off(read: Read, estate: AzureEstate, kind: str) -> None:
    """Plans are known all the same."""
    plan(estate, "Arm")
    estate.faults.append(Fault(r"GET /.*/settings\?", kind=kind))

    reading = read(COLLECTOR)

    enabled = reading.fact(ProtectionPlan, "WDATP").enabled
    assert isinstance(enabled, Unread)
    assert enabled.operation == "Microsoft.Security:settings"
    assert enabled.permission == "Microsoft.Security/settings/read"
    assert reading.fact(ProtectionPlan, "Arm").enabled is True
    assert reading.fact(ProtectionPlan, "AutoProvisioning").enabled is False


def test_a_setting_that_was_read_before_the_listing_broke_off_is_known(read: Read, estate: AzureEstate) -> None:
    """Only what was not seen is unread."""
    setting(estate, "MCAS", enabled=True)
    setting(estate, "Sentinel", enabled=False)
    setting(estate, "WDATP", enabled=True)
    estate.faults.append(Fault(r"GET /.*/settings\?", after=1))

    reading = read(COLLECTOR)

    assert reading.fact(ProtectionPlan, "MCAS").enabled is True
    assert isinstance(reading.fact(ProtectionPlan, "WDATP").enabled, Unread)


def test_a_listing_of_plans_that_breaks_off_is_not_complete(read: Read, estate: AzureEstate) -> None:
    """No plan that was read watches; the rest may."""
    for name in "abc":
        plan(estate, name, "Free")
    estate.faults.append(Fault(r"GET /.*/pricings\?", after=1))

    reading = read(COLLECTOR)

    enabled = reading.facts(ThreatDetector)[0].enabled
    assert isinstance(enabled, Unread)
    assert enabled.reason is Reason.PARTIAL_LISTING
    (gap,) = reading.page.gaps
    assert (gap.kind, gap.permission) == ("azure.security.pricing", "Microsoft.Security/pricings/read")
    assert estate.writes == []
