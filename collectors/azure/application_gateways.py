"""Application gateways: zones and logs, listeners with their versions of TLS, and the web firewalls before them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import partial

from collectors.api import Body, Collector, Document, Then
from collectors.azure.diagnostics import destination, settings_of
from collectors.azure.endpoints import tls_version
from collectors.azure.kinds import of_subscription
from collectors.azure.resources import is_on, name_of, place_of, properties, uid_of
from collectors.azure.session import Reader
from collectors.azure.web_firewalls import blocking, is_prevention, prevents
from collectors.documents import Documents
from collectors.facts.core import Fact, Unread
from collectors.facts.network import Listener, LoadBalancer, WebFront

VERSION = "2023-05-01"

GATEWAY = of_subscription(
    "azure.network.application_gateway",
    "Microsoft.Network/applicationGateways",
    VERSION,
    volatile=("properties.operationalState",),
)
POLICY = of_subscription(
    "azure.network.gateway_firewall_policy",
    "Microsoft.Network/ApplicationGatewayWebApplicationFirewallPolicies",
    VERSION,
)
LOGS = settings_of("azure.network.gateway_logs")

REQUESTS = "ApplicationGatewayAccessLog"
"""The category of log entries with one line for each request."""
PREDEFINED = {
    "appgwsslpolicy20150501": "1.0",
    "appgwsslpolicy20170401": "1.1",
    "appgwsslpolicy20170401s": "1.2",
    "appgwsslpolicy20220101": "1.2",
    "appgwsslpolicy20220101s": "1.2",
}
"""Lowest version of TLS of each set that Azure defines: Application Gateway TLS policy overview."""
VERSIONS = ("1.0", "1.1", "1.2", "1.3")
ENCRYPTED = frozenset({"HTTPS", "TLS"})
ONE_ZONE = 1


def fetch(azure: Reader) -> Iterator[Document | Then]:
    """Every gateway with its logs, then every policy."""
    for gateway in azure.listing(GATEWAY):
        uid = uid_of(gateway)
        yield azure.document(GATEWAY, uid, gateway)
        yield Then(logs, (uid,), f"{uid}/{LOGS.operation}")
    for policy in azure.listing(POLICY):
        yield azure.document(POLICY, uid_of(policy), policy)


def logs(azure: Reader, uid: str) -> Iterator[Document]:
    """Where one gateway sends its logs."""
    yield from azure.gather(LOGS, uid, id=uid)


def shape(docs: Documents) -> Iterator[Fact]:
    """The gateway as a balancer, as a place where requests come in, and each of its listeners."""
    for gateway in docs.of(GATEWAY):
        yield _balancer(docs, gateway)
        yield _front(docs, gateway)
        yield from _listeners(docs, gateway)


def _balancer(docs: Documents, gateway: Document) -> LoadBalancer:
    uid = gateway.uid
    return LoadBalancer(
        resource=docs.resource("load_balancer", uid, name_of(gateway.body), place_of(gateway.body)),
        documents=docs.about(uid),
        internet_facing=docs.field(GATEWAY, gateway, faces_internet),
        # A gateway that was made for no zones in particular leaves them out.
        zones=docs.field(GATEWAY, gateway, lambda body: len(body.get("zones") or ()) or ONE_ZONE),
        access_logged=docs.value(LOGS, uid, lambda body: destination(body, REQUESTS) is not None),
        deletion_protected=None,  # only a lock does that
    )


def faces_internet(body: Body) -> bool:
    """Some frontend has a public address."""
    return any(properties(each).get("publicIPAddress") for each in properties(body)["frontendIPConfigurations"])


@dataclass(frozen=True, slots=True)
class Guard:
    """The firewalls of a gateway."""

    policies: tuple[str, ...]
    """Uids of the policies that look at some requests."""
    own: bool | None
    """Whether the gateway's own settings, from before there were policies, block; None where it has none on."""
    whole: bool
    """Every request meets one of them."""


def guard(body: Body) -> Guard:
    """A listener's policy takes the place of the gateway's, and that of a path the place of the listener's."""
    said = properties(body)
    old = said.get("webApplicationFirewallConfiguration") or {}
    own = is_prevention(old["firewallMode"]) if old and is_on(old["enabled"]) else None
    general = _policy(said)
    listeners = [_policy(properties(each)) for each in said["httpListeners"]]
    paths = [
        _policy(properties(rule))
        for each in said.get("urlPathMaps") or ()
        for rule in properties(each).get("pathRules") or ()
    ]
    used = {*listeners, *paths, general if not listeners or None in listeners else None} - {None}
    # With a policy of its own the gateway no longer heeds the settings that were there before.
    own = None if general else own
    return Guard(
        tuple(sorted(each for each in used if each)),
        own,
        general is not None or own is not None or (bool(listeners) and None not in listeners),
    )


def _policy(said: Body) -> str | None:
    policy = said.get("firewallPolicy")
    return str(policy["id"]).lower() if policy else None


def _front(docs: Documents, gateway: Document) -> WebFront:
    found = docs.field(GATEWAY, gateway, guard)
    policies = () if isinstance(found, Unread) else found.policies
    return WebFront(
        resource=docs.resource("web_front", gateway.uid, name_of(gateway.body), place_of(gateway.body)),
        documents=docs.about(gateway.uid, *(each for each in docs.of(POLICY) if each.uid in policies)),
        what="application gateway",
        internet_facing=docs.field(GATEWAY, gateway, faces_internet),
        firewalls=found if isinstance(found, Unread) else _names(found),
        covered=found if isinstance(found, Unread) else found.whole,
        blocking=found if isinstance(found, Unread) else _blocking(docs, found),
    )


