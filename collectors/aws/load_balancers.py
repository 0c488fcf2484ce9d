"""Load balancers (application, network, gateway): listeners, the TLS that these accept, and web firewalls."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from collectors.api import Body, Collector, Document, Kind, Then
from collectors.aws.session import Reader
from collectors.aws.web_firewalls import blocks
from collectors.documents import Documents
from collectors.facts.core import Fact, Unread
from collectors.facts.network import Listener, LoadBalancer, WebFront

BALANCER = Kind(
    "aws.elbv2.load_balancer",
    "elbv2",
    "DescribeLoadBalancers",
    permission="elasticloadbalancing:DescribeLoadBalancers",
    items="LoadBalancers",
)
ATTRIBUTES = Kind(
    "aws.elbv2.load_balancer_attributes",
    "elbv2",
    "DescribeLoadBalancerAttributes",
    permission="elasticloadbalancing:DescribeLoadBalancerAttributes",
)
LISTENER = Kind(
    "aws.elbv2.listener",
    "elbv2",
    "DescribeListeners",
    permission="elasticloadbalancing:DescribeListeners",
    items="Listeners",
    within=BALANCER,
)
RULES = Kind(
    "aws.elbv2.listener_rules",
    "elbv2",
    "DescribeRules",
    permission="elasticloadbalancing:DescribeRules",
    items="Rules",
)
TLS_POLICIES = Kind(
    "aws.elbv2.ssl_policies",
    "elbv2",
    "DescribeSSLPolicies",
    permission="elasticloadbalancing:DescribeSSLPolicies",
    items="SslPolicies",
)
ACL = Kind("aws.wafv2.acl_of_balancer", "wafv2", "GetWebACLForResource")
APPLICATION = "application"
"""The kind of balancer that reads requests; no web ACL can be put before others."""

VERSIONS = {"TLSv1": "1.0", "TLSv1.1": "1.1", "TLSv1.2": "1.2", "TLSv1.3": "1.3"}
"""AWS's names of the versions of TLS."""
GATEWAY_PORT = 6081


def fetch(aws: Reader) -> Iterator[Document | Then]:
    """Every balancer, then its attributes and listeners; the TLS policies once, if there is any balancer."""
    policies_asked = False
    for balancer in aws.listing(BALANCER):
        uid = balancer["LoadBalancerArn"]
        yield aws.document(BALANCER, uid, balancer)
        yield Then(attributes, (uid,), f"{uid}/{ATTRIBUTES.operation}")
        yield Then(listeners, (uid,), f"{uid}/{LISTENER.operation}")
        if balancer["Type"] == APPLICATION:
            yield Then(acl, (uid,), f"{uid}/{ACL.operation}")
        if not policies_asked:
            yield Then(tls_policies, (), TLS_POLICIES.operation)
            policies_asked = True


def attributes(aws: Reader, uid: str) -> Iterator[Document]:
    """The attributes of one balancer."""
    yield from aws.read(ATTRIBUTES, uid, LoadBalancerArn=uid)


def acl(aws: Reader, uid: str) -> Iterator[Document]:
    """The web ACL before one balancer; without one the answer is empty."""
    yield from aws.read(ACL, uid, ResourceArn=uid)


def listeners(aws: Reader, balancer: str) -> Iterator[Document | Then]:
    """Every listener of one balancer, and the rules of those that may only redirect."""
    for listener in aws.listing(LISTENER, within=balancer, LoadBalancerArn=balancer):
        uid = listener["ListenerArn"]
        protocol, _ = door(listener)
        yield aws.document(LISTENER, uid, listener)
        if protocol == "HTTP" and redirects(listener["DefaultActions"]):
            yield Then(rules, (uid,), f"{uid}/{RULES.operation}")


def rules(aws: Reader, listener: str) -> Iterator[Document]:
    """Every rule of one listener."""
    yield from aws.gather(RULES, listener, ListenerArn=listener)


def tls_policies(aws: Reader) -> Iterator[Document]:
    """Every TLS policy that listeners of this region can name."""
    yield from aws.gather(TLS_POLICIES, policies_uid(aws.partition, aws.region, aws.account))


def policies_uid(partition: str, region: str, account: str) -> str:
    """Stands for the TLS policies of a region, which have no ARN."""
    return f"arn:{partition}:elasticloadbalancing:{region}:{account}:ssl-policies"


def door(listener: Body) -> tuple[str, int]:
    """Protocol and port.  A listener of a gateway balancer has fixed ones, which AWS leaves out."""
    if ":listener/gwy/" in listener["ListenerArn"]:
        return listener.get("Protocol", "GENEVE"), listener.get("Port", GATEWAY_PORT)
    return listener["Protocol"], listener["Port"]


def shape(docs: Documents) -> Iterator[Fact]:
    """One fact per balancer and one per listener; balancers that read requests are places where these come in, too."""
    for balancer in docs.of(BALANCER):
        yield _load_balancer(docs, balancer)
        if balancer.body["Type"] == APPLICATION:
            yield _front(docs, balancer)
    for listener in docs.of(LISTENER):
        yield _listener(docs, listener)


