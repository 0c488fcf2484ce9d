"""azure.web_apps"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from agent.demo.azure_loopback import AzureEstate
from agent.demo.loopback_http import Fault
from collectors.api import Collector
from collectors.azure.web_apps import COLLECTOR
from collectors.facts.apps import AppMaintenance, WebApp
from collectors.facts.core import Reason, Unread
from collectors.facts.data_access import Certificate
from collectors.facts.network import Listener
from collectors.testing import Reading

Read = Callable[[Collector], Reading]
ANY = {"ipAddress": "Any", "action": "Allow", "priority": 2147483647, "name": "Allow all"}
NONE = {**ANY, "action": "Deny", "name": "Deny all"}
EVERYBODY = ("0.0.0.0/0", "::/0")


def app(estate: AzureEstate, name: str, kind: str = "app", identity: Any = None, **said: Any) -> str:
    """An app with a configuration; `config` says what is set there."""
    config = {
        "remoteDebuggingEnabled": False,
        "ftpsState": "FtpsOnly",
        "minTlsVersion": "1.2",
        "ipSecurityRestrictions": [ANY],
        **said.pop("config", {}),
    }
    more = {"identity": identity} if identity else {}
    id_ = estate.put(f"web/Microsoft.Web/sites/{name}", kind=kind, properties={"httpsOnly": True, **said}, **more)
    estate.put(f"{id_}/config/web", properties=config)
    return id_


def logging(estate: AzureEstate, app_id: str, **log: Any) -> None:
    """A diagnostic setting."""
    said = {"workspaceId": "/w", "logs": [{"enabled": True, **log}]}
    estate.put(f"{app_id}/providers/Microsoft.Insights/diagnosticSettings/s", properties=said)


def test_a_subscription_without_apps_is_a_complete_listing(read: Read, estate: AzureEstate) -> None:
    """Empty is proven, not assumed."""
    reading = read(COLLECTOR)

    assert reading.facts(WebApp) == []
    assert reading.facts(Certificate) == []
    assert {(listing.kind, listing.items) for listing in reading.page.listings} == {
        ("azure.web.site", 0),
        ("azure.web.certificate", 0),
    }


def test_apps_and_functions(read: Read, estate: AzureEstate) -> None:
    """Only web apps have a log of requests."""
    logging(estate, app(estate, "logged"), category="AppServiceHTTPLogs")
    logging(estate, app(estate, "grouped"), categoryGroup="allLogs")
    logging(estate, app(estate, "other"), category="AppServiceConsoleLogs")
    app(estate, "silent")
    app(estate, "function", kind="functionapp,linux")

    reading = read(COLLECTOR)

    assert {each.resource.name: (each.what, each.access_logged) for each in reading.facts(WebApp)} == {
        "logged": ("web app", True),
        "grouped": ("web app", True),
        "other": ("web app", False),
        "silent": ("web app", False),
        "function": ("function app", None),
    }


@pytest.mark.parametrize(
    ("identity", "expected"),
    [
        (None, ()),
        ({"type": "None"}, ()),
        ({"type": "SystemAssigned", "principalId": "AAA"}, ("aaa",)),
        ({"type": "UserAssigned", "userAssignedIdentities": {"/x": {"principalId": "BBB"}}}, ("bbb",)),
        (
            {
                "type": "SystemAssigned, UserAssigned",
                "principalId": "AAA",
                "userAssignedIdentities": {"/x": {"principalId": "BBB"}},
            },
            ("aaa", "bbb"),
        ),
    ],
)
def test_identities_of_an_app(read: Read, estate: AzureEstate, identity: Any, expected: tuple[str, ...]) -> None:
    """Its own, and those that it shares."""
    app(estate, "it", identity=identity)

    assert read(COLLECTOR).fact(WebApp, "it").identity == expected


def test_an_identity_without_a_number_is_unread(read: Read, estate: AzureEstate) -> None:
    """Nobody can tell what it may do."""
    app(estate, "it", identity={"type": "SystemAssigned"})

    assert isinstance(read(COLLECTOR).fact(WebApp, "it").identity, Unread)


def only(address: str, priority: int = 100, action: str = "Allow", **more: Any) -> dict[str, Any]:
    """A rule of an app."""
    return {"ipAddress": address, "action": action, "priority": priority, **more}


@pytest.mark.parametrize(
    ("config", "expected"),
    [
        ({}, EVERYBODY),
        ({"ipSecurityRestrictions": None}, EVERYBODY),
        ({"ipSecurityRestrictions": [], "ipSecurityRestrictionsDefaultAction": "Deny"}, ()),
        ({"ipSecurityRestrictions": [NONE]}, ()),
        ({"ipSecurityRestrictions": [NONE, only("203.0.113.0/24")]}, ("203.0.113.0/24",)),
        ({"ipSecurityRestrictions": [only("203.0.113.0/24")]}, ("203.0.113.0/24",)),
        ({"ipSecurityRestrictions": [only("203.0.113.0/25,2001:db8::/64"), NONE]}, ("203.0.113.0/25", "2001:db8::/64")),
        ({"ipSecurityRestrictions": [only("2.0.0.0/7", 200), only("2.0.0.0/8", action="Deny"), NONE]}, ("3.0.0.0/8",)),
        ({"ipSecurityRestrictions": [only("Any", action="Deny", headers={"x": ["y"]}), ANY]}, EVERYBODY),
        ({"ipSecurityRestrictions": [only("AzureFrontDoor.Backend", tag="ServiceTag"), NONE]}, ()),
        ({"ipSecurityRestrictions": [only("AzureCloud", tag="ServiceTag"), NONE]}, EVERYBODY),
        ({"ipSecurityRestrictions": [only("AzureCloud", action="Deny", tag="ServiceTag"), ANY]}, EVERYBODY),
        (
            {"ipSecurityRestrictions": [{"vnetSubnetResourceId": "/x", "action": "Allow", "priority": 1}, NONE]},
            (),
        ),
    ],
)
def test_rules_say_who_gets_in(
    read: Read, estate: AzureEstate, config: dict[str, Any], expected: tuple[str, ...]
) -> None:
    """The lowest number decides, and then the default action."""
    app(estate, "it", config=config)

    assert read(COLLECTOR).fact(WebApp, "it").open_ranges == expected


def test_an_app_without_a_public_address_takes_nothing(read: Read, estate: AzureEstate) -> None:
    """Whatever its rules say, and even where they were not read."""
    app(estate, "it", publicNetworkAccess="Disabled")
    estate.faults.append(Fault(r"GET /.*/config/web\?"))

    reading = read(COLLECTOR)

    assert reading.fact(WebApp, "it").open_ranges == ()


@pytest.mark.parametrize("rule", [only("nowhere"), {"action": "Allow", "priority": 1}, {"ipAddress": "Any"}])
def test_a_rule_that_is_not_understood_is_unread(read: Read, estate: AzureEstate, rule: dict[str, Any]) -> None:
    """Nobody can tell who gets in."""
    app(estate, "it", config={"ipSecurityRestrictions": [rule]})

    assert isinstance(read(COLLECTOR).fact(WebApp, "it").open_ranges, Unread)


def test_every_app_listens_twice(read: Read, estate: AzureEstate) -> None:
    """On the plain port it redirects, if it was told to."""
    app(estate, "old", httpsOnly=False, config={"minTlsVersion": "1.0"})
    app(estate, "new", config={"minTlsVersion": "1.3"})

    reading = read(COLLECTOR)

    found = {
        each.resource.name: (each.protocol, each.port, each.minimum_tls, each.only_redirects_to_tls)
        for each in reading.facts(Listener)
    }
    assert found == {
        "old:443": ("HTTPS", 443, "1.0", False),
        "old:80": ("HTTP", 80, None, False),
        "new:443": ("HTTPS", 443, "1.3", False),
        "new:80": ("HTTP", 80, None, True),
    }


@pytest.mark.parametrize(
    ("config", "expected"),
    [
        ({}, (False, False)),
        ({"ftpsState": "Disabled"}, (False, False)),
        ({"ftpsState": "AllAllowed", "remoteDebuggingEnabled": True}, (True, True)),
    ],
)
def test_ways_in_beside_the_front_door(
    read: Read, estate: AzureEstate, config: dict[str, Any], expected: tuple[bool, bool]
) -> None:
    """A debugger, and plain FTP."""
    app(estate, "it", config=config)

    found = read(COLLECTOR).fact(AppMaintenance, "it")

    assert (found.remote_debugging, found.plain_file_transfer) == expected


def test_certificates_have_an_end(read: Read, estate: AzureEstate) -> None:
    """One that says none is unread."""
    for name, said in (("good", {"expirationDate": "2027-01-31T23:59:59+00:00"}), ("odd", {})):
        estate.put(f"web/Microsoft.Web/certificates/{name}", properties=said)

    reading = read(COLLECTOR)

    assert reading.fact(Certificate, "good").expires == datetime(2027, 1, 31, 23, 59, 59, tzinfo=UTC)
    assert isinstance(reading.fact(Certificate, "odd").expires, Unread)


@pytest.mark.parametrize("kind", ["status", "malformed", "truncate", "reset"])
def test_a_configuration_that_cannot_be_read_is_a_gap_for_exactly_that_app(
    read: Read, estate: AzureEstate, kind: str
) -> None:
    """What the listing tells is known all the same."""
    app(estate, "it")
    app(estate, "other")
    estate.faults.append(Fault(r"GET /.*/sites/it/config/web\?", kind=kind))

    reading = read(COLLECTOR)

    unread = (
        reading.fact(WebApp, "it").open_ranges,
        reading.fact(AppMaintenance, "it").remote_debugging,
        reading.fact(AppMaintenance, "it").plain_file_transfer,
        reading.fact(Listener, "it:443").minimum_tls,
    )
    for value in unread:
        assert isinstance(value, Unread)
        assert value.operation == "Microsoft.Web:sites/config"
        assert value.permission == "Microsoft.Web/sites/config/read"
    assert reading.fact(Listener, "it:80").only_redirects_to_tls is True
    assert reading.fact(WebApp, "other").open_ranges == EVERYBODY


@pytest.mark.parametrize("kind", ["status", "malformed", "truncate", "reset"])
def test_logs_that_cannot_be_read_are_a_gap_for_exactly_that_app(read: Read, estate: AzureEstate, kind: str) -> None:
    """Its rules are known all the same."""
    app(estate, "it")
    app(estate, "other")
    estate.faults.append(Fault(r"GET /.*/sites/it/providers/Microsoft.Insights/", kind=kind))

    reading = read(COLLECTOR)

    logged = reading.fact(WebApp, "it").access_logged
    assert isinstance(logged, Unread)
    assert logged.permission == "Microsoft.Insights/diagnosticSettings/read"
    assert reading.fact(WebApp, "it").open_ranges == EVERYBODY
    assert reading.fact(WebApp, "other").access_logged is False


def test_a_listing_that_breaks_off_is_not_complete(read: Read, estate: AzureEstate) -> None:
    """What the first page held is kept, and the population is not known."""
    for name in "abc":
        app(estate, name)
    estate.faults.append(Fault(r"GET /.*/sites\?", after=1))

    reading = read(COLLECTOR)

    assert [fact.resource.name for fact in reading.facts(WebApp)] == ["a", "b"]
    (gap,) = reading.page.gaps
    assert (gap.reason, gap.kind) == (Reason.PARTIAL_LISTING, "azure.web.site")
    assert estate.writes == []
