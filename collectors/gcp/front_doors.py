"""How the parts of Google's load balancers lead to each other: rule, proxy, map of addresses, backend."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from collectors.api import Body, Kind
from collectors.gcp.kinds import DISABLED, rest

COMPATIBLE = "Google's default"
"""Stands for the policy of a proxy that has none."""
DEFAULT_TLS = "1.0"
"""What a proxy without a policy takes: Cloud Load Balancing, SSL policies overview."""
PROTOCOLS = {
    "targetHttpProxies": "HTTP",
    "targetHttpsProxies": "HTTPS",
    "targetSslProxies": "TLS",
    "targetTcpProxies": "TCP",
}
"""By the collection that the target of a rule is in."""
ELSEWHERE = ("targetVpnGateways", "serviceAttachments", "targetGrpcProxies")
"""Targets that are no front doors: ends of tunnels, doors of somebody else, meshes of the company's own programs."""


def compute(name: str, operation: str, path: str, items: str, permission: str, within: Kind | None = None) -> Kind:
    """A listing of Compute Engine, which is empty where it is not enabled: see gcp.compute_instances."""
    return rest(
        name,
        "compute",
        operation,
        f"/compute/v1/projects/{{project}}/{path}?maxResults=500",
        permission=permission,
        items=items,
        omits_empty=True,
        absent=(DISABLED,),
        volatile=("fingerprint", "labelFingerprint"),
        within=within,
    )


def faces_internet(scheme: object) -> bool:
    """A rule takes requests from the internet.  Raises ValueError for a scheme that is not known."""
    word = str(scheme or "EXTERNAL")
    if not word.startswith(("EXTERNAL", "INTERNAL")):
        raise ValueError(f"{word} is no scheme")
    return word.startswith("EXTERNAL")


def ports(rule: Body) -> list[tuple[int, int]]:
    """First and last of each range of ports of a rule; all of them where it says so or names none."""
    if rule.get("ports"):
        return [(int(each), int(each)) for each in rule["ports"]]
    text = str(rule.get("portRange") or "")
    if not text or rule.get("allPorts", False):
        return [(1, 65535)]
    first, _, last = text.partition("-")
    return [(int(first), int(last or first))]


def protocol(rule: Body) -> str:
    """What a rule speaks.  Raises KeyError for a target that is not known."""
    target = str(rule.get("target") or "")
    for collection, word in PROTOCOLS.items():
        if f"/{collection}/" in target:
            return word
    word = str(rule["IPProtocol"])  # it passes packets on as they are
    return {"TCP": "TCP", "UDP": "UDP"}.get(word, "TCP_UDP")


def is_front_door(rule: Body) -> bool:
    """Requests come in here, rather than at the end of a tunnel or at an address of Google's own services."""
    target = str(rule.get("target") or "")
    if rule.get("backendService"):
        return True
    return "/" in target and not any(f"/{collection}/" in target for collection in ELSEWHERE)


def answers(url_map: Body) -> Iterator[tuple[str | None, Body | None]]:
    """For each place in a map that answers requests: the link to a backend, or a redirect, or neither of them."""
    yield from _answers(url_map)
    for matcher in url_map.get("pathMatchers") or ():
        yield from _answers(matcher)
        for rule in (*(matcher.get("pathRules") or ()), *(matcher.get("routeRules") or ())):
            yield from _answers(rule, default="")


def _answers(part: Body, default: str = "default") -> Iterator[tuple[str | None, Body | None]]:
    """The service, the weighted services or the redirect of one part of a map."""
    service = part.get(f"{default}Service" if default else "service")
    redirect = part.get(f"{default}UrlRedirect" if default else "urlRedirect")
    action = part.get(f"{default}RouteAction" if default else "routeAction") or {}
    weighted = [each.get("backendService") for each in action.get("weightedBackendServices") or ()]
    found = [each for each in (service, *weighted) if each]
    if redirect or not found:
        yield None, redirect
    for link in found:
        yield str(link), None


def backends(url_map: Body) -> tuple[str, ...]:
    """Links to all backends that a map leads to."""
    return tuple(dict.fromkeys(link for link, _ in answers(url_map) if link))


def only_redirects(url_map: Body) -> bool:
    """Every place of a map answers with a redirect to HTTPS."""
    return all(redirect is not None and bool(redirect.get("httpsRedirect", False)) for _, redirect in answers(url_map))


def blocks(policy: Body) -> bool:
    """A policy of Cloud Armor has a rule in force that turns requests away."""
    return any(
        not rule.get("preview", False)
        and str(rule["action"]).startswith(("deny", "throttle", "rate_based_ban", "redirect"))
        for rule in policy["rules"]
    )


def version(word: str) -> str:
    """`1.2` of `TLS_1_2`.  Raises ValueError for anything else."""
    number = word.removeprefix("TLS_").replace("_", ".")
    if number not in {"1.0", "1.1", "1.2", "1.3"}:
        raise ValueError(f"{word} is no version of TLS")
    return number


def names(links: Iterable[str]) -> tuple[str, ...]:
    """The last parts of links, each once, in order."""
    return tuple(sorted({link.rpartition("/")[2] for link in links}))
