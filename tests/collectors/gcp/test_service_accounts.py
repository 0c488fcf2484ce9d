"""gcp.service_accounts"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from agent.demo.gcp_loopback import PROJECT, GcpEstate, Listed
from agent.demo.loopback_http import Fault
from collectors.api import Collector
from collectors.documents import when
from collectors.facts.core import Reason, Unread
from collectors.facts.identity import AccessKey, ServiceAccount
from collectors.gcp.service_accounts import COLLECTOR
from collectors.testing import Reading

Read = Callable[[Collector], Reading]
LIST = f"iam/v1/projects/{PROJECT}/serviceAccounts"
USES = (
    f"policyanalyzer/v1/projects/{PROJECT}/locations/global/activityTypes/serviceAccountKeyLastAuthentication/"
    "activities:query"
)


@pytest.fixture(autouse=True)
def _empty(estate: GcpEstate) -> None:
    """No account, and no use of a key."""
    estate.answers[LIST] = Listed("accounts", [])
    estate.answers[USES] = Listed("activities", [])


def account(estate: GcpEstate, name: str, *keys: dict[str, Any], **body: Any) -> None:
    """An account with its keys."""
    email = f"{name}@{PROJECT}.iam.gserviceaccount.com"
    full = f"projects/{PROJECT}/serviceAccounts/{email}"
    estate.answers[LIST].items.append({"name": full, "email": email, **body})
    made = [
        {
            "name": f"{full}/keys/{name}-{number}",
            "validAfterTime": "2026-01-01T00:00:00Z",
            "validBeforeTime": "9999-12-31T23:59:59Z",
            "keyType": "USER_MANAGED",
            **key,
        }
        for number, key in enumerate(keys)
    ]
    estate.answers[f"iam/v1/{full}/keys"] = Listed("keys", made)


def test_a_project_without_accounts_is_a_complete_listing(read: Read) -> None:
    """Empty is proven."""
    reading = read(COLLECTOR)

    assert reading.facts(ServiceAccount) == []
    assert reading.page.gaps == []


def test_keys_have_their_age_their_end_and_their_last_use(read: Read, estate: GcpEstate) -> None:
    """A key that Google does not remember was never used; one that is off is no working key."""
    account(estate, "robot", {}, {"validBeforeTime": "2026-09-01T00:00:00Z"}, {"disabled": True})
    name = f"//iam.googleapis.com/projects/{PROJECT}/serviceAccounts/x/keys/robot-0"
    estate.answers[USES].items.append(
        {"fullResourceName": name, "activity": {"lastAuthenticatedTime": "2026-05-01T07:00:00Z"}}
    )

    reading = read(COLLECTOR)

    keys = {fact.resource.name: fact for fact in reading.facts(AccessKey)}
    assert {key: fact.last_used for key, fact in keys.items()} == {
        "robot-0": when("2026-05-01T07:00:00Z"),
        "robot-1": None,
        "robot-2": None,
    }
    assert (keys["robot-0"].expires, keys["robot-1"].expires) == (None, when("2026-09-01T00:00:00Z"))
    assert [keys[f"robot-{number}"].active for number in range(3)] == [True, True, False]
    assert keys["robot-0"].created == when("2026-01-01T00:00:00Z")
    (robot,) = reading.facts(ServiceAccount)
    assert (robot.member, robot.enabled, robot.own_keys) == (
        f"serviceAccount:robot@{PROJECT}.iam.gserviceaccount.com",
        True,
        2,
    )


def test_an_account_that_is_off_says_so(read: Read, estate: GcpEstate) -> None:
    """Google names only those that are disabled."""
    account(estate, "robot", disabled=True)

    (robot,) = read(COLLECTOR).facts(ServiceAccount)

    assert (robot.enabled, robot.own_keys) == (False, 0)


@pytest.mark.parametrize("kind", ["status", "malformed", "truncate", "reset"])
def test_keys_that_were_not_read_are_unread_for_that_account_alone(read: Read, estate: GcpEstate, kind: str) -> None:
    """The other account's keys are known."""
    account(estate, "one", {})
    account(estate, "two", {})
    estate.faults.append(Fault("/one@.*/keys", kind=kind))

    reading = read(COLLECTOR)

    one, two = reading.facts(ServiceAccount)
    assert isinstance(one.own_keys, Unread)
    assert (one.own_keys.operation, one.own_keys.permission) == (
        "iam:projects.serviceAccounts.keys.list",
        "iam.serviceAccountKeys.list",
    )
    assert two.own_keys == 1
    assert [fact.resource.name for fact in reading.facts(AccessKey)] == ["two-0"]
    assert [gap.listing for gap in reading.page.gaps] == [True]


@pytest.mark.parametrize("kind", ["status", "malformed", "truncate", "reset"])
def test_uses_that_were_not_read_are_unread_for_every_key(read: Read, estate: GcpEstate, kind: str) -> None:
    """That a key was never used must be told, not assumed."""
    account(estate, "one", {})
    estate.faults.append(Fault("activities:query", kind=kind))

    (key,) = read(COLLECTOR).facts(AccessKey)

    assert isinstance(key.last_used, Unread)
    assert key.last_used.permission == "policyanalyzer.serviceAccountKeyLastAuthenticationActivities.query"
    assert key.active is True


def test_a_listing_that_breaks_off_is_not_complete(read: Read, estate: GcpEstate) -> None:
    """What the first page held is kept."""
    for name in ("a", "b", "c"):
        account(estate, name)
    estate.faults.append(Fault(r"serviceAccounts\?.*pageToken"))

    reading = read(COLLECTOR)

    assert [fact.resource.name[0] for fact in reading.facts(ServiceAccount)] == ["a", "b"]
    (gap,) = reading.page.gaps
    assert (gap.reason, gap.kind) == (Reason.PARTIAL_LISTING, "gcp.iam.service_account")
    assert estate.writes == []
