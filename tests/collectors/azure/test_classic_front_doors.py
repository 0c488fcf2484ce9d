"""azure.classic_front_doors"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from agent.demo.azure_loopback import AzureEstate
from agent.demo.loopback_http import Fault
from collectors.api import Collector
from collectors.azure.classic_front_doors import COLLECTOR
from collectors.facts.core import Reason, Unread
from collectors.facts.network import Listener, WebFront
from collectors.testing import Reading

Read = Callable[[Collector], Reading]
POLICIES = "Microsoft.Network/frontDoorWebApplicationFirewallPolicies"
REDIRECT = {
    "@odata.type": "#Microsoft.Azure.FrontDoor.Models.FrontdoorRedirectConfiguration",
    "redirectProtocol": "HttpsOnly",
}
FORWARD = {"@odata.type": "#Microsoft.Azure.FrontDoor.Models.FrontdoorForwardingConfiguration"}


def policy(estate: AzureEstate, name: str, **said: Any) -> dict[str, str]:
    """A firewall policy that blocks, and how a Front Door refers to it."""
    settings = {"enabledState": "Enabled", "mode": "Prevention", **said.pop("settings", {})}
    return {"id": estate.put(f"web/{POLICIES}/{name}", properties={"policySettings": settings, **said}).upper()}


def domain(name: str, link: dict[str, str] | None = None, tls: str = "") -> dict[str, Any]:
    """A domain; one of Azure's own has no settings for TLS."""
    https = {"minimumTlsVersion": tls} if tls else None
    return {"name": name, "properties": {"webApplicationFirewallPolicyLink": link, "customHttpsConfiguration": https}}


def rule(name: str, answer: dict[str, Any], *protocols: str) -> dict[str, Any]:
    """A rule that routes."""
    return {"name": name, "properties": {"routeConfiguration": answer, "acceptedProtocols": list(protocols)}}


def door(
    estate: AzureEstate, name: str, *domains: dict[str, Any], rules: tuple[dict[str, Any], ...] = (), on: bool = True
) -> None:
    """A classic Front Door."""
    state = "Enabled" if on else "Disabled"
    said = {"frontendEndpoints": list(domains), "routingRules": list(rules), "enabledState": state}
    estate.put(f"web/Microsoft.Network/frontDoors/{name}", location="Global", properties=said)


def test_a_subscription_without_any_is_a_complete_listing(read: Read, estate: AzureEstate) -> None:
    """Empty is proven, not assumed."""
    reading = read(COLLECTOR)

    assert reading.facts(WebFront) == []
    assert reading.facts(Listener) == []
    assert {listing.items for listing in reading.page.listings} == {0}


def test_each_domain_has_its_own_firewall_or_none(read: Read, estate: AzureEstate) -> None:
    """And only a Front Door that is on faces the internet."""
    weak = policy(estate, "weak", settings={"mode": "Detection"})
    door(estate, "d", domain("good", policy(estate, "strong")), domain("weak", weak), domain("bare"))
    door(estate, "off", domain("bare"), on=False)

    reading = read(COLLECTOR)

    found = {
        each.resource.name: (each.internet_facing, each.firewalls, each.covered, each.blocking)
        for each in reading.facts(WebFront)
    }
    assert found == {
        "d/good": (True, ("strong",), True, True),
        "d/weak": (True, ("weak",), True, False),
        "d/bare": (True, (), False, False),
        "off/bare": (False, (), False, False),
    }


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ({"settings": {"enabledState": "Disabled"}}, False),
        ({"managedRules": {"managedRuleSets": [{"ruleSetType": "Default", "ruleSetAction": "Log"}]}}, False),
        ({"managedRules": {"managedRuleSets": [{"ruleSetType": "Default", "ruleSetAction": "Block"}]}}, True),
        ({"managedRules": {"managedRuleSets": [{"ruleSetType": "Default"}]}}, True),
    ],
)
def test_a_policy_that_only_logs_does_not_block(
    read: Read, estate: AzureEstate, said: dict[str, Any], expected: bool
) -> None:
    """Neither does one that is off."""
    door(estate, "d", domain("it", policy(estate, "p", **said)))

    assert read(COLLECTOR).fact(WebFront, "d/it").blocking is expected


def test_domains_and_routes_are_listeners(read: Read, estate: AzureEstate) -> None:
    """Of domains those of the company, of routes those that take HTTP."""
    rules = (rule("up", REDIRECT, "Http"), rule("both", FORWARD, "Http", "Https"), rule("tls", FORWARD, "Https"))
    door(estate, "d", domain("own", tls="1.2"), domain("azure"), rules=rules)

    reading = read(COLLECTOR)

    found = {
        each.resource.name: (each.protocol, each.minimum_tls, each.only_redirects_to_tls)
        for each in reading.facts(Listener)
    }
    assert found == {
        "d/own:443": ("HTTPS", "1.2", False),
        "d/up:80": ("HTTP", None, True),
        "d/both:80": ("HTTP", None, False),
    }


@pytest.mark.parametrize("kind", ["status", "malformed", "truncate", "reset"])
def test_policies_that_cannot_be_listed_leave_blocking_unread(read: Read, estate: AzureEstate, kind: str) -> None:
    """That there is a firewall is known."""
    door(estate, "d", domain("it", policy(estate, "p")), domain("bare"))
    estate.faults.append(Fault(rf"GET /.*/{POLICIES}\?", kind=kind))

    reading = read(COLLECTOR)

    it = reading.fact(WebFront, "d/it")
    assert (it.firewalls, it.covered) == (("p",), True)
    assert isinstance(it.blocking, Unread)
    assert it.blocking.permission == f"{POLICIES}/read"
    assert reading.fact(WebFront, "d/bare").blocking is False


def test_a_listing_that_breaks_off_is_not_complete(read: Read, estate: AzureEstate) -> None:
    """What the first page held is kept, and the population is not known."""
    for name in "abc":
        door(estate, name, domain("it"))
    estate.faults.append(Fault(r"GET /.*/frontDoors\?", after=1))

    reading = read(COLLECTOR)

    assert [fact.resource.name for fact in reading.facts(WebFront)] == ["a/it", "b/it"]
    (gap,) = reading.page.gaps
    assert (gap.reason, gap.kind) == (Reason.PARTIAL_LISTING, "azure.network.front_door")
    assert estate.writes == []


def test_what_is_garbled_is_unread_and_no_bug(read: Read, estate: AzureEstate) -> None:
    """Domains and routes of one door, each by itself; another door has its own."""
    door(estate, "domains", {"name": "x"}, rules=(rule("plain", FORWARD, "Http"),))
    door(estate, "routes", domain("www"), rules=({"name": "x", "properties": {}},))

    reading = read(COLLECTOR)

    fronts = {each.resource.name: each.covered for each in reading.facts(WebFront)}
    assert isinstance(fronts["domains"], Unread)
    assert fronts["routes/www"] is False
    listeners = {each.resource.name: each for each in reading.facts(Listener)}
    assert isinstance(listeners["domains"].protocol, Unread)
    assert listeners["domains/plain:80"].only_redirects_to_tls is False
    assert isinstance(listeners["routes/routes:80"].only_redirects_to_tls, Unread)
