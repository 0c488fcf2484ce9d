"""gcp.load_balancers"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from agent.demo.gcp_loopback import PROJECT, GcpEstate
from agent.demo.loopback_http import Fault
from collectors.api import Collector
from collectors.facts.core import Reason, Unread
from collectors.facts.network import Listener, LoadBalancer, WebFront
from collectors.gcp.load_balancers import COLLECTOR, KINDS, RULE
from collectors.testing import Reading

Read = Callable[[Collector], Reading]
LINK = f"https://www.googleapis.com/compute/v1/projects/{PROJECT}"


@pytest.fixture(autouse=True)
def _bare(estate: GcpEstate) -> None:
    """Every listing is there, and empty."""
    for kind in KINDS:
        estate.answers[where(kind.path)] = {"items": {}} if kind.items.startswith("items.*") else {"items": []}


def where(path: str) -> str:
    """The place of a listing in the estate."""
    return "compute" + path.partition("?")[0].replace("{project}", PROJECT)


def put(estate: GcpEstate, collection: str, name: str, **said: Any) -> str:
    """One thing of a collection; its link."""
    link = f"{LINK}/global/{collection}/{name}"
    kind = next(each for each in KINDS if each.path.partition("?")[0].endswith(f"/{collection}"))
    listed = estate.answers[where(kind.path)]["items"]
    if kind.items.startswith("items.*"):
        listed = listed.setdefault("global", {}).setdefault(collection, [])
    listed.append({"name": name, "selfLink": link, **said})
    return link


def site(estate: GcpEstate, *, scheme: str = "EXTERNAL_MANAGED", proxy: str = "https", **backend: Any) -> None:
    """A balancer from its rule to its backend."""
    service = put(estate, "backendServices", "app", **backend)
    url_map = put(estate, "urlMaps", "shop", defaultService=service)
    collection = {"http": "targetHttpProxies", "https": "targetHttpsProxies"}[proxy]
    target = put(estate, collection, "front", urlMap=url_map)
    port = {"http": "80-80", "https": "443-443"}[proxy]
    rule = {"target": target, "portRange": port, "loadBalancingScheme": scheme, "IPProtocol": "TCP"}
    put(estate, "forwardingRules", "door", IPAddress="203.0.113.7", **rule)


def policy(*actions: tuple[str, bool]) -> list[dict[str, Any]]:
    """Rules of Cloud Armor: what each does, and whether it is only tried out."""
    return [
        {"priority": number, "action": action, "preview": preview} for number, (action, preview) in enumerate(actions)
    ]


def test_a_project_without_balancers_is_a_complete_listing(read: Read) -> None:
    """Empty is proven."""
    reading = read(COLLECTOR)

    assert reading.page.gaps == []
    assert [reading.facts(type_) for type_ in (LoadBalancer, Listener, WebFront)] == [[], [], []]
    assert reading.documents.complete(RULE, "global") is None


def test_a_bare_balancer_shows_every_weakness(read: Read, estate: GcpEstate) -> None:
    """No policy of TLS, no log, no firewall."""
    site(estate)

    reading = read(COLLECTOR)
    shop, front, door = (
        reading.fact(LoadBalancer, "shop"),
        reading.fact(WebFront, "shop"),
        reading.fact(Listener, "door:443"),
    )

    assert shop.resource.uid == f"//compute.googleapis.com/projects/{PROJECT}/global/urlMaps/shop"
    assert (shop.internet_facing, shop.access_logged, shop.zones) == (True, False, 3)
    assert (door.protocol, door.port, door.minimum_tls, door.tls_policy) == ("HTTPS", 443, "1.0", "Google's default")
    assert (front.internet_facing, front.firewalls, front.covered, front.blocking) == (True, (), False, False)


def test_settings_become_facts(read: Read, estate: GcpEstate) -> None:
    """Each part is found by its link."""
    armor = put(estate, "securityPolicies", "armor", rules=policy(("allow", False), ("deny(403)", False)))
    site(estate, logConfig={"enable": True, "sampleRate": 0.5}, securityPolicy=armor)
    tls = put(estate, "sslPolicies", "modern", minTlsVersion="TLS_1_2", profile="MODERN")
    estate.answers[where("/compute/v1/projects/{project}/aggregated/targetHttpsProxies")]["items"]["global"][
        "targetHttpsProxies"
    ][0]["sslPolicy"] = tls

    reading = read(COLLECTOR)
    front, door = reading.fact(WebFront, "shop"), reading.fact(Listener, "door:443")

    assert reading.fact(LoadBalancer, "shop").access_logged is True
    assert (door.minimum_tls, door.tls_policy) == ("1.2", "modern")
    assert (front.firewalls, front.covered, front.blocking) == (("armor",), True, True)


def test_a_map_that_only_redirects_needs_no_firewall(read: Read, estate: GcpEstate) -> None:
    """Nothing of the company's answers there."""
    put(estate, "urlMaps", "plain", defaultUrlRedirect={"httpsRedirect": True})

    reading = read(COLLECTOR)

    assert reading.facts(WebFront) == []
    assert reading.fact(LoadBalancer, "plain").access_logged is None


