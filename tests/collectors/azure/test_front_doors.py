"""azure.front_doors"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from agent import judge
from agent.demo.azure_loopback import SUBSCRIPTION, AzureEstate
from agent.demo.loopback_http import Fault
from collectors.api import Collector
from collectors.azure.front_doors import COLLECTOR
from collectors.facts.core import Fact, Reason, Unread
from collectors.facts.network import Listener, WebFront
from collectors.provenance import Identity
from collectors.testing import Reading

Read = Callable[[Collector], Reading]
POLICIES = "Microsoft.Network/frontDoorWebApplicationFirewallPolicies"


def profile(estate: AzureEstate, name: str, sku: str = "Premium_AzureFrontDoor") -> str:
    """A profile."""
    said = {"provisioningState": "Succeeded"}
    return estate.put(f"web/Microsoft.Cdn/profiles/{name}", location="Global", sku={"name": sku}, properties=said)


def endpoint(estate: AzureEstate, profile_id: str, name: str, *routes: dict[str, Any], state: str = "Enabled") -> str:
    """An endpoint with routes."""
    id_ = estate.put(f"{profile_id}/afdEndpoints/{name}", properties={"enabledState": state})
    for number, said in enumerate(routes):
        estate.put(f"{id_}/routes/r{number}", properties=said)
    return id_


def domain(estate: AzureEstate, profile_id: str, name: str, tls: str = "TLS12") -> str:
    """A domain of the company's own."""
    return estate.put(f"{profile_id}/customDomains/{name}", properties={"tlsSettings": {"minimumTlsVersion": tls}})


def policy(estate: AzureEstate, name: str, mode: str = "Prevention") -> str:
    """A firewall policy."""
    settings = {"enabledState": "Enabled", "mode": mode}
    return estate.put(f"web/{POLICIES}/{name}", properties={"policySettings": settings})


def protect(estate: AzureEstate, profile_id: str, policy_id: str, *domains: str, path: str = "/*") -> None:
    """A security policy, which puts a firewall policy before domains."""
    association = {"domains": [{"id": each.upper(), "isActive": True} for each in domains], "patternsToMatch": [path]}
    said = {
        "type": "WebApplicationFirewall",
        "wafPolicy": {"id": policy_id.upper()},
        "associations": [association],
    }
    name = f"s{len(estate.things)}"
    estate.put(f"{profile_id}/securityPolicies/{name}", properties={"parameters": said})


def test_a_subscription_without_any_is_a_complete_listing(read: Read, estate: AzureEstate) -> None:
    """Empty is proven, not assumed."""
    reading = read(COLLECTOR)

    assert reading.facts(WebFront) == []
    assert reading.facts(Listener) == []
    assert {listing.items for listing in reading.page.listings} == {0}


def test_endpoints_and_domains_behind_their_firewalls(read: Read, estate: AzureEstate) -> None:
    """Every request has to meet one, and each has to block."""
    it = profile(estate, "p")
    strong, weak = policy(estate, "strong"), policy(estate, "weak", "Detection")
    protect(estate, it, strong, endpoint(estate, it, "good"), domain(estate, it, "shop"))
    protect(estate, it, strong, endpoint(estate, it, "part"), path="/login")
    both = endpoint(estate, it, "both")
    protect(estate, it, strong, both)
    protect(estate, it, weak, both, path="/x")
    endpoint(estate, it, "bare")
    endpoint(estate, it, "off", state="Disabled")

    reading = read(COLLECTOR)

    found = {
        each.resource.name: (each.internet_facing, each.firewalls, each.covered, each.blocking)
        for each in reading.facts(WebFront)
    }
    assert found == {
        "p/good": (True, ("strong",), True, True),
        "p/shop": (True, ("strong",), True, True),
        "p/part": (True, ("strong",), False, True),
        "p/both": (True, ("strong", "weak"), True, False),
        "p/bare": (True, (), False, False),
        "p/off": (False, (), False, False),
    }


def test_content_networks_of_other_kinds_are_not_asked(read: Read, estate: AzureEstate) -> None:
    """They have no such endpoints."""
    profile(estate, "cdn", "Standard_Microsoft")

    reading = read(COLLECTOR)

    assert reading.facts(WebFront) == []
    assert reading.operations() == {
        "Microsoft.Cdn:profiles",
        "Microsoft.Network:frontDoorWebApplicationFirewallPolicies",
    }


def test_domains_and_routes_are_listeners(read: Read, estate: AzureEstate) -> None:
    """Of routes those that take HTTP."""
    it = profile(estate, "p")
    domain(estate, it, "old", "TLS10")
    domain(estate, it, "new", "TLS12")
    endpoint(
        estate,
        it,
        "e",
        {"supportedProtocols": ["Http", "Https"], "httpsRedirect": "Enabled"},
        {"supportedProtocols": ["Http", "Https"], "httpsRedirect": "Disabled"},
        {"supportedProtocols": ["Https"], "httpsRedirect": "Disabled"},
    )

    reading = read(COLLECTOR)

    found = {
        each.resource.name: (each.protocol, each.port, each.minimum_tls, each.only_redirects_to_tls)
        for each in reading.facts(Listener)
    }
    assert found == {
        "p/old:443": ("HTTPS", 443, "1.0", False),
        "p/new:443": ("HTTPS", 443, "1.2", False),
        "p/e/r0:80": ("HTTP", 80, None, True),
        "p/e/r1:80": ("HTTP", 80, None, False),
    }


