"""gcp.workspace_users"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from agent.demo.gcp_loopback import GcpEstate, Listed
from agent.demo.loopback_http import Fault
from agent.fetch import Limits, fetch_all
from collectors.api import DIRECTORY, Collector
from collectors.documents import when
from collectors.facts.core import Reason, Unread
from collectors.facts.directory import AdminRole, Clients, DirectorySettings, Inviters, SignInRule
from collectors.facts.identity import PasswordPolicy, User, UserDirectory
from collectors.gcp.provider import Gcp, GcpAccess
from collectors.gcp.workspace_users import COLLECTOR
from collectors.provenance import Page
from collectors.testing import Reading

Read = Callable[[Collector], Reading]
LIST = "admin/admin/directory/v1/users"


def person(estate: GcpEstate, name: str, **body: Any) -> None:
    """Somebody with a second step, which is asked of everybody."""
    made = {
        "id": name,
        "primaryEmail": f"{name}@example.com",
        "isAdmin": False,
        "isDelegatedAdmin": False,
        "suspended": False,
        "archived": False,
        "isEnrolledIn2Sv": True,
        "isEnforcedIn2Sv": True,
        "creationTime": "2024-01-01T00:00:00.000Z",
        "lastLoginTime": "2026-06-01T00:00:00.000Z",
        **body,
    }
    kept = {key: value for key, value in made.items() if value is not None}
    estate.answers.setdefault(LIST, Listed("users", [])).items.append(kept)


def rules(reading: Reading) -> tuple[SignInRule, SignInRule]:
    """The rule about the second step, and the one about old programs."""
    enforced, refused = reading.facts(SignInRule)
    return enforced, refused


def test_people_are_told(read: Read, estate: GcpEstate) -> None:
    """Their second step, whether they can sign in, and when they last did."""
    person(estate, "ann")
    person(estate, "bob", isEnrolledIn2Sv=False, lastLoginTime="1970-01-01T00:00:00.000Z")
    person(estate, "cid", suspended=True)
    person(estate, "dan", archived=True)
    person(estate, "eve", archived=None)

    reading = read(COLLECTOR)

    users = {fact.resource.name.partition("@")[0]: fact for fact in reading.facts(User)}
    assert {name: (fact.can_sign_in, fact.has_mfa) for name, fact in users.items()} == {
        "ann": (True, True),
        "bob": (True, False),
        "cid": (False, True),
        "dan": (False, True),
        "eve": (True, True),
    }
    assert users["ann"].password_last_used == when("2026-06-01T00:00:00Z")
    assert users["bob"].password_last_used is None
    assert users["ann"].created == when("2024-01-01T00:00:00Z")
    assert (users["ann"].direct_policies, users["ann"].keys_told) == (None, False)
    directory = reading.facts(UserDirectory)[0]
    assert (directory.listed, directory.counted_by_provider) == (5, None)


def test_administrators_are_those_who_can_sign_in(read: Read, estate: GcpEstate) -> None:
    """A suspended one holds nothing while that lasts."""
    person(estate, "ann", isAdmin=True)
    person(estate, "bob", isAdmin=True, suspended=True)
    person(estate, "cid", isDelegatedAdmin=True)

    roles = {fact.resource.name: fact for fact in read(COLLECTOR).facts(AdminRole)}

    assert roles["Super Admin"].standing == ("//admin.googleapis.com/users/ann",)
    assert roles["Super Admin"].highest is True
    assert roles["Delegated administrator"].standing == ("//admin.googleapis.com/users/cid",)
    assert roles["Delegated administrator"].highest is False


def test_a_second_step_that_is_asked_of_all_but_some(read: Read, estate: GcpEstate) -> None:
    """Those of whom it is not asked are named; whoever cannot sign in does not count."""
    person(estate, "ann")
    person(estate, "bob", isEnforcedIn2Sv=False)
    person(estate, "cid", isEnforcedIn2Sv=False, suspended=True)

    enforced, refused = rules(read(COLLECTOR))

    assert (enforced.enforced, enforced.exceptions, enforced.clients) == (True, ("user bob",), (Clients.MODERN,))
    assert (refused.enforced, refused.blocks, refused.clients) == (True, True, (Clients.LEGACY,))


def test_a_second_step_that_is_asked_of_nobody_is_no_rule(read: Read, estate: GcpEstate) -> None:
    """Everybody may have one, and nobody must."""
    person(estate, "ann", isEnforcedIn2Sv=False)

    assert rules(read(COLLECTOR))[0].enforced is False


def test_settings_that_only_a_super_administrator_may_read_are_unread(read: Read, estate: GcpEstate) -> None:
    """They are not guessed at; what Google's directories cannot do is known."""
    person(estate, "ann")

    reading = read(COLLECTOR)

    (settings,) = reading.facts(DirectorySettings)
    (passwords,) = reading.facts(PasswordPolicy)
    for lost in (settings.users_create_groups, settings.consent_rules, passwords.minimum_length):
        assert isinstance(lost, Unread)
        assert lost.operation == "cloudidentity:policies.list"
    assert settings.guests_invited_by is Inviters.NOBODY


