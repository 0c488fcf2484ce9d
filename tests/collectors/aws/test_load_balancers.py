"""aws.load_balancers"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from agent.demo.loopback import Faults
from collectors.aws.load_balancers import (
    BALANCER,
    COLLECTOR,
    LISTENER,
    attribute,
    door,
    faces_internet,
    oldest_version,
    redirects,
)
from collectors.facts.core import Reason, Unread
from collectors.facts.network import Listener, LoadBalancer, WebFront
from collectors.testing import Reading

Read = Callable[..., Reading]
Client = Callable[..., Any]

REDIRECT = {"Type": "redirect", "RedirectConfig": {"Protocol": "HTTPS", "StatusCode": "HTTP_301"}}
ANSWER = {"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "200"}}


def make_balancer(client: Client, name: str, **options: Any) -> str:
    """A balancer over two zones; the value is its ARN."""
    subnets = [subnet["SubnetId"] for subnet in client("ec2").describe_subnets()["Subnets"][:2]]
    scheme = {} if options.get("Type") == "gateway" else {"Scheme": "internal"}
    made = client("elbv2").create_load_balancer(Name=name, Subnets=subnets, **{**scheme, **options})
    return str(made["LoadBalancers"][0]["LoadBalancerArn"])


def listen(client: Client, balancer: str, port: int, protocol: str = "HTTP", **options: Any) -> str:
    """A listener that answers by itself; the value is its ARN."""
    if protocol == "HTTPS":
        certificate = client("acm").request_certificate(DomainName="example.com")["CertificateArn"]
        options["Certificates"] = [{"CertificateArn": certificate}]
    made = client("elbv2").create_listener(
        LoadBalancerArn=balancer,
        Port=port,
        Protocol=protocol,
        **{"DefaultActions": [ANSWER], **options},
    )
    return str(made["Listeners"][0]["ListenerArn"])


def set_attributes(client: Client, balancer: str, **values: str) -> None:
    """Attributes by name; an underscore stands for the dot."""
    client("elbv2").modify_load_balancer_attributes(
        LoadBalancerArn=balancer,
        Attributes=[{"Key": key.replace("__", "."), "Value": value} for key, value in values.items()],
    )


def test_an_account_without_balancers_costs_one_call(read: Read) -> None:
    """Empty is proven, not assumed, and nothing else is asked."""
    reading = read(COLLECTOR)

    assert (reading.facts(LoadBalancer), reading.facts(Listener)) == ([], [])
    assert reading.documents.complete(BALANCER, "us-east-1") is None
    assert reading.documents.complete(LISTENER, "us-east-1") is None
    assert reading.operations() == {"elbv2:DescribeLoadBalancers"}


def test_settings_become_facts(read: Read, client: Client) -> None:
    """Place, zones, logs and protection are read and shaped."""
    front = make_balancer(client, "front", Scheme="internet-facing")
    set_attributes(client, front, access_logs__s3__enabled="true", deletion_protection__enabled="true")
    set_attributes(client, front, access_logs__s3__bucket="logs")
    make_balancer(client, "back", Type="network")

    reading = read(COLLECTOR)
    public, private = reading.fact(LoadBalancer, "front"), reading.fact(LoadBalancer, "back")

    assert public.resource.uid == front
    assert (public.internet_facing, public.zones) == (True, 2)
    assert (public.access_logged, public.deletion_protected) == (True, True)
    assert (private.internet_facing, private.access_logged, private.deletion_protected) == (
        False,
        False,
        False,
    )


def test_a_gateway_balancer_has_no_access_log(read: Read, client: Client) -> None:
    """What a kind of balancer does not offer is none, not off."""
    make_balancer(client, "inspection", Type="gateway")

    gateway = read(COLLECTOR).fact(LoadBalancer, "inspection")

    assert gateway.access_logged is None
    assert gateway.internet_facing is False


def test_listeners_have_their_oldest_tls(read: Read, client: Client) -> None:
    """The policy's name is looked up among the policies of the region."""
    front = make_balancer(client, "front")
    listen(client, front, 443, "HTTPS", SslPolicy="ELBSecurityPolicy-TLS13-1-2-2021-06")
    listen(client, front, 444, "HTTPS", SslPolicy="ELBSecurityPolicy-2016-08")
    listen(client, front, 80)

    reading = read(COLLECTOR)
    new, old, plain = (reading.fact(Listener, f"front:{port}") for port in (443, 444, 80))

    assert (new.protocol, new.port, new.minimum_tls) == ("HTTPS", 443, "1.2")
    assert new.tls_policy == "ELBSecurityPolicy-TLS13-1-2-2021-06"
    assert {reference.kind for reference in new.documents} == {"aws.elbv2.listener", "aws.elbv2.ssl_policies"}
    assert old.minimum_tls == "1.0"
    assert (plain.protocol, plain.tls_policy, plain.minimum_tls) == ("HTTP", None, None)
    assert plain.only_redirects_to_tls is False
    assert "elbv2:DescribeRules" not in reading.operations()