def _names(found: Guard) -> tuple[str, ...]:
    own = () if found.own is None else ("settings of the gateway",)
    return (*(each.rpartition("/")[2] for each in found.policies), *own)


def _blocking(docs: Documents, found: Guard) -> bool | Unread:
    """Without any firewall nothing blocks."""
    if found.own is False or not (found.policies or found.own):
        return False
    return blocking(docs, POLICY, found.policies, prevents)


def _listeners(docs: Documents, gateway: Document) -> Iterator[Listener]:
    """One fact per listener; the gateway's body holds all that they refer to."""
    found = docs.field(GATEWAY, gateway, doors)
    if isinstance(found, Unread):
        yield _garbled(docs, gateway, found)
        return
    for each, protocol, port in found:
        name = name_of(each)
        uid = f"{gateway.uid}/httplisteners/{name.lower()}"
        encrypted = protocol in ENCRYPTED
        policy = docs.field(GATEWAY, gateway, partial(policy_of, listener=each)) if encrypted else None
        yield Listener(
            resource=docs.resource("listener", uid, f"{name_of(gateway.body)}/{name}", place_of(gateway.body)),
            documents=docs.about(gateway.uid),
            protocol=protocol,
            port=port,
            tls_policy=policy if policy is None or isinstance(policy, Unread) else policy[0],
            minimum_tls=policy if policy is None or isinstance(policy, Unread) else policy[1],
            only_redirects_to_tls=docs.field(GATEWAY, gateway, partial(only_redirects, listener=each))
            if protocol == "HTTP"
            else False,
        )


def doors(body: Body) -> list[tuple[Body, str, int]]:
    """Each listener with its protocol and its port."""
    return [
        (each, str(properties(each)["protocol"]).upper(), port_of(body, each))
        for each in properties(body)["httpListeners"]
    ]


def _garbled(docs: Documents, gateway: Document, unread: Unread) -> Listener:
    """Stands for all listeners of a gateway that does not tell them."""
    return Listener(
        resource=docs.resource(
            "listener", f"{gateway.uid}/httplisteners", name_of(gateway.body), place_of(gateway.body)
        ),
        documents=docs.about(gateway.uid),
        protocol=unread,
        port=unread,
        tls_policy=unread,
        minimum_tls=unread,
        only_redirects_to_tls=unread,
    )


def _part(body: Body, collection: str, reference: Body) -> Body:
    """What a reference within a gateway means.  Raises KeyError where it leads nowhere."""
    name = str(reference["id"]).rpartition("/")[2].lower()
    found = next((each for each in properties(body)[collection] if name_of(each).lower() == name), None)
    if found is None:
        raise KeyError(f"{collection}/{name}")
    return properties(found)


def port_of(body: Body, listener: Body) -> int:
    """The port of a listener."""
    return int(_part(body, "frontendPorts", properties(listener)["frontendPort"])["port"])


def policy_of(body: Body, listener: Body) -> tuple[str, str]:
    """Name and lowest version of the TLS policy of a listener: of its profile, of the gateway, or Azure's default.

    Which default a gateway has depends on when it was made; it tells so itself.  Raises KeyError where it does not.
    """
    said = properties(listener)
    profile = _part(body, "sslProfiles", said["sslProfile"]) if said.get("sslProfile") else {}
    policy = profile.get("sslPolicy") or properties(body).get("sslPolicy") or {}
    if policy.get("minProtocolVersion"):
        return str(policy.get("policyType") or "Custom"), tls_version(policy["minProtocolVersion"])
    if policy.get("disabledSslProtocols"):
        disabled = {tls_version(each) for each in policy["disabledSslProtocols"]}
        return "disabledSslProtocols", min(each for each in VERSIONS if each not in disabled)
    name = str(policy.get("policyName") or properties(body)["defaultPredefinedSslPolicy"])
    return name, PREDEFINED[name.lower()]


def only_redirects(body: Body, listener: Body) -> bool:
    """Every rule of a listener answers with a redirect to HTTPS, whatever the path."""
    rules = [
        properties(each)
        for each in properties(body)["requestRoutingRules"]
        if str(properties(each)["httpListener"]["id"]).rpartition("/")[2].lower() == name_of(listener).lower()
    ]
    targets = [target for rule in rules for target in _targets(body, rule)]
    return bool(targets) and all(targets)


def _targets(body: Body, rule: Body) -> Iterable[bool]:
    """For each answer that a rule can give, whether it is a redirect to HTTPS."""
    if not rule.get("urlPathMap"):
        return [_redirects(body, rule.get("redirectConfiguration"))]
    paths = _part(body, "urlPathMaps", rule["urlPathMap"])
    answers = [paths.get("defaultRedirectConfiguration")]
    answers += [properties(each).get("redirectConfiguration") for each in paths["pathRules"]]
    return [_redirects(body, each) for each in answers]


def _redirects(body: Body, reference: Body | None) -> bool:
    if not reference:
        return False
    said = _part(body, "redirectConfigurations", reference)
    if said.get("targetListener"):
        return str(_part(body, "httpListeners", said["targetListener"])["protocol"]).lower() == "https"
    return str(said["targetUrl"]).lower().startswith("https://")


COLLECTOR = Collector(
    id="azure.application_gateways",
    title="Application gateways and their web firewalls",
    scope="global",
    kinds=(GATEWAY, POLICY, LOGS),
    emits={LoadBalancer: GATEWAY, WebFront: GATEWAY, Listener: GATEWAY},
    source=f"Azure Network resource provider {VERSION}; Azure Monitor diagnostic settings",
    fetch=fetch,
    shape=shape,
)
