"""azure.application_gateways"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from agent.demo.azure_loopback import AzureEstate
from agent.demo.loopback_http import Fault
from collectors.api import Collector
from collectors.azure.application_gateways import COLLECTOR
from collectors.facts.core import Reason, Unread
from collectors.facts.network import Listener, LoadBalancer, WebFront
from collectors.testing import Reading

Read = Callable[[Collector], Reading]
POLICIES = "Microsoft.Network/ApplicationGatewayWebApplicationFirewallPolicies"
ROOT = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/applicationGateways/x"


def link(collection: str, name: str) -> dict[str, str]:
    """A reference within a gateway."""
    return {"id": f"{ROOT}/{collection}/{name}"}


def part(name: str, **said: Any) -> dict[str, Any]:
    """A part of a gateway."""
    return {"name": name, "properties": said}


def listener(name: str, protocol: str = "Https", port: str = "p443", **said: Any) -> dict[str, Any]:
    """A listener."""
    return part(name, protocol=protocol, frontendPort=link("frontendPorts", port), **said)


def gateway(estate: AzureEstate, name: str, *listeners: dict[str, Any], zones: int = 0, **said: Any) -> str:
    """A public gateway."""
    known = {
        "frontendIPConfigurations": [part("front", publicIPAddress={"id": "/x"})],
        "frontendPorts": [part("p443", port=443), part("p80", port=80)],
        "httpListeners": list(listeners),
        "requestRoutingRules": [],
        "defaultPredefinedSslPolicy": "AppGwSslPolicy20220101",
        **said,
    }
    more = {"zones": [str(n) for n in range(zones)]} if zones else {}
    return estate.put(f"web/Microsoft.Network/applicationGateways/{name}", properties=known, **more)


def policy(estate: AzureEstate, name: str, state: str = "Enabled", mode: str = "Prevention") -> dict[str, str]:
    """A firewall policy, and how a gateway refers to it."""
    said = {"policySettings": {"state": state, "mode": mode}, "managedRules": {"managedRuleSets": []}}
    return {"id": estate.put(f"web/{POLICIES}/{name}", properties=said).upper()}


def logging(estate: AzureEstate, gateway_id: str, *categories: str) -> None:
    """A diagnostic setting."""
    logs = [{"category": each, "enabled": True} for each in categories]
    estate.put(
        f"{gateway_id}/providers/Microsoft.Insights/diagnosticSettings/s",
        properties={"workspaceId": "/w", "logs": logs},
    )


def test_a_subscription_without_gateways_is_a_complete_listing(read: Read, estate: AzureEstate) -> None:
    """Empty is proven, not assumed."""
    reading = read(COLLECTOR)

    assert reading.facts(LoadBalancer) == []
    assert reading.facts(WebFront) == []
    assert reading.facts(Listener) == []
    assert {listing.items for listing in reading.page.listings} == {0}
    assert len(reading.page.listings) == 2


def test_a_gateway_is_a_balancer(read: Read, estate: AzureEstate) -> None:
    """With zones, a log of requests, and an address on the internet or not."""
    logging(estate, gateway(estate, "wide", zones=3), "ApplicationGatewayAccessLog")
    logging(
        estate, gateway(estate, "plain", frontendIPConfigurations=[part("in", privateIPAddress="10.0.0.4")]), "Other"
    )

    reading = read(COLLECTOR)

    wide, plain = reading.fact(LoadBalancer, "wide"), reading.fact(LoadBalancer, "plain")
    assert (wide.zones, wide.access_logged, wide.internet_facing) == (3, True, True)
    assert (plain.zones, plain.access_logged, plain.internet_facing) == (1, False, False)


@pytest.mark.parametrize(
    ("said", "profile", "expected"),
    [
        ({}, {}, ("AppGwSslPolicy20220101", "1.2")),
        ({"defaultPredefinedSslPolicy": "AppGwSslPolicy20150501"}, {}, ("AppGwSslPolicy20150501", "1.0")),
        (
            {"sslPolicy": {"policyType": "Predefined", "policyName": "AppGwSslPolicy20170401"}},
            {},
            ("AppGwSslPolicy20170401", "1.1"),
        ),
        ({"sslPolicy": {"policyType": "Custom", "minProtocolVersion": "TLSv1_1"}}, {}, ("Custom", "1.1")),
        ({"sslPolicy": {"disabledSslProtocols": ["TLSv1_0", "TLSv1_1"]}}, {}, ("disabledSslProtocols", "1.2")),
        (
            {"sslPolicy": {"policyType": "Custom", "minProtocolVersion": "TLSv1_0"}},
            {"sslPolicy": {"policyType": "CustomV2", "minProtocolVersion": "TLSv1_3"}},
            ("CustomV2", "1.3"),
        ),
        ({"sslPolicy": {"policyType": "Custom", "minProtocolVersion": "TLSv1_1"}}, {"other": 1}, ("Custom", "1.1")),
    ],
)
def test_the_nearest_policy_says_which_tls_is_taken(
    read: Read, estate: AzureEstate, said: dict[str, Any], profile: dict[str, Any], expected: tuple[str, str]
) -> None:
    """That of the listener's profile, that of the gateway, or the default that the gateway tells."""
    own: dict[str, Any] = {"sslProfile": link("sslProfiles", "mine")} if profile else {}
    gateway(estate, "it", listener("web", **own), sslProfiles=[part("Mine", **profile)], **said)

    found = read(COLLECTOR).fact(Listener, "it/web")

    assert (found.protocol, found.port, found.tls_policy, found.minimum_tls) == ("HTTPS", 443, *expected)