def test_garbled_settings_are_unread_by_themselves(read: Read, estate: AzureEstate) -> None:
    """A route that does not tell what it takes may take HTTP."""
    it = profile(estate, "p")
    domain(estate, it, "odd", "Quantum")
    endpoint(estate, it, "e", {"httpsRedirect": "Enabled"})

    reading = read(COLLECTOR)

    assert isinstance(reading.fact(Listener, "p/odd:443").minimum_tls, Unread)
    assert isinstance(reading.fact(Listener, "p/e/r0:80").only_redirects_to_tls, Unread)


def unlisted(reading: Reading) -> dict[type[Fact], Unread]:
    """Types of which not all are known."""
    identity = Identity("azure", SUBSCRIPTION, "", "azure")
    shaped = judge.shape(judge.Reading(identity, ("global",), reading.page), [COLLECTOR])
    return {type_: gap for (type_, _), gap in shaped.unlisted.items()}


def test_without_an_id_nobody_knows_how_many_there_are(read: Read, estate: AzureEstate) -> None:
    """A list that holds such a thing is no list."""
    it = profile(estate, "p")
    estate.things[f"{it}/customDomains/odd".lower()] = {"name": "odd", "properties": {}}

    wanted: set[type[Fact]] = {WebFront, Listener}
    assert set(unlisted(read(COLLECTOR))) == wanted


LOST: dict[str, set[str]] = {
    "afdEndpoints": {"p: Front Door endpoint"},
    "customDomains": {"p: Front Door domain"},
    "securityPolicies": {"p/e", "p/d"},
    "routes": set(),
}


@pytest.mark.parametrize("things", list(LOST))
@pytest.mark.parametrize("kind", ["status", "malformed", "truncate", "reset"])
def test_what_cannot_be_read_is_a_gap_for_exactly_that_profile(
    read: Read, estate: AzureEstate, things: str, kind: str
) -> None:
    """The profile stands for places that were not listed; of the other profile all is known.

    A listener is what it is, whatever is set on it, so that none is made up: it is known that some are missing.
    """
    for name in ("p", "other"):
        it = profile(estate, name)
        protect(
            estate,
            it,
            policy(estate, "strong"),
            endpoint(estate, it, "e", {"supportedProtocols": ["Http"], "httpsRedirect": "Enabled"}),
            domain(estate, it, "d"),
        )
    estate.faults.append(Fault(rf"GET /.*/profiles/p/.*{things}\?", kind=kind))

    reading = read(COLLECTOR)

    fronts = {each.resource.name: each.blocking for each in reading.facts(WebFront)}
    doors = {
        each.resource.name: each.minimum_tls if each.protocol == "HTTPS" else each.only_redirects_to_tls
        for each in reading.facts(Listener)
    }
    unread = {name: value for name, value in {**fronts, **doors}.items() if isinstance(value, Unread)}
    assert set(unread) == LOST[things]
    needed = f"Microsoft.Cdn/profiles/{'afdEndpoints/routes' if things == 'routes' else things}/read"
    assert {value.permission for value in unread.values()} <= {needed}
    assert fronts["other/e"] is fronts["other/d"] is True
    assert (doors["other/d:443"], doors["other/e/r0:80"]) == ("1.2", True)
    missing = {type_: gap.permission for type_, gap in unlisted(reading).items()}
    listed = {"afdEndpoints": (WebFront, Listener), "customDomains": (WebFront, Listener), "routes": (Listener,)}
    assert missing == dict.fromkeys(listed.get(things, ()), needed)


@pytest.mark.parametrize("kind", ["status", "malformed", "truncate", "reset"])
def test_policies_that_cannot_be_listed_leave_blocking_unread(read: Read, estate: AzureEstate, kind: str) -> None:
    """That there is a firewall is known."""
    it = profile(estate, "p")
    protect(estate, it, policy(estate, "strong"), endpoint(estate, it, "e"))
    estate.faults.append(Fault(rf"GET /.*/{POLICIES}\?", kind=kind))

    front = read(COLLECTOR).fact(WebFront, "p/e")

    assert (front.firewalls, front.covered) == (("strong",), True)
    assert isinstance(front.blocking, Unread)


def test_a_listing_that_breaks_off_is_not_complete(read: Read, estate: AzureEstate) -> None:
    """What the first page held is kept, and the population is not known."""
    for name in "abc":
        endpoint(estate, profile(estate, name), "e")
    estate.faults.append(Fault(r"GET /.*/profiles\?", after=1))

    reading = read(COLLECTOR)

    assert [fact.resource.name for fact in reading.facts(WebFront)] == ["a/e", "b/e"]
    (gap,) = reading.page.gaps
    assert (gap.reason, gap.kind) == (Reason.PARTIAL_LISTING, "azure.cdn.profile")
    assert estate.writes == []
