"""azure.entra_users"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from agent.demo.azure_loopback import TENANT, AzureEstate
from agent.demo.loopback_http import Fault
from collectors.api import Collector
from collectors.azure.entra_users import COLLECTOR, REGISTRATION, SIGN_IN, USER, last_sign_in
from collectors.facts.core import Reason, Unread
from collectors.facts.identity import User, UserDirectory
from collectors.testing import Reading

Read = Callable[[Collector], Reading]
USERS = "/v1.0/users"
REPORT = "/v1.0/reports/authenticationmethods/userregistrationdetails"
MADE = "2025-03-01T08:00:00Z"
SIGN_INS = r"GET /v1.0/users\?.*signInActivity"
LISTING = r"GET /v1.0/users\?.*userPrincipalName"
REPORTING = "GET /v1.0/reports/authenticationMethods/userRegistrationDetails"


def user(name: str, **changed: Any) -> dict[str, Any]:
    """A member who never signed in, as Graph tells it."""
    return {
        "id": f"id-{name}",
        "userPrincipalName": f"{name}@example.com",
        "userType": "Member",
        "accountEnabled": True,
        "createdDateTime": MADE,
        "lastPasswordChangeDateTime": MADE,
        "onPremisesSyncEnabled": None,
        "externalUserState": None,
        "externalUserStateChangeDateTime": None,
        **changed,
    }


def report(name: str, *methods: str, capable: bool) -> dict[str, Any]:
    """A row of the report on second factors."""
    return {
        "id": f"id-{name}",
        "isMfaCapable": capable,
        "isMfaRegistered": bool(methods),
        "methodsRegistered": list(methods),
        "lastUpdatedDateTime": "2026-05-01T00:00:00Z",
    }


@pytest.fixture(autouse=True)
def directory(estate: AzureEstate) -> AzureEstate:
    """A directory that answers, and holds nobody."""
    estate.answers[USERS] = []
    estate.answers[REPORT] = []
    return estate


def test_an_empty_directory_is_a_complete_listing(read: Read) -> None:
    """Empty is proven, not assumed, and counted by Graph itself."""
    reading = read(COLLECTOR)

    assert reading.facts(User) == []
    assert {listing.kind for listing in reading.page.listings} == {USER.name, SIGN_IN.name, REGISTRATION.name}
    counts = reading.fact(UserDirectory, TENANT)
    assert (counts.listed, counts.counted_by_provider, counts.reported) == (0, 0, 0)


def test_a_member_becomes_a_user(read: Read, directory: AzureEstate) -> None:
    """Each answer about a user is read and shaped."""
    used = {"lastSuccessfulSignInDateTime": "2026-05-30T10:00:00Z", "lastSignInDateTime": "2026-06-02T10:00:00Z"}
    directory.answers[USERS] = [user("ann", signInActivity=used)]
    directory.answers[REPORT] = [report("ann", "microsoftAuthenticatorPush", "email", capable=True)]

    found = read(COLLECTOR).fact(User, "ann@example.com")

    assert (found.resource.uid, found.resource.region) == ("id-ann", "directory")
    assert found.created == found.password_changed == datetime(2025, 3, 1, 8, tzinfo=UTC)
    assert (found.can_sign_in, found.has_mfa, found.mfa_devices) == (True, True, 1)
    assert found.password_last_used == datetime(2026, 5, 30, 10, tzinfo=UTC)
    assert (found.direct_policies, found.guest, found.invited_since) == (None, False, None)
    assert {each.kind for each in found.documents} == {USER.name, SIGN_IN.name, REGISTRATION.name}


def test_a_guest_whose_invitation_is_open(read: Read, directory: AzureEstate) -> None:
    """Guests are told apart, and how long they were asked."""
    since = {"externalUserState": "PendingAcceptance", "externalUserStateChangeDateTime": "2026-01-05T00:00:00Z"}
    directory.answers[USERS] = [
        user("asked", userType="Guest", lastPasswordChangeDateTime=None, **since),
        user("came", userType="Guest", **{**since, "externalUserState": "Accepted"}),
        user("old", userType=None, accountEnabled=False),
    ]

    reading = read(COLLECTOR)

    asked = reading.fact(User, "asked@example.com")
    assert (asked.guest, asked.invited_since) == (True, datetime(2026, 1, 5, tzinfo=UTC))
    assert asked.password_changed is None
    came = reading.fact(User, "came@example.com")
    assert (came.guest, came.invited_since) == (True, None)
    old = reading.fact(User, "old@example.com")
    assert (old.guest, old.can_sign_in) == (False, False)


def test_graph_counts_what_was_listed(read: Read, directory: AzureEstate) -> None:
    """Three users over two pages, counted by Graph and by us."""
    directory.answers[USERS] = [user(name) for name in ("a", "b", "c")]
    directory.answers[REPORT] = [report("a", capable=False)]

    counts = read(COLLECTOR).fact(UserDirectory, TENANT)

    assert (counts.listed, counts.counted_by_provider, counts.reported) == (3, 3, 1)
    assert counts.report_generated == datetime(2026, 5, 1, tzinfo=UTC)


def test_a_factor_that_the_rules_forbid_is_none(read: Read, directory: AzureEstate) -> None:
    """Registered, but of no use for signing in."""
    directory.answers[USERS] = [user("ann")]
    directory.answers[REPORT] = [report("ann", "mobilePhone", capable=False)]

    assert read(COLLECTOR).fact(User, "ann@example.com").has_mfa is False


def test_a_user_whom_the_report_leaves_out_is_unread(read: Read, directory: AzureEstate) -> None:
    """No row is not "no second factor"."""
    directory.answers[USERS] = [user("ann")]

    has_mfa = read(COLLECTOR).fact(User, "ann@example.com").has_mfa

    assert isinstance(has_mfa, Unread)
    assert (has_mfa.reason, has_mfa.error) == (Reason.PARTIAL_LISTING, "the answer has no row of this user")


@pytest.mark.parametrize(
    ("fault", "field", "permission"),
    [(SIGN_INS, "password_last_used", "AuditLog.Read.All"), (REPORTING, "has_mfa", "AuditLog.Read.All")],
)
def test_a_missing_licence_is_said_and_is_no_answer(
    read: Read, directory: AzureEstate, fault: str, field: str, permission: str
) -> None:
    """Whoever has not paid is told so, and nobody is taken for unused or unprotected."""
    directory.answers[USERS] = [user("ann")]
    directory.faults.append(Fault(fault, code="Authentication_RequestFromNonPremiumTenantOrB2CTenant"))

    found = read(COLLECTOR).fact(User, "ann@example.com")

    value = getattr(found, field)
    assert isinstance(value, Unread)
    assert (value.reason, value.permission) == (Reason.LICENCE_MISSING, permission)
    assert found.can_sign_in is True


@pytest.mark.parametrize("kind", ["status", "malformed", "truncate", "reset"])
@pytest.mark.parametrize(
    ("fault", "operation", "lost"),
    [
        (SIGN_INS, "graph:users", {"password_last_used"}),
        (REPORTING, "graph:reports/authenticationMethods/userRegistrationDetails", {"has_mfa", "mfa_devices"}),
    ],
)
def test_what_cannot_be_read_is_unread_and_nothing_else(
    read: Read, directory: AzureEstate, kind: str, fault: str, operation: str, lost: set[str]
) -> None:
    """One listing fails; what the others told stays."""
    directory.answers[USERS] = [user("ann")]
    directory.answers[REPORT] = [report("ann", "mobilePhone", capable=True)]
    directory.faults.append(Fault(fault, kind=kind))

    found = read(COLLECTOR).fact(User, "ann@example.com")

    unread = {name: getattr(found, name) for name in User.__slots__ if isinstance(getattr(found, name), Unread)}
    assert set(unread) == lost
    assert {value.operation for value in unread.values()} == {operation}


def test_a_listing_that_breaks_off_is_not_complete(read: Read, directory: AzureEstate) -> None:
    """The second page is refused: who came before is kept, and nothing is counted."""
    directory.answers[USERS] = [user(name) for name in ("a", "b", "c")]
    directory.faults.append(Fault(LISTING, after=1))

    reading = read(COLLECTOR)

    assert len(reading.facts(User)) == 2
    (gap,) = [gap for gap in reading.page.gaps if gap.kind == USER.name]
    assert (gap.reason, gap.permission) == (Reason.PARTIAL_LISTING, "User.Read.All")
    counts = reading.fact(UserDirectory, TENANT)
    assert isinstance(counts.listed, Unread)
    assert isinstance(counts.counted_by_provider, Unread)


def test_a_user_without_a_required_field_is_unread(read: Read, directory: AzureEstate) -> None:
    """A missing switch is neither on nor off."""
    body = user("ann")
    del body["accountEnabled"]
    directory.answers[USERS] = [body, user("bob", accountEnabled="yes")]

    reading = read(COLLECTOR)

    assert isinstance(reading.fact(User, "ann@example.com").can_sign_in, Unread)
    assert isinstance(reading.fact(User, "bob@example.com").can_sign_in, Unread)


@pytest.mark.parametrize(
    ("activity", "expected"),
    [
        (None, None),
        ({"lastSuccessfulSignInDateTime": MADE, "lastSignInDateTime": "2026-01-01T00:00:00Z"}, "2025-03-01"),
        ({"lastSuccessfulSignInDateTime": None, "lastSignInDateTime": "2026-01-01T00:00:00Z"}, None),
        ({"lastSignInDateTime": "2022-01-01T00:00:00Z"}, "2022-01-01"),
        ({"lastNonInteractiveSignInDateTime": "2022-01-02T00:00:00Z", "lastSignInDateTime": MADE}, "2022-01-02"),
    ],
)
def test_only_a_sign_in_that_succeeded_is_use(activity: dict[str, Any] | None, expected: str | None) -> None:
    """Somebody who guesses passwords does not keep an account alive."""
    body = {"id": "x"} if activity is None else {"id": "x", "signInActivity": activity}

    found = last_sign_in(body)

    assert (found.date().isoformat() if found else None) == expected


def test_a_user_without_an_id_leaves_the_list_open(read: Read, directory: AzureEstate) -> None:
    """Nobody could tell it from another; those before it are known."""
    directory.answers[USERS] = [user("ann"), user("bob", id=None)]

    reading = read(COLLECTOR)

    assert [fact.resource.name for fact in reading.facts(User)] == ["ann@example.com"]
    assert isinstance(reading.documents.complete(USER, "directory"), Unread)
    assert isinstance(reading.fact(UserDirectory, TENANT).listed, Unread)


def test_an_answer_without_a_count_counts_nothing(read: Read, directory: AzureEstate) -> None:
    """The listing is whole, and nobody else has counted it."""
    directory.answers[USERS] = {"value": [user("ann")]}

    counts = read(COLLECTOR).fact(UserDirectory, TENANT)

    assert counts.listed == 1
    assert isinstance(counts.counted_by_provider, Unread)
    assert counts.counted_by_provider.error == "the answer holds no count"
