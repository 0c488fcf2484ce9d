"""aws.cloudfront_distributions"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from agent.demo.loopback import Faults
from collectors.aws.cloudfront_distributions import COLLECTOR, DISTRIBUTION, all_in_real_time
from collectors.facts.core import Reason, Unread
from collectors.facts.network import WebFront
from collectors.facts.service_logs import UseLog
from collectors.testing import Reading

Read = Callable[..., Reading]
Client = Callable[..., Any]

LISTING = "cloudfront:GET /2020-05-31/distribution"
SEEN = {"SampledRequestsEnabled": False, "CloudWatchMetricsEnabled": False, "MetricName": "edge"}


def make_distribution(client: Client, name: str, acl: str = "", *, enabled: bool = True, **more: Any) -> str:
    """A distribution that answers to `name`; the value is its ARN."""
    header = {"HeaderName": "x-origin", "HeaderValue": "made-up"}
    origin = {
        "Id": "o", "DomainName": "origin.example.com",
        "CustomOriginConfig": {"HTTPPort": 80, "HTTPSPort": 443, "OriginProtocolPolicy": "https-only"},
        "CustomHeaders": {"Quantity": 1, "Items": [header]},
    }  # fmt: skip
    made = client("cloudfront").create_distribution(
        DistributionConfig={
            "CallerReference": name,
            "Aliases": {"Quantity": 1, "Items": [name]},
            "Origins": {"Quantity": 1, "Items": [origin]},
            "DefaultCacheBehavior": {"TargetOriginId": "o", "ViewerProtocolPolicy": "https-only"},
            "Comment": "",
            "Enabled": enabled,
            "WebACLId": acl,
            **more,
        }
    )
    return str(made["Distribution"]["ARN"])


def make_acl(client: Client, default: str) -> str:
    """A web ACL without rules; the value is its ARN."""
    made = client("wafv2").create_web_acl(
        Name="edge", Scope="CLOUDFRONT", DefaultAction={default: {}}, VisibilityConfig=SEEN, Rules=[]
    )
    return str(made["Summary"]["ARN"])


def test_an_account_without_distributions_costs_one_call(read: Read) -> None:
    """Empty is proven, not assumed."""
    reading = read(COLLECTOR)

    assert reading.facts(WebFront) == []
    assert reading.documents.complete(DISTRIBUTION, "global") is None
    assert reading.operations() == {"cloudfront:ListDistributions"}


def test_distributions_become_fronts(read: Read, client: Client) -> None:
    """A firewall that several share is read once, and what is sent to the origins is not kept."""
    acl = make_acl(client, "Block")
    shop = make_distribution(client, "shop.example.com", acl)
    make_distribution(client, "also.example.com", acl)
    make_distribution(client, "bare.example.com")
    make_distribution(client, "off.example.com", enabled=False)

    reading = read(COLLECTOR)
    guarded, bare, off = (reading.fact(WebFront, f"{name}.example.com") for name in ("shop", "bare", "off"))

    assert (guarded.resource.uid, guarded.what, guarded.internet_facing) == (shop, "CloudFront distribution", True)
    assert (guarded.firewalls, guarded.covered, guarded.blocking) == (("edge",), True, True)
    assert acl in {reference.uid for reference in guarded.documents}
    assert (bare.firewalls, bare.blocking) == ((), False)
    assert off.internet_facing is False
    assert len([call for call in reading.page.calls if call.operation == "GetWebACL"]) == 1
    assert "made-up" not in str([document.body for document in reading.page.documents])


def test_a_firewall_without_rules_does_not_block(read: Read, client: Client) -> None:
    """It lets everything in."""
    make_distribution(client, "shop.example.com", make_acl(client, "Allow"))

    assert read(COLLECTOR).fact(WebFront, "shop.example.com").blocking is False


def test_a_classic_firewall_is_named_and_not_known(read: Read, client: Client) -> None:
    """Its rules cannot be asked for, so nothing is said about them."""
    make_distribution(client, "shop.example.com", "473e64fd-f30b-4765-81a0-62ad96dd167a")

    reading = read(COLLECTOR)
    front = reading.fact(WebFront, "shop.example.com")

    assert front.firewalls == ("473e64fd-f30b-4765-81a0-62ad96dd167a",)
    assert isinstance(front.blocking, Unread)
    assert "wafv2:GetWebACL" not in reading.operations()


@pytest.mark.parametrize("fault", ["deny", "throttle", "garble", "break_down"])
def test_a_lost_firewall_costs_what_rests_on_it(read: Read, client: Client, faults: Faults, fault: str) -> None:
    """Its name is known from the distribution; whether it blocks is not."""
    make_distribution(client, "shop.example.com", make_acl(client, "Block"))
    getattr(faults, fault).add("wafv2:GetWebACL")

    front = read(COLLECTOR).fact(WebFront, "shop.example.com")

    assert front.firewalls == ("edge",)
    assert isinstance(front.blocking, Unread)
    assert front.blocking.permission == "wafv2:GetWebACL"


def test_a_denied_listing_leaves_the_population_unknown(read: Read, client: Client, faults: Faults) -> None:
    """None read is not none there."""
    make_distribution(client, "shop.example.com")
    faults.deny.add(LISTING)

    reading = read(COLLECTOR)
    unread = reading.documents.complete(DISTRIBUTION, "global")

    assert reading.facts(WebFront) == []
    assert unread is not None
    assert (unread.reason, unread.permission) == (Reason.PERMISSION_DENIED, "cloudfront:ListDistributions")


def log_by_delivery(client: Client, arn: str) -> None:
    """CloudWatch delivers the access log of a distribution, which does not know of it."""
    logs = client("logs")
    logs.put_delivery_source(name="front", resourceArn=arn, logType="ACCESS_LOGS")
    target = logs.put_delivery_destination(
        name="bucket", deliveryDestinationConfiguration={"destinationResourceArn": "arn:aws:s3:::records"}
    )["deliveryDestination"]["arn"]
    logs.create_delivery(deliverySourceName="front", deliveryDestinationArn=target)


def test_distributions_say_whether_requests_are_logged(read: Read, client: Client) -> None:
    """By a setting of their own, or by a delivery of CloudWatch; a source that nothing delivers is no log."""
    bucket = {"Enabled": True, "IncludeCookies": False, "Bucket": "records.s3.amazonaws.com", "Prefix": ""}
    make_distribution(client, "own.example.com", Logging=bucket)
    log_by_delivery(client, make_distribution(client, "delivered.example.com"))
    bare = make_distribution(client, "bare.example.com")
    client("logs").put_delivery_source(name="waiting", resourceArn=bare, logType="ACCESS_LOGS")

    reading = read(COLLECTOR)
    found = {log.resource.name: (log.kinds, log.kept) for log in reading.facts(UseLog)}

    requests = ("requests",)
    assert found == {
        "own.example.com": (requests, requests),
        "delivered.example.com": (requests, requests),
        "bare.example.com": (requests, ()),
    }
    assert len([call for call in reading.page.calls if call.operation == "DescribeDeliveries"]) == 1


def test_a_stream_of_every_behavior_is_a_log() -> None:
    """One behavior without it leaves requests out."""
    stream = {"RealtimeLogConfigArn": "arn:stream"}

    assert all_in_real_time({"DefaultCacheBehavior": stream, "CacheBehaviors": {"Quantity": 0}}) is True
    assert all_in_real_time({"DefaultCacheBehavior": stream, "CacheBehaviors": {"Items": [{}]}}) is False
    assert all_in_real_time({"DefaultCacheBehavior": {}, "CacheBehaviors": {"Items": [stream]}}) is False


@pytest.mark.parametrize(
    ("operation", "permission"),
    [
        ("config", "cloudfront:GetDistributionConfig"),
        ("logs:DescribeDeliverySources", "logs:DescribeDeliverySources"),
        ("logs:DescribeDeliveries", "logs:DescribeDeliveries"),
    ],
)
def test_a_lost_read_may_hide_the_log(
    read: Read, client: Client, faults: Faults, operation: str, permission: str
) -> None:
    """Where no other log is known, each of the three might have been it; where one is, it settles the matter."""
    arn = make_distribution(client, "bare.example.com")
    config = f"cloudfront:GET /2020-05-31/distribution/{arn.rpartition('/')[2]}/config"
    faults.deny.add(config if operation == "config" else operation)

    log = read(COLLECTOR).fact(UseLog, "bare.example.com")

    assert isinstance(log.kept, Unread)
    assert log.kept.permission == permission
    if operation == "config":
        log_by_delivery(client, arn)
        assert read(COLLECTOR).fact(UseLog, "bare.example.com").kept == ("requests",)
