"""aws.dns_zones"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from agent.demo.loopback import Faults
from collectors.api import Document
from collectors.aws.dns_zones import COLLECTOR, DNSSEC, ZONE, is_signed, key_algorithms, zone_algorithms
from collectors.documents import Documents
from collectors.facts.core import Unread
from collectors.facts.network import DnsZone
from collectors.facts.service_logs import UseLog
from collectors.provenance import Identity
from collectors.testing import Reading

Read = Callable[..., Reading]
Client = Callable[..., Any]

KEY = {"Name": "key", "Status": "ACTIVE", "SigningAlgorithmMnemonic": "ECDSAP256SHA256"}


def make_zone(client: Client, name: str, **options: Any) -> str:
    """A zone; the value is its id."""
    made = client("route53").create_hosted_zone(Name=name, CallerReference=name, **options)
    return str(made["HostedZone"]["Id"]).rpartition("/")[2]


def make_private(client: Client, name: str) -> str:
    """A zone of the network that AWS makes."""
    vpc = client("ec2").describe_vpcs()["Vpcs"][0]["VpcId"]
    return make_zone(client, name, VPC={"VPCRegion": "us-east-1", "VPCId": vpc}, HostedZoneConfig={"PrivateZone": True})


def answer(state: str, *keys: dict[str, str]) -> dict[str, Any]:
    """What AWS says of the signatures of a zone."""
    return {"Status": {"ServeSignature": state}, "KeySigningKeys": list(keys)}


def test_an_account_without_zones_costs_one_call(read: Read) -> None:
    """Empty is proven, not assumed."""
    reading = read(COLLECTOR)

    assert reading.facts(DnsZone) == []
    assert reading.documents.complete(ZONE, "global") is None
    assert reading.operations() == {"route53:ListHostedZones"}


def test_a_public_zone_is_asked_for_its_signatures(read: Read, client: Client) -> None:
    """A private one has none, and is not asked."""
    id_ = make_zone(client, "example.com")
    make_private(client, "inside.example.com")

    reading = read(COLLECTOR)
    public, private = reading.fact(DnsZone, "example.com"), reading.fact(DnsZone, "inside.example.com")

    assert public.resource.uid == f"arn:aws:route53:::hostedzone/{id_}"
    assert (public.public, public.signed, public.key_signing, public.zone_signing) == (True, False, (), ())
    assert (private.public, private.signed, private.key_signing, private.zone_signing) == (False, False, (), ())
    assert len([call for call in reading.page.calls if call.operation == "GetDNSSEC"]) == 1


def test_every_page_is_read(read: Read, client: Client) -> None:
    """The hundred and first zone is on the second page."""
    for number in range(101):
        make_private(client, f"n{number}.example.com")

    reading = read(COLLECTOR)

    assert len(reading.facts(DnsZone)) == 101
    assert [call.pages for call in reading.page.calls if call.operation == "ListHostedZones"] == [2]


def test_a_denied_listing_leaves_the_population_unknown(read: Read, client: Client, faults: Faults) -> None:
    """None read is not none there."""
    make_zone(client, "example.com")
    faults.deny.add("route53:GET /2013-04-01/hostedzone")

    reading = read(COLLECTOR)
    unread = reading.documents.complete(ZONE, "global")

    assert reading.facts(DnsZone) == []
    assert unread is not None
    assert (unread.operation, unread.permission) == ("route53:ListHostedZones", "route53:ListHostedZones")


@pytest.mark.parametrize("fault", ["deny", "throttle", "garble", "break_down"])
def test_lost_signatures_cost_that_zone_alone(read: Read, client: Client, faults: Faults, fault: str) -> None:
    """The other zone stays known."""
    lost = make_zone(client, "lost.example.com")
    make_zone(client, "kept.example.com")
    getattr(faults, fault).add(f"route53:GET /2013-04-01/hostedzone/{lost}/dnssec")

    reading = read(COLLECTOR)
    zone = reading.fact(DnsZone, "lost.example.com")

    assert zone.public is True
    assert isinstance(zone.signed, Unread)
    assert zone.signed.permission == "route53:GetDNSSEC"
    assert isinstance(zone.key_signing, Unread)
    assert isinstance(zone.zone_signing, Unread)
    assert reading.fact(DnsZone, "kept.example.com").signed is False
    assert reading.documents.complete(ZONE, "global") is None


def test_a_signed_zone_has_the_algorithms_of_its_keys_in_use() -> None:
    """A key that is set aside signs nothing; the keys that sign answers are AWS's own."""
    aside = {**KEY, "Status": "INACTIVE", "SigningAlgorithmMnemonic": "RSASHA1"}
    body = answer("SIGNING", KEY, aside)
    uid = "arn:aws:route53:::hostedzone/Z1"
    identity = Identity("aws", "123456789012", "arn:aws:iam::123456789012:user/reader", "aws")
    documents = (
        Document(ZONE.name, uid, "global", {"Id": "/hostedzone/Z1", "Name": "a.", "Config": {"PrivateZone": False}}),
        Document(DNSSEC.name, uid, "global", body),
    )

    zone, _ = COLLECTOR.shape(Documents(COLLECTOR, identity, ("global",), documents))

    assert isinstance(zone, DnsZone)
    assert (zone.signed, zone.key_signing, zone.zone_signing) == (True, ("ecdsap256sha256",), ("ecdsap256sha256",))
    assert len(zone.documents) == 2


