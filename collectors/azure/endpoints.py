"""Who reaches a data service over which networks, as the services of Azure say it, each in words of its own."""

from __future__ import annotations

import re
from collections.abc import Iterable
from ipaddress import collapse_addresses, ip_address, ip_network, summarize_address_range

from collectors.api import Body
from collectors.azure.resources import properties

EVERYWHERE = ("0.0.0.0/0", "::/0")
"""All public addresses."""
PROVIDER = "0.0.0.0"  # noqa: S104  # no address to bind to, but Azure's word
"""As both ends of a range it stands for all that runs at Azure, other customers' machines too: Azure SQL, "Allow Azure
services"; the same word for PostgreSQL, MySQL and Cosmos DB."""
_VERSION = re.compile(r"(?:tls(?:v|enforcement)?)?(1)(?:[._]?([0-3]))?", re.IGNORECASE)


def is_public(said: Body, key: str = "publicNetworkAccess") -> bool:
    """The service has an address on the internet.  Left out, it has one: that is the default of each service.

    Raises ValueError for any other word, such as that a network perimeter decides.
    """
    word = str(said.get(key) or "Enabled").lower()
    if word not in {"enabled", "disabled"}:
        raise ValueError(f"{key} is {word}: who gets in is decided elsewhere")
    return word == "enabled"


def admitted(said: Body) -> tuple[str, ...]:
    """Public networks from which a storage account or a vault takes requests, by its `networkAcls`.

    Without rules everything is let in: Storage and Key Vault resource providers, NetworkRuleSet.
    """
    if not is_public(said):
        return ()
    rules = said.get("networkAcls")
    if rules is None or str(rules["defaultAction"]).lower() == "allow":
        return EVERYWHERE
    return networks(rule["value"] for rule in [*(rules.get("ipRules") or ()), *(rules.get("ipv6Rules") or ())])


def networks(texts: Iterable[str]) -> tuple[str, ...]:
    """Addresses and networks in any form as networks, joined where they can be, in order."""
    found = [ip_network(text, strict=False) for text in texts]
    four = collapse_addresses(each for each in found if each.version == 4)  # noqa: PLR2004  # IPv4
    six = collapse_addresses(each for each in found if each.version == 6)  # noqa: PLR2004  # IPv6
    return tuple(map(str, [*four, *six]))


def firewall(rules: Iterable[Body]) -> tuple[str, ...]:
    """The addresses that rules of a database server let in, without the one that stands for Azure itself."""
    found = []
    for said in map(properties, rules):
        first, last = _ends(said)
        if (first, last) != (PROVIDER, PROVIDER):
            found += [str(each) for each in summarize_address_range(ip_address(first), ip_address(last))]
    return networks(found)


def lets_provider_in(rules: Iterable[Body]) -> bool:
    """Some rule of a database server lets in all that runs at Azure."""
    return any(_ends(said) == (PROVIDER, PROVIDER) for said in map(properties, rules))


def _ends(said: Body) -> tuple[str, str]:
    """First and last address of a rule, whose keys differ for IPv6 and for Redis.  Raises KeyError without them."""
    for address in ("IPv6Address", "IP"):
        if f"start{address}" in said:
            return str(said[f"start{address}"]), str(said[f"end{address}"])
    return str(said["startIpAddress"]), str(said["endIpAddress"])


def private_endpoints(body: Body) -> int:
    """Private endpoints that may connect.  A service leaves the list out when it has none."""
    connections = properties(body).get("privateEndpointConnections") or ()
    return sum(
        str(properties(each)["privateLinkServiceConnectionState"]["status"]).lower() == "approved"
        for each in connections
    )


def tls_version(text: str) -> str:
    """`1.2` of `TLS1_2`, `TLSv1.2`, `Tls12` or `1.2`; Cosmos DB writes 1.0 as `Tls`.  Raises ValueError otherwise."""
    word = text.strip()
    if word.lower() == "tls":
        return "1.0"
    found = _VERSION.fullmatch(word)
    if found is None:
        raise ValueError(f"{text!r} is no version of TLS")
    return f"{found[1]}.{found[2] or 0}"
