"""aws.secrets"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from agent.demo.loopback import Faults
from collectors.aws import secrets
from collectors.aws.secrets import COLLECTOR, SECRET, current_since, name_in, rotation_days, was_changed
from collectors.facts.core import Reason, Unread
from collectors.facts.data_access import Sharing
from collectors.facts.rights import EVERYBODY, StoreAccess
from collectors.facts.stores import Secret
from collectors.testing import Reading

Read = Callable[..., Reading]
Client = Callable[..., Any]


def test_a_region_without_secrets_is_a_complete_listing(read: Read) -> None:
    """Empty is proven, not assumed."""
    reading = read(COLLECTOR)

    assert reading.facts(Secret) == []
    assert [(listing.kind, listing.items) for listing in reading.page.listings] == [(SECRET.name, 0)]


def test_a_secret_that_never_changed(read: Read, client: Client) -> None:
    """One version is the first: nothing more has to be asked than its policy, and no value is."""
    client("secretsmanager").create_secret(Name="app/database", SecretString="hunter2")

    reading = read(COLLECTOR)
    found = reading.fact(Secret, "app/database")

    assert (found.rotates, found.rotation_days, found.changed) == (False, None, None)
    assert isinstance(found.created, datetime)
    assert reading.operations() == {"secretsmanager:ListSecrets", "secretsmanager:GetResourcePolicy"}
    assert "hunter2" not in repr(reading.page)


def test_a_secret_with_a_new_value(read: Read, client: Client) -> None:
    """The date is that of the version that readers get."""
    manager = client("secretsmanager")
    manager.create_secret(Name="token", SecretString="one")
    manager.put_secret_value(SecretId="token", SecretString="two")

    found = read(COLLECTOR).fact(Secret, "token")

    assert isinstance(found.changed, datetime)
    assert abs(datetime.now(UTC) - found.changed) < timedelta(minutes=1)


def test_a_new_tag_is_no_new_value(read: Read, client: Client) -> None:
    """Touching a secret does not make its value younger."""
    manager = client("secretsmanager")
    manager.create_secret(Name="token", SecretString="one")
    manager.tag_resource(SecretId="token", Tags=[{"Key": "team", "Value": "core"}])

    assert read(COLLECTOR).fact(Secret, "token").changed is None


def test_a_secret_that_rotates(read: Read, client: Client) -> None:
    """Schedule and switch come from the listing."""
    manager = client("secretsmanager")
    manager.create_secret(Name="rotating", SecretString="one")
    manager.rotate_secret(SecretId="rotating", RotationRules={"AutomaticallyAfterDays": 30})

    found = read(COLLECTOR).fact(Secret, "rotating")

    assert (found.rotates, found.rotation_days) == (True, 30)


def test_all_pages_are_read(read: Read, client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """Three secrets on two pages are three facts and one complete listing."""
    for number in range(3):
        client("secretsmanager").create_secret(Name=f"secret-{number}", SecretString="x")
    monkeypatch.setattr(secrets, "PAGE", 2)

    reading = read(COLLECTOR)

    assert len(reading.facts(Secret)) == 3
    listed = [call for call in reading.page.calls if call.operation == "ListSecrets"]
    assert [(call.pages, call.complete) for call in listed] == [(2, True)]


def test_a_listing_cut_off_after_a_page_is_not_complete(
    read: Read, client: Client, faults: Faults, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was read stays, and the rest is not taken for empty."""
    for number in range(3):
        client("secretsmanager").create_secret(Name=f"secret-{number}", SecretString="x")
    monkeypatch.setattr(secrets, "PAGE", 2)
    faults.deny.add("secretsmanager:ListSecrets")
    faults.after = 1

    reading = read(COLLECTOR)
    unread = reading.documents.complete(SECRET, "us-east-1")

    assert len(reading.facts(Secret)) == 2
    assert unread is not None
    assert unread.reason is Reason.PARTIAL_LISTING


def test_a_denied_listing_leaves_the_population_unknown(read: Read, client: Client, faults: Faults) -> None:
    """No secret is known, and that is said."""
    client("secretsmanager").create_secret(Name="token", SecretString="one")
    faults.deny.add("secretsmanager:ListSecrets")

    unread = read(COLLECTOR).documents.complete(SECRET, "us-east-1")

    assert unread is not None
    assert (unread.reason, unread.operation) == (Reason.PERMISSION_DENIED, "secretsmanager:ListSecrets")