@pytest.mark.parametrize(
    ("rules", "blocks"),
    [
        ([("allow", False)], False),
        ([("deny(403)", True), ("allow", False)], False),
        ([("deny(502)", False)], True),
        ([("throttle", False)], True),
        ([("rate_based_ban", False), ("deny(403)", True)], True),
    ],
)
def test_a_policy_blocks_when_a_rule_in_force_turns_requests_away(
    read: Read, estate: GcpEstate, rules: list[tuple[str, bool]], blocks: bool
) -> None:
    """What is only tried out stops nothing."""
    site(estate, securityPolicy=put(estate, "securityPolicies", "armor", rules=policy(*rules)))

    assert read(COLLECTOR).fact(WebFront, "shop").blocking is blocks


@pytest.mark.parametrize(
    ("said", "logged"),
    [({}, False), ({"enable": False}, False), ({"enable": True}, True), ({"enable": True, "sampleRate": 0}, False)],
)
def test_requests_are_logged_when_some_share_is(
    read: Read, estate: GcpEstate, said: dict[str, Any], logged: bool
) -> None:
    """A share of nothing is nothing."""
    site(estate, logConfig=said)

    assert read(COLLECTOR).fact(LoadBalancer, "shop").access_logged is logged


def test_every_backend_of_a_map_counts(read: Read, estate: GcpEstate) -> None:
    """One that is behind a path, and one that is behind a weight; a bucket logs nothing by itself."""
    site(estate, logConfig={"enable": True}, securityPolicy=put(estate, "securityPolicies", "armor", rules=policy()))
    other = put(estate, "backendServices", "other")
    bucket = put(estate, "backendBuckets", "images")
    shop = estate.answers[where("/compute/v1/projects/{project}/aggregated/urlMaps")]["items"]["global"]["urlMaps"][0]
    weighted = [{"backendService": other, "weight": 5}]
    shop["pathMatchers"] = [
        {
            "name": "m",
            "defaultService": bucket,
            "routeRules": [{"priority": 1, "routeAction": {"weightedBackendServices": weighted}}],
        }
    ]

    reading = read(COLLECTOR)

    assert reading.fact(LoadBalancer, "shop").access_logged is False
    assert reading.fact(WebFront, "shop").covered is False
    assert reading.fact(WebFront, "shop").firewalls == ("armor",)


def test_a_map_of_buckets_alone_has_no_log(read: Read, estate: GcpEstate) -> None:
    """None is no setting that somebody forgot."""
    put(estate, "urlMaps", "static", defaultService=put(estate, "backendBuckets", "images"))

    static = read(COLLECTOR).fact(LoadBalancer, "static")

    assert (static.access_logged, static.internet_facing) == (None, False)


@pytest.mark.parametrize(
    ("said", "only"),
    [
        ({"defaultUrlRedirect": {"httpsRedirect": True}}, True),
        ({"defaultUrlRedirect": {"httpsRedirect": False}}, False),
        ({"defaultService": f"{LINK}/global/backendServices/app"}, False),
        (
            {
                "defaultUrlRedirect": {"httpsRedirect": True},
                "pathMatchers": [
                    {
                        "name": "m",
                        "defaultUrlRedirect": {"httpsRedirect": True},
                        "pathRules": [{"paths": ["/x"], "service": f"{LINK}/global/backendServices/app"}],
                    }
                ],
            },
            False,
        ),
    ],
)
def test_a_plain_port_only_redirects_when_every_path_does(
    read: Read, estate: GcpEstate, said: dict[str, Any], only: bool
) -> None:
    """One path that answers is enough."""
    target = put(estate, "targetHttpProxies", "plain", urlMap=put(estate, "urlMaps", "redirects", **said))
    put(estate, "forwardingRules", "door", target=target, portRange="80-80", loadBalancingScheme="EXTERNAL")

    door = read(COLLECTOR).fact(Listener, "door:80")

    assert (door.protocol, door.only_redirects_to_tls, door.minimum_tls) == ("HTTP", only, None)