@pytest.mark.parametrize("state", ["NOT_SIGNING", "DELETING"])
def test_a_zone_that_is_not_signed_has_no_algorithm(state: str) -> None:
    """Keys may be there and sign nothing."""
    body = answer(state, KEY)

    assert (is_signed(body), key_algorithms(body), zone_algorithms(body)) == (False, (), ())


@pytest.mark.parametrize("body", [answer("ACTION_NEEDED", KEY), answer("INTERNAL_FAILURE"), answer("NEW"), {}])
def test_a_state_that_does_not_tell_is_malformed(body: dict[str, Any]) -> None:
    """Where AWS reports a failure, nothing follows for the answers."""
    for read_ in (is_signed, key_algorithms, zone_algorithms):
        with pytest.raises((KeyError, ValueError)):
            read_(body)


def test_public_zones_say_whether_queries_are_logged(read: Read, client: Client, faults: Faults) -> None:
    """All configurations are asked for at once, and private zones have none."""
    logged, _ = make_zone(client, "logged.example.com"), make_zone(client, "silent.example.com")
    make_private(client, "inside.example.com")
    client("logs").create_log_group(logGroupName="/aws/route53/logged")
    group = "arn:aws:logs:us-east-1:123456789012:log-group:/aws/route53/logged:*"
    client("route53").create_query_logging_config(HostedZoneId=logged, CloudWatchLogsLogGroupArn=group)

    reading = read(COLLECTOR)

    assert {log.resource.name: (log.kinds, log.kept) for log in reading.facts(UseLog)} == {
        "logged.example.com": (("queries",), ("queries",)),
        "silent.example.com": (("queries",), ()),
    }
    assert faults.calls["route53:GET /2013-04-01/queryloggingconfig"] == 1


@pytest.mark.parametrize("fault", ["deny", "throttle", "garble", "break_down"])
def test_lost_query_logs_cost_what_rests_on_them(read: Read, client: Client, faults: Faults, fault: str) -> None:
    """The signatures stay known."""
    make_zone(client, "example.com")
    getattr(faults, fault).add("route53:GET /2013-04-01/queryloggingconfig")

    reading = read(COLLECTOR)
    log = reading.fact(UseLog, "example.com")

    assert reading.fact(DnsZone, "example.com").signed is False
    assert isinstance(log.kept, Unread)
    assert log.kept.permission == "route53:ListQueryLoggingConfigs"