@pytest.mark.parametrize("fault", ["deny", "garble"])
def test_unread_versions_leave_only_the_change_unread(read: Read, client: Client, faults: Faults, fault: str) -> None:
    """The value was changed, and when is not known: neither "never" nor "now"."""
    manager = client("secretsmanager")
    manager.create_secret(Name="token", SecretString="one")
    manager.put_secret_value(SecretId="token", SecretString="two")
    getattr(faults, fault).add("secretsmanager:ListSecretVersionIds")

    found = read(COLLECTOR).fact(Secret, "token")

    assert isinstance(found.changed, Unread)
    assert found.changed.operation == "secretsmanager:ListSecretVersionIds"
    assert isinstance(found.created, datetime)
    assert found.rotates is False


@pytest.mark.parametrize(
    ("rules", "days"),
    [
        ({"AutomaticallyAfterDays": 30, "ScheduleExpression": "cron(0 8 1 * ? *)"}, 30),
        ({"ScheduleExpression": "rate(10 days)"}, 10),
        ({"ScheduleExpression": "rate(1 day)"}, 1),
        ({"ScheduleExpression": "rate(4 hours)"}, 1),
        ({"ScheduleExpression": "rate(36 hours)"}, 2),
        ({"ScheduleExpression": "cron(0 8 1 * ? *)"}, None),
    ],
)
def test_schedules_in_days(rules: dict[str, Any], days: int | None) -> None:
    """Days as AWS worked them out, or as the schedule tells; a calendar tells none."""
    assert rotation_days({"RotationEnabled": True, "RotationRules": rules}) == days


def test_rotation_that_is_on_must_have_rules() -> None:
    """Rotation without rules is malformed; switched off, its old rules do not count."""
    with pytest.raises(KeyError):
        rotation_days({"RotationEnabled": True})
    assert rotation_days({"RotationEnabled": False, "RotationRules": {"AutomaticallyAfterDays": 30}}) is None


def test_the_current_version_is_the_one_with_the_label() -> None:
    """A pending version is not in force yet; without any current one the date is not known."""
    pending = {"CreatedDate": "2026-02-01T00:00:00+00:00", "VersionStages": ["AWSPENDING"]}
    current = {"CreatedDate": "2026-01-01T00:00:00+00:00", "VersionStages": ["AWSCURRENT", "live"]}

    assert current_since({"Versions": [pending, current]}) == datetime(2026, 1, 1, tzinfo=UTC)
    with pytest.raises(ValueError, match="unpack"):
        current_since({"Versions": [pending]})


def test_a_secret_without_a_value_was_not_changed() -> None:
    """AWS leaves the labels out where there is no version."""
    assert was_changed({}) is False
    assert was_changed({"SecretVersionsToStages": {"a": ["AWSCURRENT"]}}) is False
    assert was_changed({"SecretVersionsToStages": {"a": ["AWSCURRENT"], "b": ["AWSPREVIOUS"]}}) is True


def test_names_are_told_apart_from_their_random_end() -> None:
    """Slashes and hyphens belong to the name."""
    assert name_in("arn:aws:secretsmanager:us-east-1:123456789012:secret:app/my-db-AbCdEf") == "app/my-db"


def test_whom_secrets_let_in(read: Read, client: Client, faults: Faults) -> None:
    """Without a policy nobody but the account; with a statement for everybody, everybody."""
    manager = client("secretsmanager")
    for name in ("kept", "open"):
        manager.create_secret(Name=name, SecretString="made-up")
    statement = {"Effect": "Allow", "Principal": "*", "Action": "secretsmanager:GetSecretValue", "Resource": "*"}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    manager.put_resource_policy(SecretId="open", ResourcePolicy=policy)

    reading = read(COLLECTOR)

    assert reading.fact(Sharing, "kept").everybody is False
    assert reading.fact(Sharing, "open").everybody is True
    access = reading.fact(StoreAccess, "kept")
    assert (access.store, access.named, access.by_identity) == ("secret", (), True)
    assert reading.fact(StoreAccess, "open").named == (EVERYBODY,)

    faults.deny.add("secretsmanager:GetResourcePolicy")
    denied = read(COLLECTOR).fact(Sharing, "kept").everybody

    assert isinstance(denied, Unread)
    assert denied.permission == "secretsmanager:GetResourcePolicy"
    lost = read(COLLECTOR).fact(StoreAccess, "kept")
    assert isinstance(lost.named, Unread)
    assert isinstance(lost.by_identity, Unread)