@pytest.mark.parametrize("said", [{"defaultPredefinedSslPolicy": None}, {"sslPolicy": {"policyName": "Future"}}])
def test_a_policy_that_is_not_known_is_unread(read: Read, estate: AzureEstate, said: dict[str, Any]) -> None:
    """Nobody knows which versions it has."""
    gateway(estate, "it", listener("web"), **said)

    found = read(COLLECTOR).fact(Listener, "it/web")

    assert isinstance(found.minimum_tls, Unread)
    assert found.minimum_tls.permission == "Microsoft.Network/applicationGateways/read"


TO_TLS = {"redirectConfiguration": link("redirectConfigurations", "tls")}
TO_WORLD = {"redirectConfiguration": link("redirectConfigurations", "world")}
TO_PLAIN = {"redirectConfiguration": link("redirectConfigurations", "plain")}
SERVE = {"backendAddressPool": {"id": "/x"}}


@pytest.mark.parametrize(
    ("rules", "default", "path", "expected"),
    [
        ([TO_TLS], None, None, True),
        ([TO_WORLD], None, None, True),
        ([TO_PLAIN], None, None, False),
        ([SERVE], None, None, False),
        ([TO_TLS, SERVE], None, None, False),
        ([], None, None, False),
        ([{"urlPathMap": link("urlPathMaps", "map")}], "tls", TO_TLS, True),
        ([{"urlPathMap": link("urlPathMaps", "map")}], "tls", SERVE, False),
        ([{"urlPathMap": link("urlPathMaps", "map")}], None, TO_TLS, False),
    ],
)
def test_plain_listeners_redirect_on_every_path(
    read: Read,
    estate: AzureEstate,
    rules: list[dict[str, Any]],
    default: str | None,
    path: dict[str, Any] | None,
    expected: bool,
) -> None:
    """To a listener with TLS or an address that begins with https; one other answer spoils it."""
    paths: dict[str, Any] = {"pathRules": [part("rule", **(path or {}))]}
    if default:
        paths["defaultRedirectConfiguration"] = link("redirectConfigurations", default)
    gateway(
        estate,
        "it",
        listener("Plain", "Http", "p80"),
        listener("web"),
        redirectConfigurations=[
            part("tls", targetListener=link("httpListeners", "web")),
            part("world", targetUrl="https://example.com"),
            part("plain", targetListener=link("httpListeners", "plain")),
        ],
        urlPathMaps=[part("map", **paths)],
        requestRoutingRules=[
            part("other", httpListener=link("httpListeners", "web"), **SERVE),
            *(part(f"r{n}", httpListener=link("httpListeners", "plain"), **rule) for n, rule in enumerate(rules)),
        ],
    )

    found = read(COLLECTOR).fact(Listener, "it/Plain")

    assert (found.protocol, found.port, found.minimum_tls) == ("HTTP", 80, None)
    assert found.only_redirects_to_tls is expected


def test_policies_before_a_gateway_a_listener_and_a_path(read: Read, estate: AzureEstate) -> None:
    """The nearest one counts, and every request has to meet one."""
    good, bad = policy(estate, "good"), policy(estate, "bad", mode="Detection")
    path = [part("map", pathRules=[part("rule", firewallPolicy=bad)])]
    gateway(estate, "whole", listener("a"), firewallPolicy=good)
    gateway(estate, "bare", listener("a"))
    gateway(estate, "part", listener("a", firewallPolicy=good), listener("b"))
    gateway(estate, "each", listener("a", firewallPolicy=good), listener("b", firewallPolicy=good), firewallPolicy=bad)
    gateway(estate, "path", listener("a"), firewallPolicy=good, urlPathMaps=path)

    reading = read(COLLECTOR)

    found = {each.resource.name: (each.firewalls, each.covered, each.blocking) for each in reading.facts(WebFront)}
    assert found == {
        "whole": (("good",), True, True),
        "bare": ((), False, False),
        "part": (("good",), False, True),
        "each": (("good",), True, True),
        "path": (("bad", "good"), True, False),
    }
    assert {each.what for each in reading.facts(WebFront)} == {"application gateway"}


@pytest.mark.parametrize(
    ("state", "mode", "expected"),
    [("Enabled", "Prevention", True), ("Disabled", "Prevention", False), ("Enabled", "Detection", False)],
)
def test_a_policy_blocks_when_it_is_on_and_prevents(
    read: Read, estate: AzureEstate, state: str, mode: str, expected: bool
) -> None:
    """To note what matches is not to stop it."""
    gateway(estate, "it", listener("a"), firewallPolicy=policy(estate, "p", state, mode))

    assert read(COLLECTOR).fact(WebFront, "it").blocking is expected