def test_a_listener_redirects_only_if_all_its_rules_do(read: Read, client: Client) -> None:
    """One rule that answers without TLS is enough to serve without TLS."""
    front = make_balancer(client, "front")
    listen(client, front, 80, DefaultActions=[REDIRECT])
    leaky = listen(client, front, 81, DefaultActions=[REDIRECT])
    path = {"Field": "path-pattern", "Values": ["/health"]}
    client("elbv2").create_rule(ListenerArn=leaky, Conditions=[path], Priority=1, Actions=[ANSWER])

    reading = read(COLLECTOR)

    assert reading.fact(Listener, "front:80").only_redirects_to_tls is True
    assert reading.fact(Listener, "front:81").only_redirects_to_tls is False


def test_every_page_is_read(read: Read, client: Client) -> None:
    """The fifty-first balancer is on the second page, and the policies are asked for once."""
    for number in range(51):
        make_balancer(client, f"b-{number:02}")

    reading = read(COLLECTOR)

    assert len(reading.facts(LoadBalancer)) == 51
    assert [call.pages for call in reading.page.calls if call.operation == "DescribeLoadBalancers"] == [2]
    assert len([call for call in reading.page.calls if call.operation == "DescribeSSLPolicies"]) == 1


def test_a_denied_listing_leaves_both_populations_unknown(read: Read, client: Client, faults: Faults) -> None:
    """Listeners of unknown balancers are unknown too."""
    make_balancer(client, "front")
    faults.deny.add("elasticloadbalancing:DescribeLoadBalancers")

    documents = read(COLLECTOR).documents

    denied = Unread(
        Reason.PERMISSION_DENIED,
        "elbv2:DescribeLoadBalancers",
        "elasticloadbalancing:DescribeLoadBalancers",
        "AccessDenied",
    )
    assert documents.complete(BALANCER, "us-east-1") == denied
    assert documents.complete(LISTENER, "us-east-1") == denied


@pytest.mark.parametrize("fault", ["deny", "throttle", "garble", "break_down"])
def test_lost_listeners_of_one_balancer_leave_their_population_unknown(
    read: Read, client: Client, faults: Faults, fault: str
) -> None:
    """The balancers themselves stay known."""
    make_balancer(client, "front")
    getattr(faults, fault).add("elasticloadbalancing:DescribeListeners")

    reading = read(COLLECTOR)
    unread = reading.documents.complete(LISTENER, "us-east-1")

    assert unread is not None
    assert unread.permission == "elasticloadbalancing:DescribeListeners"
    assert reading.documents.complete(BALANCER, "us-east-1") is None
    assert len(reading.facts(LoadBalancer)) == 1


@pytest.mark.parametrize("fault", ["deny", "garble"])
def test_lost_attributes_are_unread_and_the_rest_is_not(read: Read, client: Client, faults: Faults, fault: str) -> None:
    """A default is no substitute for an answer."""
    make_balancer(client, "front")
    getattr(faults, fault).add("elasticloadbalancing:DescribeLoadBalancerAttributes")

    balancer = read(COLLECTOR).fact(LoadBalancer, "front")

    assert isinstance(balancer.access_logged, Unread)
    assert isinstance(balancer.deletion_protected, Unread)
    assert balancer.access_logged.permission == "elasticloadbalancing:DescribeLoadBalancerAttributes"
    assert (balancer.internet_facing, balancer.zones) == (False, 2)


def test_lost_policies_and_rules_are_unread(read: Read, client: Client, faults: Faults) -> None:
    """Each lost answer costs exactly the field that rests on it."""
    front = make_balancer(client, "front")
    listen(client, front, 443, "HTTPS")
    listen(client, front, 80, DefaultActions=[REDIRECT])
    faults.deny |= {"elasticloadbalancing:DescribeSSLPolicies", "elasticloadbalancing:DescribeRules"}

    reading = read(COLLECTOR)
    tls, plain = reading.fact(Listener, "front:443"), reading.fact(Listener, "front:80")

    assert isinstance(tls.minimum_tls, Unread)
    assert tls.minimum_tls.operation == "elbv2:DescribeSSLPolicies"
    assert isinstance(tls.tls_policy, str)
    assert isinstance(plain.only_redirects_to_tls, Unread)
    assert plain.only_redirects_to_tls.operation == "elbv2:DescribeRules"