@pytest.mark.parametrize("field", ["isEnrolledIn2Sv", "isEnforcedIn2Sv", "suspended", "isAdmin"])
def test_a_field_that_is_missing_is_unread(read: Read, estate: GcpEstate, field: str) -> None:
    """Missing is not false."""
    person(estate, "ann", **{field: None})

    reading = read(COLLECTOR)

    (ann,) = reading.facts(User)
    lost = {
        "isEnrolledIn2Sv": ann.has_mfa,
        "isEnforcedIn2Sv": rules(reading)[0].exceptions,
        "suspended": ann.can_sign_in,
        "isAdmin": reading.fact(AdminRole, "Super Admin").standing,
    }[field]
    assert isinstance(lost, Unread)
    assert field in lost.error


def test_an_empty_directory_is_a_complete_listing(read: Read, estate: GcpEstate) -> None:
    """Nobody is there, and nobody is missing."""
    estate.answers[LIST] = Listed("users", [])

    reading = read(COLLECTOR)

    assert reading.facts(User) == []
    assert reading.facts(UserDirectory)[0].listed == 0
    assert reading.page.gaps == []


@pytest.mark.parametrize("kind", ["status", "malformed", "truncate", "reset"])
def test_people_who_were_not_read_may_hold_and_lack_anything(read: Read, estate: GcpEstate, kind: str) -> None:
    """The second page is refused: nothing can be said of everybody."""
    for name in ("ann", "bob", "cid"):
        person(estate, name)
    estate.faults.append(Fault("&pageToken=", kind=kind))

    reading = read(COLLECTOR)

    assert len(reading.facts(User)) == 2
    (gap,) = reading.page.gaps
    assert (gap.reason, gap.operation) == (Reason.PARTIAL_LISTING, "admin:directory.users.list")
    assert isinstance(reading.fact(AdminRole, "Super Admin").standing, Unread)
    assert isinstance(rules(reading)[0].exceptions, Unread)
    assert isinstance(rules(reading)[1].enforced, Unread)
    assert isinstance(reading.facts(DirectorySettings)[0].guests_see, Unread)
    assert isinstance(reading.facts(UserDirectory)[0].listed, Unread)


def test_a_target_without_a_customer_says_so(access: Callable[..., GcpAccess], estate: GcpEstate) -> None:
    """Nobody is asked, and the gap names the setting."""
    provider = Gcp(access(project="", customer=""))
    provider.identify()
    total = Page()
    for batch in fetch_all(provider, [(COLLECTOR, DIRECTORY)], Limits(2)):
        for arrived in batch:
            total.absorb(arrived.page)

    (gap,) = total.gaps
    assert (gap.listing, gap.reason) == (True, Reason.ACCOUNT_NOT_ONBOARDED)
    assert "customer" in gap.error
    assert not any("users" in call for call in estate.calls)