@pytest.mark.parametrize(
    ("old", "expected"),
    [
        ({"enabled": True, "firewallMode": "Prevention"}, (True, True)),
        ({"enabled": True, "firewallMode": "Detection"}, (True, False)),
        ({"enabled": False, "firewallMode": "Prevention"}, (False, False)),
    ],
)
def test_settings_from_before_there_were_policies_count(
    read: Read, estate: AzureEstate, old: dict[str, Any], expected: tuple[bool, bool]
) -> None:
    """As long as the gateway has no policy."""
    gateway(estate, "it", listener("a"), webApplicationFirewallConfiguration=old)
    gateway(estate, "new", listener("a"), webApplicationFirewallConfiguration=old, firewallPolicy=policy(estate, "p"))

    reading = read(COLLECTOR)

    assert (reading.fact(WebFront, "it").covered, reading.fact(WebFront, "it").blocking) == expected
    assert reading.fact(WebFront, "new").firewalls == ("p",)
    assert reading.fact(WebFront, "new").blocking is True


@pytest.mark.parametrize("kind", ["status", "malformed", "truncate", "reset"])
def test_policies_that_cannot_be_listed_leave_blocking_unread(read: Read, estate: AzureEstate, kind: str) -> None:
    """That there is a firewall is known; a gateway without one needs no listing."""
    gateway(estate, "it", listener("a"), firewallPolicy=policy(estate, "p"))
    gateway(estate, "bare", listener("a"))
    estate.faults.append(Fault(rf"GET /.*/{POLICIES}\?", kind=kind))

    reading = read(COLLECTOR)

    it = reading.fact(WebFront, "it")
    assert (it.firewalls, it.covered) == (("p",), True)
    assert isinstance(it.blocking, Unread)
    assert it.blocking.permission == f"{POLICIES}/read"
    assert reading.fact(WebFront, "bare").blocking is False


def test_a_policy_of_another_subscription_is_unread(read: Read, estate: AzureEstate) -> None:
    """Beside one that is known not to block, that does not matter."""
    far = {"id": f"/subscriptions/other/resourceGroups/g/providers/{POLICIES}/far"}
    gateway(estate, "it", listener("a"), firewallPolicy=far)
    gateway(
        estate,
        "both",
        listener("a", firewallPolicy=far),
        firewallPolicy=far,
        urlPathMaps=[part("m", pathRules=[part("r", firewallPolicy=policy(estate, "bad", "Disabled"))])],
    )

    reading = read(COLLECTOR)

    blocking = reading.fact(WebFront, "it").blocking
    assert isinstance(blocking, Unread)
    assert blocking.reason is Reason.ACCOUNT_NOT_ONBOARDED
    assert reading.fact(WebFront, "both").blocking is False


@pytest.mark.parametrize("kind", ["status", "malformed", "truncate", "reset"])
def test_logs_that_cannot_be_read_are_a_gap_for_exactly_that_gateway(
    read: Read, estate: AzureEstate, kind: str
) -> None:
    """Its zones are known all the same."""
    gateway(estate, "it", zones=2)
    gateway(estate, "other")
    estate.faults.append(Fault(r"GET /.*/applicationGateways/it/providers/Microsoft.Insights/", kind=kind))

    reading = read(COLLECTOR)

    it = reading.fact(LoadBalancer, "it")
    assert isinstance(it.access_logged, Unread)
    assert it.access_logged.operation == "Microsoft.Insights:diagnosticSettings"
    assert it.zones == 2
    assert reading.fact(LoadBalancer, "other").access_logged is False


def test_a_listing_that_breaks_off_is_not_complete(read: Read, estate: AzureEstate) -> None:
    """What the first page held is kept, and the population is not known."""
    for name in "abc":
        gateway(estate, name)
    estate.faults.append(Fault(r"GET /.*/applicationGateways\?", after=1))

    reading = read(COLLECTOR)

    assert [fact.resource.name for fact in reading.facts(WebFront)] == ["a", "b"]
    (gap,) = reading.page.gaps
    assert (gap.reason, gap.kind) == (Reason.PARTIAL_LISTING, "azure.network.application_gateway")
    assert estate.writes == []


@pytest.mark.parametrize("listeners", [None, [{"name": "x"}], [{"name": "x", "properties": {"protocol": "Https"}}]])
def test_listeners_that_are_not_told_are_unread(read: Read, estate: AzureEstate, listeners: Any) -> None:
    """One fact stands for all of them; another gateway has its own."""
    gateway(estate, "good", listener("shop"))
    gateway(estate, "odd", httpListeners=listeners)

    reading = read(COLLECTOR)

    unread = [each for each in reading.facts(Listener) if isinstance(each.protocol, Unread)]
    assert [each.resource.name for each in unread] == ["odd"]
    assert isinstance(unread[0].minimum_tls, Unread)
    assert any(each.resource.name.startswith("good/") for each in reading.facts(Listener))
