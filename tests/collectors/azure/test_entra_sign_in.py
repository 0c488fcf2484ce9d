"""azure.entra_sign_in"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from agent.demo.azure_loopback import AzureEstate
from agent.demo.loopback_http import Fault
from collectors.api import Collector
from collectors.azure.entra_sign_in import COLLECTOR, POLICY
from collectors.facts.core import Reason, Unread
from collectors.facts.directory import Clients, SignInRule
from collectors.testing import Reading

Read = Callable[[Collector], Reading]
POLICIES = "/v1.0/identity/conditionalaccess/policies"
DEFAULTS = "/v1.0/policies/identitysecuritydefaultsenforcementpolicy"


def policy(name: str, **changed: Any) -> dict[str, Any]:
    """A policy for the administrators."""
    return {
        "id": f"id-{name}",
        "displayName": name,
        "state": "enabled",
        "conditions": {
            "clientAppTypes": ["all"],
            "applications": {"includeApplications": ["All"], "excludeApplications": []},
            "users": {
                "includeUsers": [],
                "includeGroups": [],
                "includeRoles": ["admin"],
                "excludeUsers": ["emergency"],
                "excludeGroups": [],
                "excludeRoles": [],
            },
        },
        "grantControls": {
            "operator": "OR",
            "builtInControls": ["mfa"],
            "customAuthenticationFactors": [],
            "termsOfUse": [],
        },
        **changed,
    }


@pytest.fixture(autouse=True)
def directory(estate: AzureEstate) -> AzureEstate:
    """A directory without policies, and with the defaults off."""
    estate.answers[POLICIES] = []
    estate.answers[DEFAULTS] = {"id": "00000000-0000-0000-0000-000000000005", "isEnabled": False}
    return estate


def test_without_policies_the_defaults_alone_are_a_rule(read: Read) -> None:
    """Empty is proven, and the defaults are told whether they are on or off."""
    reading = read(COLLECTOR)

    (rule,) = reading.facts(SignInRule)
    assert (rule.resource.name, rule.enforced) == ("Security defaults", False)
    assert [(listing.kind, listing.items) for listing in reading.page.listings] == [(POLICY.name, 0)]


def test_the_defaults_demand_a_second_factor_of_all(read: Read, directory: AzureEstate) -> None:
    """What they do is documented, and only the switch is a setting."""
    directory.answers[DEFAULTS] = {"isEnabled": True}

    rule = read(COLLECTOR).fact(SignInRule, "Security defaults")

    assert rule.enforced is True
    assert (rule.covers, rule.applications, rule.exceptions) == (("everyone",), ("everything",), ())
    assert (rule.demands_mfa, rule.clients) == (True, (Clients.MODERN, Clients.LEGACY))


def test_a_policy_becomes_a_rule(read: Read, directory: AzureEstate) -> None:
    """Each part of a policy is read and shaped."""
    directory.answers[POLICIES] = [policy("admins")]

    rule = read(COLLECTOR).fact(SignInRule, "admins")

    assert (rule.resource.uid, rule.enforced, rule.covers) == ("id-admins", True, ("role admin",))
    assert (rule.applications, rule.exceptions, rule.only_when) == (("everything",), ("user emergency",), ())
    assert (rule.demands_mfa, rule.blocks) == (True, False)


@pytest.mark.parametrize(
    ("lost", "fields"),
    [
        ("state", {"enforced"}),
        ("grantControls", {"demands_mfa", "blocks"}),
        ("conditions", {"covers", "applications", "exceptions", "only_when", "clients"}),
    ],
)
def test_a_policy_without_a_required_part_is_unread_in_it(
    read: Read, directory: AzureEstate, lost: str, fields: set[str]
) -> None:
    """What is missing is not taken for off, empty or nobody; the other policy is known."""
    body = policy("torn")
    del body[lost]
    directory.answers[POLICIES] = [body, policy("whole")]

    reading = read(COLLECTOR)

    torn, whole = reading.fact(SignInRule, "torn"), reading.fact(SignInRule, "whole")
    assert {name for name in SignInRule.__slots__ if isinstance(getattr(torn, name), Unread)} == fields
    assert not any(isinstance(getattr(whole, name), Unread) for name in SignInRule.__slots__)


@pytest.mark.parametrize("kind", ["status", "malformed", "truncate", "reset"])
def test_defaults_that_cannot_be_read_are_neither_on_nor_off(read: Read, directory: AzureEstate, kind: str) -> None:
    """Only the switch is lost; the policies are known."""
    directory.answers[POLICIES] = [policy("admins")]
    directory.faults.append(Fault(f"GET {DEFAULTS}", kind=kind))

    reading = read(COLLECTOR)

    enforced = reading.fact(SignInRule, "Security defaults").enforced
    assert isinstance(enforced, Unread)
    assert enforced.operation == "graph:policies/identitySecurityDefaultsEnforcementPolicy"
    assert enforced.permission == "Policy.Read.All"
    assert reading.fact(SignInRule, "admins").enforced is True


@pytest.mark.parametrize("kind", ["status", "malformed", "truncate", "reset"])
def test_a_listing_that_breaks_off_is_not_complete(read: Read, directory: AzureEstate, kind: str) -> None:
    """The second page fails: the policy that counts may be on it."""
    directory.answers[POLICIES] = [policy(name) for name in ("a", "b", "c")]
    directory.faults.append(Fault(f"GET {POLICIES}", kind=kind, after=1))

    reading = read(COLLECTOR)

    assert [fact.resource.name for fact in reading.facts(SignInRule)] == ["Security defaults", "a", "b"]
    gap = reading.documents.complete(POLICY, "directory")
    assert isinstance(gap, Unread)
    assert (gap.reason, gap.operation) == (Reason.PARTIAL_LISTING, "graph:identity/conditionalAccess/policies")