@pytest.mark.parametrize("scheme", ["INTERNAL_MANAGED", "INTERNAL_SELF_MANAGED"])
def test_a_balancer_inside_does_not_face_the_internet(read: Read, estate: GcpEstate, scheme: str) -> None:
    """By the scheme of its rules."""
    site(estate, scheme=scheme)

    assert read(COLLECTOR).fact(WebFront, "shop").internet_facing is False


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ({"backendService": f"{LINK}/x", "IPProtocol": "TCP", "ports": ["22", "443"]}, [("TCP", 22), ("TCP", 443)]),
        ({"backendService": f"{LINK}/x", "IPProtocol": "UDP", "allPorts": True}, [("UDP", 1)]),
        ({"backendService": f"{LINK}/x", "IPProtocol": "L3_DEFAULT", "allPorts": True}, [("TCP_UDP", 1)]),
        ({"target": f"{LINK}/regions/r/targetVpnGateways/g", "IPProtocol": "ESP"}, []),
        ({"target": "all-apis", "IPProtocol": ""}, []),
    ],
)
def test_rules_that_pass_packets_on_are_listeners_too(
    read: Read, estate: GcpEstate, said: dict[str, Any], found: list[tuple[str, int]]
) -> None:
    """Ends of tunnels and addresses of Google's own services are none."""
    put(estate, "forwardingRules", "door", **said)

    assert sorted((each.protocol, each.port) for each in read(COLLECTOR).facts(Listener)) == found


@pytest.mark.parametrize(
    ("collection", "field", "permission"),
    [
        ("aggregated/backendServices", "access_logged", "compute.backendServices.list"),
        ("aggregated/targetHttpsProxies", "internet_facing", "compute.targetHttpsProxies.list"),
        ("aggregated/forwardingRules", "internet_facing", "compute.forwardingRules.list"),
    ],
)
def test_a_refused_part_is_unread_where_it_decides(
    read: Read, estate: GcpEstate, collection: str, field: str, permission: str
) -> None:
    """The map itself is known."""
    site(estate, logConfig={"enable": True})
    estate.faults.append(Fault(collection))

    unread = getattr(read(COLLECTOR).fact(LoadBalancer, "shop"), field)

    assert isinstance(unread, Unread)
    assert unread.permission == permission


@pytest.mark.parametrize(
    ("collection", "permission"),
    [("sslPolicies", "compute.sslPolicies.list"), ("targetHttpsProxies", "compute.targetHttpsProxies.list")],
)
def test_a_refused_policy_of_tls_is_unread(read: Read, estate: GcpEstate, collection: str, permission: str) -> None:
    """It is not Google's default."""
    site(estate)
    proxies = estate.answers[where("/compute/v1/projects/{project}/aggregated/targetHttpsProxies")]["items"]["global"]
    proxies["targetHttpsProxies"][0]["sslPolicy"] = f"{LINK}/global/sslPolicies/modern"
    estate.faults.append(Fault(f"aggregated/{collection}"))

    oldest = read(COLLECTOR).fact(Listener, "door:443").minimum_tls

    assert isinstance(oldest, Unread)
    assert oldest.permission == permission


def test_a_refused_firewall_is_unread(read: Read, estate: GcpEstate) -> None:
    """That there is one is known."""
    site(estate, securityPolicy=f"{LINK}/global/securityPolicies/armor")
    estate.faults.append(Fault(r"aggregated/securityPolicies"))

    front = read(COLLECTOR).fact(WebFront, "shop")

    assert (front.firewalls, front.covered) == (("armor",), True)
    assert isinstance(front.blocking, Unread)


def test_a_backend_of_another_project_is_unread(read: Read, estate: GcpEstate) -> None:
    """A complete listing without it means that it is elsewhere, not that it is fine."""
    put(estate, "urlMaps", "shop", defaultService="https://x/compute/v1/projects/other/global/backendServices/app")

    reading = read(COLLECTOR)

    for unread in (reading.fact(LoadBalancer, "shop").access_logged, reading.fact(WebFront, "shop").covered):
        assert isinstance(unread, Unread)
        assert (unread.reason, unread.error) == (Reason.ACCOUNT_NOT_ONBOARDED, "app is not in this project")
