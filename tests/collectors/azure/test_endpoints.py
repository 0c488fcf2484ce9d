"""Words of Azure for addresses and versions, as sets that compare."""

from __future__ import annotations

from ipaddress import IPv4Address, ip_address, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collectors.azure.durations import days
from collectors.azure.endpoints import EVERYWHERE, PROVIDER, admitted, firewall, lets_provider_in, networks, tls_version
from collectors.azure.vault_keys import without_version

ADDRESSES = st.integers(0, 2**32 - 1).map(IPv4Address)


def rule(first: str, last: str) -> dict[str, dict[str, str]]:
    """A rule of a firewall as a database server answers it."""
    return {"properties": {"startIpAddress": first, "endIpAddress": last}}


@given(st.lists(st.tuples(ADDRESSES, ADDRESSES), max_size=4), ADDRESSES)
def test_a_firewall_admits_exactly_what_some_rule_spans(
    spans: list[tuple[IPv4Address, IPv4Address]], asked: IPv4Address
) -> None:
    """The networks together are the ranges together, address by address."""
    ordered = [(min(span), max(span)) for span in spans]
    given_ranges = firewall(rule(str(first), str(last)) for first, last in ordered)
    inside = any(first <= asked <= last and (int(first), int(last)) != (0, 0) for first, last in ordered)

    assert any(asked in ip_network(each) for each in given_ranges) == inside


def test_the_rule_that_stands_for_azure_is_no_range() -> None:
    """From nowhere to nowhere means everything at the provider."""
    rules = [rule(PROVIDER, PROVIDER), rule("203.0.113.1", "203.0.113.1")]

    assert firewall(rules) == ("203.0.113.1/32",)
    assert lets_provider_in(rules)
    assert not lets_provider_in([rule(PROVIDER, "255.255.255.255")])


def test_two_halves_are_the_whole() -> None:
    """A hole that is cut in pieces is still seen."""
    assert firewall([rule(PROVIDER, "127.255.255.255"), rule("128.0.0.0", "255.255.255.255")]) == ("0.0.0.0/0",)
    assert networks(["0.0.0.0/1", "128.0.0.0/1"]) == ("0.0.0.0/0",)


def test_rules_of_ipv6_and_of_redis_have_keys_of_their_own() -> None:
    """All three forms are read."""
    six = {"properties": {"startIPv6Address": "2001:db8::", "endIPv6Address": "2001:db8::ffff"}}
    redis = {"properties": {"startIP": "203.0.113.0", "endIP": "203.0.113.255"}}

    assert firewall([six]) == ("2001:db8::/112",)
    assert firewall([redis]) == ("203.0.113.0/24",)
    with pytest.raises(KeyError):
        firewall([{"properties": {}}])


def test_an_end_before_its_start_is_malformed() -> None:
    """It is neither a range nor none."""
    with pytest.raises(ValueError, match="last IP address"):
        firewall([rule("203.0.113.9", "203.0.113.1")])


def test_without_rules_everything_is_admitted() -> None:
    """The rules are optional, and so is each list in them."""
    assert admitted({}) == EVERYWHERE
    assert admitted({"networkAcls": {"defaultAction": "Allow", "ipRules": [{"value": "203.0.113.1"}]}}) == EVERYWHERE
    rules = {"defaultAction": "Deny", "ipRules": [{"value": "203.0.113.1"}], "ipv6Rules": [{"value": "2001:db8::/48"}]}
    assert admitted({"networkAcls": rules}) == ("203.0.113.1/32", "2001:db8::/48")
    assert ip_address("203.0.113.1") in ip_network(admitted({"networkAcls": rules})[0])


@pytest.mark.parametrize(
    ("text", "version"),
    [
        ("TLS1_0", "1.0"),
        ("TLS1_2", "1.2"),
        ("TLS1_3", "1.3"),
        ("1.2", "1.2"),
        ("TLSv1", "1.0"),
        ("TLSv1.2", "1.2"),
        ("Tls", "1.0"),
        ("Tls11", "1.1"),
        ("Tls12", "1.2"),
    ],
)
def test_versions_in_all_their_forms(text: str, version: str) -> None:
    """Each service writes them in its own way."""
    assert tls_version(text) == version


@pytest.mark.parametrize("text", ["", "SSL3", "2.0", "TLS1_9", "TLS1_22"])
def test_any_other_version_is_malformed(text: str) -> None:
    """A word that nobody knows is neither modern nor old."""
    with pytest.raises(ValueError, match="no version of TLS"):
        tls_version(text)


def test_durations_in_days() -> None:
    """Months have 30 days, and what is shorter than a day counts as none."""
    assert [days(each) for each in ("P90D", "P1Y", "P18M", "P12W", "P1Y2M3W4D", "PT0S")] == [90, 365, 540, 84, 450, 0]
    with pytest.raises(ValueError, match="no duration"):
        days("90 days")


def test_a_key_without_its_version() -> None:
    """Whichever version is in use, it is the same key."""
    for address in (
        "https://V.vault.azure.net/keys/K",
        "https://V.vault.azure.net/keys/K/0123",
        "HTTPS://v.vault.azure.net/KEYS/k/",
    ):
        assert without_version(address) == "https://v.vault.azure.net/keys/k"
    with pytest.raises(ValueError, match="names no key"):
        without_version("https://v.vault.azure.net/secrets/k")
