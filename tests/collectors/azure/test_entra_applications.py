"""azure.entra_applications, azure.entra_principals"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from agent.demo.azure_loopback import AzureEstate
from agent.demo.loopback_http import Fault
from collectors.api import Collector
from collectors.azure import entra_applications, entra_principals
from collectors.facts.core import Reason, Unread
from collectors.facts.directory import AppCredential, CredentialKind
from collectors.facts.identity import AccessKey
from collectors.testing import Reading

Read = Callable[[Collector], Reading]
BOTH = [
    (entra_applications.COLLECTOR, "/v1.0/applications"),
    (entra_principals.COLLECTOR, "/v1.0/serviceprincipals"),
]
FROM, TO = "2026-01-01T00:00:00Z", "2027-01-01T00:00:00Z"


def secret(id_: str, **changed: Any) -> dict[str, Any]:
    """A secret as Graph tells of it, with its first letters."""
    return {"keyId": id_, "displayName": id_, "startDateTime": FROM, "endDateTime": TO, "hint": "abC", **changed}


def certificate(id_: str, usage: str = "Verify", **changed: Any) -> dict[str, Any]:
    """A certificate as Graph tells of it."""
    return {"keyId": id_, "usage": usage, "startDateTime": FROM, "endDateTime": TO, "key": "MIIC", **changed}


def holder(name: str, *, secrets: list[Any] | None = None, certificates: list[Any] | None = None) -> dict[str, Any]:
    """An application or principal with these credentials."""
    return {
        "id": f"id-{name}",
        "appId": f"app-{name}",
        "displayName": name,
        "passwordCredentials": secrets or [],
        "keyCredentials": certificates or [],
    }


@pytest.mark.parametrize(("collector", "path"), BOTH)
def test_none_is_a_complete_listing(read: Read, estate: AzureEstate, collector: Collector, path: str) -> None:
    """Empty is proven, not assumed."""
    estate.answers[path] = []

    reading = read(collector)

    assert reading.facts(AppCredential) == []
    assert reading.facts(AccessKey) == []
    assert [listing.items for listing in reading.page.listings] == [0]


@pytest.mark.parametrize(("collector", "path"), BOTH)
def test_each_credential_becomes_a_fact(read: Read, estate: AzureEstate, collector: Collector, path: str) -> None:
    """A secret is a key as well; a certificate is none."""
    estate.answers[path] = [holder("shop", secrets=[secret("s1")], certificates=[certificate("c1", endDateTime=None)])]

    reading = read(collector)

    one = reading.fact(AppCredential, "shop: s1")
    assert (one.resource.uid, one.owner, one.kind) == ("id-shop/s1", "shop", CredentialKind.SECRET)
    assert one.expires == datetime(2027, 1, 1, tzinfo=UTC)
    other = reading.fact(AppCredential, "shop: c1")
    assert (other.kind, other.expires) == (CredentialKind.CERTIFICATE, None)
    (key,) = reading.facts(AccessKey)
    assert (key.resource.name, key.owner, key.active) == ("shop: s1", "shop", True)
    assert (key.created, key.expires) == (datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC))
    assert isinstance(key.last_used, Unread)
    assert key.last_used.reason is Reason.SERVICE_UNSUPPORTED


@pytest.mark.parametrize(("collector", "path"), BOTH)
def test_nothing_of_a_secret_is_kept(read: Read, estate: AzureEstate, collector: Collector, path: str) -> None:
    """Not even its first letters."""
    estate.answers[path] = [holder("shop", secrets=[secret("s1")], certificates=[certificate("c1")])]

    kept = repr(read(collector).page)

    assert "s1" in kept
    assert "abC" not in kept
    assert "MIIC" not in kept


def test_a_signing_certificate_is_one_credential(read: Read, estate: AzureEstate) -> None:
    """Two halves and the password that guards one of them."""
    halves = [certificate("c1", "Sign"), certificate("c2", "Verify")]
    estate.answers["/v1.0/serviceprincipals"] = [holder("sso", secrets=[secret("c1")], certificates=halves)]

    reading = read(entra_principals.COLLECTOR)

    assert [fact.resource.uid for fact in reading.facts(AppCredential)] == ["id-sso/c2"]
    assert reading.facts(AccessKey) == []


def test_what_azure_looks_after_is_not_ours_to_renew(read: Read, estate: AzureEstate) -> None:
    """A managed identity's certificates come and go by themselves."""
    managed = {**holder("vm", certificates=[certificate("c1")]), "servicePrincipalType": "ManagedIdentity"}
    own = {**holder("shop", secrets=[secret("s1")]), "servicePrincipalType": "Application"}
    estate.answers["/v1.0/serviceprincipals"] = [managed, own]

    assert [fact.owner for fact in read(entra_principals.COLLECTOR).facts(AppCredential)] == ["shop"]


@pytest.mark.parametrize(("collector", "path"), BOTH)
@pytest.mark.parametrize("lost", ["passwordCredentials", "keyCredentials"])
def test_an_answer_without_credentials_is_not_one_with_none(
    read: Read, estate: AzureEstate, collector: Collector, path: str, lost: str
) -> None:
    """The application is named, and nothing about it is known; another one stays as it is."""
    body = holder("shop", secrets=[secret("s1")])
    del body[lost]
    estate.answers[path] = [body, holder("till", secrets=[secret("s2")])]

    reading = read(collector)

    unknown = reading.fact(AppCredential, "shop")
    assert isinstance(unknown.expires, Unread)
    assert (unknown.expires.reason, unknown.expires.permission) == (Reason.PARTIAL_LISTING, "Application.Read.All")
    assert isinstance(reading.fact(AccessKey, "shop").active, Unread)
    assert reading.fact(AccessKey, "till: s2").active is True


@pytest.mark.parametrize("lost", ["startDateTime", "endDateTime"])
def test_a_date_that_is_missing_is_unread(read: Read, estate: AzureEstate, lost: str) -> None:
    """No end told is not "without an end"."""
    body = secret("s1")
    del body[lost]
    estate.answers["/v1.0/applications"] = [holder("shop", secrets=[body])]

    (key,) = read(entra_applications.COLLECTOR).facts(AccessKey)

    assert isinstance(key.created if lost == "startDateTime" else key.expires, Unread)


@pytest.mark.parametrize("kind", ["status", "malformed", "truncate", "reset"])
@pytest.mark.parametrize(("collector", "path"), BOTH)
def test_a_listing_that_breaks_off_is_not_complete(
    read: Read, estate: AzureEstate, collector: Collector, path: str, kind: str
) -> None:
    """The second page fails: what the first one held is kept, and the population is not known."""
    estate.answers[path] = [holder(name, secrets=[secret("s")]) for name in ("a", "b", "c")]
    estate.faults.append(Fault(f"GET {path}", kind=kind, after=1))

    reading = read(collector)

    assert [fact.owner for fact in reading.facts(AccessKey)] == ["a", "b"]
    (listed,) = set(collector.emits.values())
    assert listed is not None
    gap = reading.documents.complete(listed, "directory")
    assert isinstance(gap, Unread)
    assert (gap.reason, gap.permission) == (Reason.PARTIAL_LISTING, "Application.Read.All")