@pytest.mark.parametrize(
    ("actions", "only"),
    [
        ([REDIRECT], True),
        ([], False),
        ([ANSWER], False),
        ([REDIRECT, ANSWER], False),
        ([{"Type": "redirect", "RedirectConfig": {"Protocol": "#{protocol}"}}], False),
        ([{"Type": "redirect", "RedirectConfig": {"Port": "8080"}}], False),
        ([{"Type": "forward", "TargetGroupArn": "arn:t"}], False),
    ],
)
def test_only_a_redirect_to_https_redirects(actions: list[dict[str, Any]], only: bool) -> None:
    """A redirect that keeps the protocol leads back to plain HTTP."""
    assert redirects(actions) is only


@pytest.mark.parametrize("policy", ["unknown", "strange"])
def test_an_unknown_policy_or_version_is_malformed(policy: str) -> None:
    """The oldest version is never guessed."""
    body = {"SslPolicies": [{"Name": "strange", "SslProtocols": ["TLSv1.2", "TLSv9"]}]}

    with pytest.raises(KeyError):
        oldest_version(body, policy)


def test_only_a_documented_default_stands_in_for_an_attribute() -> None:
    """A switch without a default must be in the answer."""
    body = {"Attributes": [{"Key": "a", "Value": "true"}]}

    assert attribute(body, "a", "false") is True
    assert attribute(body, "b", "false") is False
    with pytest.raises(KeyError):
        attribute(body, "b")


def test_a_listener_of_a_gateway_balancer_has_a_fixed_door() -> None:
    """AWS leaves its protocol and port out; any other listener must have them."""
    gateway = "arn:aws:elasticloadbalancing:us-east-1:1:listener/gwy/g/1/2"

    assert door({"ListenerArn": gateway}) == ("GENEVE", 6081)
    with pytest.raises(KeyError):
        door({"ListenerArn": gateway.replace("/gwy/", "/app/")})


def test_a_balancer_without_a_scheme_is_malformed_unless_it_is_a_gateway() -> None:
    """Whether strangers can reach it is never guessed."""
    assert faces_internet({"Type": "gateway"}) is False
    with pytest.raises(KeyError):
        faces_internet({"Type": "application"})


def put_before(client: Client, balancer: str, default: str) -> None:
    """A web ACL without rules."""
    seen = {"SampledRequestsEnabled": False, "CloudWatchMetricsEnabled": False, "MetricName": "edge"}
    waf = client("wafv2")
    acl = waf.create_web_acl(
        Name="edge", Scope="REGIONAL", DefaultAction={default: {}}, VisibilityConfig=seen, Rules=[]
    )["Summary"]["ARN"]
    waf.associate_web_acl(WebACLArn=acl, ResourceArn=balancer)


@pytest.mark.parametrize(("default", "blocking"), [("Block", True), ("Allow", False)])
def test_a_web_firewall_before_a_balancer_is_read(read: Read, client: Client, default: str, blocking: bool) -> None:
    """Only balancers that read requests are asked for one."""
    put_before(client, make_balancer(client, "shop", Scheme="internet-facing"), default)
    make_balancer(client, "bare")
    make_balancer(client, "wires", Type="network")

    reading = read(COLLECTOR)
    guarded, bare = reading.fact(WebFront, "shop"), reading.fact(WebFront, "bare")

    assert len(reading.facts(WebFront)) == 2
    assert (guarded.what, guarded.internet_facing, guarded.firewalls) == ("load balancer", True, ("edge",))
    assert (guarded.covered, guarded.blocking) == (True, blocking)
    assert (bare.internet_facing, bare.firewalls, bare.blocking) == (False, (), False)


def test_a_balancer_that_lets_requests_past_a_firewall_that_is_down_is_not_covered(read: Read, client: Client) -> None:
    """Failing open is a setting of the balancer."""
    put_before(client, front := make_balancer(client, "shop"), "Block")
    set_attributes(client, front, waf__fail_open__enabled="true")

    assert read(COLLECTOR).fact(WebFront, "shop").covered is False


@pytest.mark.parametrize("fault", ["deny", "throttle", "garble", "break_down"])
def test_a_lost_web_firewall_is_not_a_missing_one(read: Read, client: Client, faults: Faults, fault: str) -> None:
    """The balancer itself stays known."""
    make_balancer(client, "shop")
    getattr(faults, fault).add("wafv2:GetWebACLForResource")

    reading = read(COLLECTOR)
    front = reading.fact(WebFront, "shop")

    assert isinstance(front.firewalls, Unread)
    assert isinstance(front.blocking, Unread)
    assert front.blocking.permission == "wafv2:GetWebACLForResource"
    assert (front.internet_facing, front.covered) == (False, True)
    assert reading.documents.complete(BALANCER, "us-east-1") is None