def _load_balancer(docs: Documents, balancer: Document) -> LoadBalancer:
    uid = balancer.uid
    gateway = docs.field(BALANCER, balancer, lambda body: body["Type"] == "gateway")
    logged: bool | None | Unread
    if isinstance(gateway, Unread):
        logged = gateway
    else:
        # AWS documents this attribute as off unless it is set; an answer may leave out what was never set.
        logged = (
            None
            if gateway
            else docs.value(ATTRIBUTES, uid, lambda body: attribute(body, "access_logs.s3.enabled", "false"))
        )
    return LoadBalancer(
        resource=docs.resource("load_balancer", uid, uid.split("/")[-2], balancer.region),
        documents=docs.about(uid),
        internet_facing=docs.field(BALANCER, balancer, faces_internet),
        zones=docs.field(BALANCER, balancer, lambda body: len(body["AvailabilityZones"])),
        access_logged=logged,
        deletion_protected=docs.value(ATTRIBUTES, uid, lambda body: attribute(body, "deletion_protection.enabled")),
    )


def faces_internet(body: Body) -> bool:
    """Reachable by a public name.  A gateway balancer has no scheme and sits inside a network."""
    return bool(body["Type"] != "gateway" and body["Scheme"] == "internet-facing")


def attribute(body: Body, key: str, default: str | None = None) -> bool:
    """The switch `key` of a balancer.  Raises KeyError when it is not there and has no default."""
    values = {each["Key"]: each["Value"] for each in body["Attributes"]}
    return bool((values[key] if default is None else values.get(key, default)) == "true")


def _front(docs: Documents, balancer: Document) -> WebFront:
    uid = balancer.uid
    return WebFront(
        resource=docs.resource("web_front", uid, balancer.body["LoadBalancerName"], balancer.region),
        documents=docs.about(uid),
        what="load balancer",
        internet_facing=docs.field(BALANCER, balancer, faces_internet),
        firewalls=docs.value(ACL, uid, lambda body: (str(body["WebACL"]["Name"]),) if body.get("WebACL") else ()),
        covered=docs.value(ATTRIBUTES, uid, lambda body: not attribute(body, "waf.fail_open.enabled", "false")),
        blocking=docs.value(ACL, uid, lambda body: blocks(body["WebACL"]) if body.get("WebACL") else False),
    )


def _listener(docs: Documents, listener: Document) -> Listener:
    uid = listener.uid
    protocol, port = door(listener.body)
    policy = _policy(docs, listener, protocol)
    policies = policies_uid(docs.partition, listener.region, docs.account)
    minimum = (
        docs.value(TLS_POLICIES, policies, lambda body: oldest_version(body, policy))
        if isinstance(policy, str)
        else policy
    )
    return Listener(
        resource=docs.resource("listener", uid, f"{uid.split('/')[-3]}:{port}", listener.region),
        documents=docs.about(uid, *(each for each in docs.of(TLS_POLICIES) if policy and each.uid == policies)),
        protocol=protocol,
        port=port,
        tls_policy=policy,
        minimum_tls=minimum,
        only_redirects_to_tls=_only_redirects(docs, listener, protocol),
    )


def _policy(docs: Documents, listener: Document, protocol: str) -> str | None | Unread:
    """The name of the TLS policy, which every listener that ends TLS has."""
    if protocol not in {"HTTPS", "TLS"}:
        return None
    return docs.field(LISTENER, listener, lambda body: str(body["SslPolicy"]))


def oldest_version(body: Body, policy: str) -> str:
    """The lowest TLS version that a policy accepts.  Raises KeyError for an unknown policy or version."""
    protocols = {each["Name"]: each["SslProtocols"] for each in body["SslPolicies"]}
    return min(VERSIONS[protocol] for protocol in protocols[policy])


def _only_redirects(docs: Documents, listener: Document, protocol: str) -> bool | Unread:
    """Asked of plain HTTP only: other listeners have nothing to redirect."""
    if protocol != "HTTP":
        return False
    default = docs.field(LISTENER, listener, lambda body: redirects(body["DefaultActions"]))
    if default is not True:
        return default
    return docs.value(RULES, listener.uid, lambda body: all(redirects(rule["Actions"]) for rule in body["Rules"]))


def redirects(actions: Iterable[Body]) -> bool:
    """Nothing but a redirect to HTTPS.  One without a protocol of its own keeps that of the request."""
    kinds = [each["Type"] == "redirect" and each["RedirectConfig"].get("Protocol") == "HTTPS" for each in actions]
    return bool(kinds) and all(kinds)


COLLECTOR = Collector(
    id="aws.load_balancers",
    title="Load balancers, their listeners and TLS policies",
    scope="region",
    kinds=(BALANCER, ATTRIBUTES, LISTENER, RULES, TLS_POLICIES, ACL),
    emits={LoadBalancer: BALANCER, Listener: LISTENER, WebFront: BALANCER},
    source="Elastic Load Balancing API 2015-12-01; AWS WAFV2 API 2019-07-29",
    fetch=fetch,
    shape=shape,
    extra_permissions=("wafv2:GetWebACL",),  # GetWebACLForResource makes sure that the ACL itself may be read
)
