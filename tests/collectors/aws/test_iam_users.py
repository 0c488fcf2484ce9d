"""aws.iam_users"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from agent.demo.loopback import Faults
from collectors.api import Document
from collectors.aws import iam_users
from collectors.aws.iam_users import (
    COLLECTOR,
    KEY,
    REPORT,
    ROOT,
    SUMMARY,
    USER,
    direct_policies,
    is_active,
    keys_in,
    newest_use,
    reported_change,
    rows,
)
from collectors.facts.core import Reason, Unread
from collectors.facts.identity import AccessKey, RootUser, User, UserDirectory
from collectors.provenance import Identity, Page
from collectors.testing import Reading

Read = Callable[..., Reading]
Client = Callable[..., Any]

ACCOUNT = "123456789012"
ROOT_UID = f"arn:aws:iam::{ACCOUNT}:root"
ROOT_ROW = {
    "user": ROOT,
    "arn": ROOT_UID,
    "password_last_used": "no_information",
    "password_last_changed": "not_supported",
    "access_key_1_active": "false",
    "access_key_1_last_rotated": "N/A",
    "access_key_1_last_used_date": "N/A",
    "access_key_2_active": "false",
    "access_key_2_last_rotated": "N/A",
    "access_key_2_last_used_date": "N/A",
}
USED = "2026-03-01T10:00:00+00:00"
SUMMARY_MAP = {"Users": 1, "AccountMFAEnabled": 1, "AccountPasswordPresent": 1, "AccountAccessKeysPresent": 0}


@pytest.fixture(autouse=True)
def _no_provider_policies(monkeypatch: pytest.MonkeyPatch) -> None:
    """The account that the next fixture empties is spared a thousand policies that take a second to load."""
    monkeypatch.setenv("MOTO_IAM_LOAD_MANAGED_POLICIES", "false")


def answered(summary: dict[str, int], *report: dict[str, str]) -> Reading:
    """What is read when AWS answers with these counts and this report, whose root row the loopback lacks."""
    body = {"Rows": list(report), "GeneratedTime": USED}
    documents = [
        Document(SUMMARY.name, ROOT_UID, "global", {"SummaryMap": {**SUMMARY_MAP, **summary}}),
        Document(REPORT.name, ROOT_UID, "global", body),
    ]
    return Reading(COLLECTOR, Identity("aws", ACCOUNT, "", "aws"), ("global",), Page(documents=documents))


def root(reading: Reading) -> RootUser:
    """The one root user."""
    return reading.fact(RootUser, "root")


def operation_of(value: object) -> str:
    """The operation that was not read; a value that was read has none."""
    return value.operation if isinstance(value, Unread) else f"read: {value}"


def test_an_account_without_users_is_a_complete_listing(read: Read) -> None:
    """Empty is proven, not assumed, and counted three times."""
    reading = read(COLLECTOR)

    assert reading.facts(User) == []
    assert reading.facts(AccessKey) == []
    assert reading.documents.complete(USER, "global") is None
    assert reading.documents.complete(KEY, "global") is None
    directory = reading.fact(UserDirectory, ACCOUNT)
    assert (directory.listed, directory.counted_by_provider, directory.reported) == (0, 0, 0)
    assert root(reading).has_mfa is False
    assert root(reading).active_keys == 0
    assert reading.page.gaps == []


def test_a_person_with_password_second_factor_and_key(read: Read, client: Client) -> None:
    """Each credential is read from its own answer."""
    iam = client("iam")
    iam.create_user(UserName="alice", Path="/people/")
    iam.create_login_profile(UserName="alice", Password="Corr3ct-Horse")
    serial = iam.create_virtual_mfa_device(VirtualMFADeviceName="alice")["VirtualMFADevice"]["SerialNumber"]
    iam.enable_mfa_device(
        UserName="alice", SerialNumber=serial, AuthenticationCode1="123456", AuthenticationCode2="654321"
    )
    key = iam.create_access_key(UserName="alice")["AccessKey"]

    reading = read(COLLECTOR)

    user = reading.fact(User, "alice")
    assert user.resource.uid == f"arn:aws:iam::{ACCOUNT}:user/people/alice"
    assert (user.can_sign_in, user.has_mfa, user.mfa_devices) == (True, True, 1)
    assert user.password_last_used is None
    assert isinstance(user.password_changed, datetime)
    assert user.direct_policies == ()
    found = reading.fact(AccessKey, key["AccessKeyId"])
    assert (found.owner, found.active, found.last_used) == ("alice", True, None)
    assert found.created == key["CreateDate"].replace(microsecond=found.created.microsecond)  # type: ignore[union-attr]
    assert key["SecretAccessKey"] not in repr(reading.page)


def test_a_workload_with_an_inactive_key_and_policies_of_its_own(read: Read, client: Client) -> None:
    """No password is an answer; policies of groups are not the user's own."""
    iam = client("iam")
    iam.create_user(UserName="robot")
    key = iam.create_access_key(UserName="robot")["AccessKey"]["AccessKeyId"]
    iam.update_access_key(UserName="robot", AccessKeyId=key, Status="Inactive")
    nothing = '{"Version": "2012-10-17", "Statement": {"Effect": "Deny", "Action": "*", "Resource": "*"}}'
    attached = iam.create_policy(PolicyName="attached", PolicyDocument=nothing)["Policy"]["Arn"]
    iam.attach_user_policy(UserName="robot", PolicyArn=attached)
    iam.put_user_policy(UserName="robot", PolicyName="written", PolicyDocument=nothing)
    iam.create_group(GroupName="robots")
    iam.put_group_policy(GroupName="robots", PolicyName="shared", PolicyDocument=nothing)
    iam.add_user_to_group(GroupName="robots", UserName="robot")

    reading = read(COLLECTOR)

    user = reading.fact(User, "robot")
    assert (user.can_sign_in, user.has_mfa, user.password_changed) == (False, False, None)
    assert user.direct_policies == ("attached", "written")
    assert reading.fact(AccessKey, key).active is False
    assert reading.page.gaps == []


def test_a_used_key_tells_when(read: Read, client: Client) -> None:
    """The key that signs a request is used from then on."""
    iam = client("iam")
    iam.create_user(UserName="robot")
    used = iam.create_access_key(UserName="robot")["AccessKey"]
    signed = client("iam")
    signed._request_signer._credentials.access_key = used["AccessKeyId"]
    signed._request_signer._credentials.secret_key = used["SecretAccessKey"]
    signed.get_user(UserName="robot")

    last = read(COLLECTOR).fact(AccessKey, used["AccessKeyId"]).last_used

    assert isinstance(last, datetime)
    assert abs((datetime.now(UTC) - last).total_seconds()) < 60


def test_the_three_counts_agree(read: Read, client: Client) -> None:
    """Listing, summary and report see the same users."""
    for name in ("alice", "bob"):
        client("iam").create_user(UserName=name)

    directory = read(COLLECTOR).fact(UserDirectory, ACCOUNT)

    assert (directory.listed, directory.counted_by_provider, directory.reported) == (2, 2, 2)
    assert isinstance(directory.report_generated, datetime)


def test_few_calls_for_many_users(read: Read, client: Client) -> None:
    """Policies of all users come from one call, not from two calls per user."""
    for number in range(4):
        client("iam").create_user(UserName=f"user-{number}")

    calls = [call.operation for call in read(COLLECTOR).page.calls]

    assert calls.count("GetAccountAuthorizationDetails") == 1
    assert len(calls) <= 6 + 3 * 4


def test_a_denied_listing_leaves_users_keys_and_count_unknown(read: Read, client: Client, faults: Faults) -> None:
    """Nobody is known, which is not the same as nobody."""
    client("iam").create_user(UserName="alice")
    faults.deny.add("iam:ListUsers")

    reading = read(COLLECTOR)

    denied = Unread(Reason.PERMISSION_DENIED, "iam:ListUsers", "iam:ListUsers", "AccessDenied")
    assert reading.documents.complete(USER, "global") == denied
    assert reading.documents.complete(KEY, "global") == denied
    directory = reading.fact(UserDirectory, ACCOUNT)
    assert directory.listed == denied
    assert directory.counted_by_provider == 1


def test_denied_keys_of_a_user_leave_all_keys_unlisted(read: Read, client: Client, faults: Faults) -> None:
    """One user's keys that may not be listed are keys that nobody judges."""
    client("iam").create_user(UserName="alice")
    faults.deny.add("iam:ListAccessKeys")

    reading = read(COLLECTOR)
    unread = reading.documents.complete(KEY, "global")

    assert unread is not None
    assert unread.operation == "iam:ListAccessKeys"
    assert reading.documents.complete(USER, "global") is None


@pytest.mark.parametrize(
    ("operation", "fields"),
    [
        ("ListMFADevices", {"has_mfa", "mfa_devices"}),
        ("GetLoginProfile", {"can_sign_in", "password_changed"}),
        ("GetAccountAuthorizationDetails", {"direct_policies"}),
        ("GetCredentialReport", {"password_changed"}),
    ],
)
@pytest.mark.parametrize("fault", ["deny", "garble"])
def test_an_unread_detail_covers_exactly_its_fields(
    read: Read, client: Client, faults: Faults, operation: str, fields: set[str], fault: str
) -> None:
    """A gap never spreads to what other answers tell, and never turns into a value."""
    iam = client("iam")
    iam.create_user(UserName="alice")
    iam.create_login_profile(UserName="alice", Password="Corr3ct-Horse")
    getattr(faults, fault).add(f"iam:{operation}")

    user = read(COLLECTOR).fact(User, "alice")

    names = ("created", "can_sign_in", "has_mfa", "mfa_devices", "password_last_used", "password_changed")
    values = {name: getattr(user, name) for name in (*names, "direct_policies")}
    unread = {name: value for name, value in values.items() if isinstance(value, Unread)}
    assert set(unread) == fields
    assert {value.operation for value in unread.values()} == {f"iam:{operation}"}


def test_the_last_use_of_a_key_that_may_not_be_read(read: Read, client: Client, faults: Faults) -> None:
    """It is unread, not "never used"."""
    iam = client("iam")
    iam.create_user(UserName="robot")
    key = iam.create_access_key(UserName="robot")["AccessKey"]["AccessKeyId"]
    faults.deny.add("iam:GetAccessKeyLastUsed")

    found = read(COLLECTOR).fact(AccessKey, key)

    assert isinstance(found.last_used, Unread)
    assert found.active is True


def test_a_denied_summary_and_a_denied_report(read: Read, faults: Faults) -> None:
    """Each leaves its own fields of the root user and of the counts unread."""
    faults.deny |= {"iam:GetAccountSummary", "iam:GetCredentialReport"}

    reading = read(COLLECTOR)

    directory = reading.fact(UserDirectory, ACCOUNT)
    current = (root(reading).has_mfa, root(reading).active_keys, directory.counted_by_provider)
    reported = (root(reading).last_used, directory.reported, directory.report_generated)
    assert {operation_of(value) for value in current} == {"iam:GetAccountSummary"}
    assert {operation_of(value) for value in reported} == {"iam:GetCredentialReport"}
    assert directory.listed == 0


def test_a_report_that_may_not_be_made_is_a_gap(read: Read, faults: Faults) -> None:
    """Without a report, AWS says that there is none yet: that is no answer about anybody."""
    faults.deny.add("iam:GenerateCredentialReport")

    reading = read(COLLECTOR)
    last_used = root(reading).last_used

    assert isinstance(last_used, Unread)
    assert last_used.error == "ReportNotPresent"
    assert {gap.operation for gap in reading.page.gaps} == {
        "iam:GenerateCredentialReport",
        "iam:GetCredentialReport",
    }


def test_waiting_for_a_report_ends(read: Read, faults: Faults, monkeypatch: pytest.MonkeyPatch) -> None:
    """A report that never gets ready is asked about a bounded number of times."""
    monkeypatch.setattr("moto.iam.models.IAMBackend.report_generated", lambda _: False)
    monkeypatch.setattr(iam_users, "PAUSES", (0.0, 0.0))

    read(COLLECTOR)

    assert faults.calls["iam:GenerateCredentialReport"] == 3
    assert faults.calls["iam:GetCredentialReport"] == 1


def test_a_malformed_report_is_a_gap(read: Read, monkeypatch: pytest.MonkeyPatch) -> None:
    """Rows that do not fit the header are not guessed at."""
    monkeypatch.setattr("moto.iam.models.IAMBackend.get_credential_report", lambda _: "user,arn\nalice\n")

    reading = read(COLLECTOR)

    assert isinstance(reading.fact(UserDirectory, ACCOUNT).reported, Unread)
    assert [gap.operation for gap in reading.page.gaps] == ["aws.iam_users/global/GetCredentialReport"]


def test_the_root_user_of_a_guarded_account() -> None:
    """MFA and password from the summary, last use from the report."""
    reading = answered({}, {**ROOT_ROW, "password_last_used": USED})

    found = root(reading)
    assert (found.has_mfa, found.has_password, found.active_keys) == (True, True, 0)
    assert found.last_used == datetime(2026, 3, 1, 10, tzinfo=UTC)
    assert found.resource.uid == ROOT_UID
    assert len(found.documents) == 2


def test_a_summary_that_does_not_know_of_passwords_leaves_that_unread(read: Read) -> None:
    """An endpoint without the field tells nothing about a password."""
    assert isinstance(root(read(COLLECTOR)).has_password, Unread)


@pytest.mark.parametrize(
    ("slots", "keys"),
    [
        ({"access_key_1_active": "true", "access_key_1_last_rotated": USED}, 1),
        ({"access_key_1_active": "true", "access_key_2_active": "true"}, 2),
        ({"access_key_1_active": "false", "access_key_1_last_rotated": USED}, 0),
    ],
)
def test_root_keys_are_those_that_work(slots: dict[str, str], keys: int) -> None:
    """The summary counts inactive keys too; the report tells them apart."""
    assert root(answered({"AccountAccessKeysPresent": 1}, {**ROOT_ROW, **slots})).active_keys == keys


def test_a_root_key_that_the_report_does_not_know_yet() -> None:
    """The summary is newer than the report: there is a key, and whether it works is not known."""
    found = root(answered({"AccountAccessKeysPresent": 1}, ROOT_ROW)).active_keys

    assert isinstance(found, Unread)
    assert found.operation == "iam:GetCredentialReport"


def test_a_report_without_the_root_user_tells_nothing_about_it() -> None:
    """A missing row is not "never used"."""
    found = root(answered({})).last_used

    assert isinstance(found, Unread)
    assert "0 rows of <root_account>" in found.error


@pytest.mark.parametrize(
    ("row", "newest"),
    [
        ({}, None),
        ({"password_last_used": "N/A"}, None),
        ({"access_key_2_last_used_date": USED}, datetime(2026, 3, 1, 10, tzinfo=UTC)),
        (
            {"password_last_used": USED, "access_key_1_last_used_date": "2026-04-01T00:00:00+00:00"},
            datetime(2026, 4, 1, tzinfo=UTC),
        ),
    ],
)
def test_the_newest_use_of_any_credential(row: dict[str, str], newest: datetime | None) -> None:
    """Password and both keys count."""
    assert newest_use({**ROOT_ROW, **row}) == newest


@pytest.mark.parametrize("word", ["", "yesterday", "2026-03-01T10:00:00"])
def test_a_date_that_is_none_is_malformed(word: str) -> None:
    """Only the documented words mean "never"."""
    with pytest.raises(ValueError, match=r"isoformat|time zone"):
        newest_use({**ROOT_ROW, "password_last_used": word})


def test_a_key_is_active_inactive_or_malformed() -> None:
    """A word that is not documented is no "no"."""
    assert [is_active({"Status": status}) for status in ("Active", "Inactive", "Expired")] == [
        True,
        False,
        False,
    ]
    with pytest.raises(KeyError):
        is_active({"Status": "Paused"})
    with pytest.raises(KeyError):
        keys_in({**ROOT_ROW, "access_key_1_active": "TRUE?"})


def test_a_password_change_by_the_report() -> None:
    """Known, not told, or a user that the report does not know yet."""
    uid = f"arn:aws:iam::{ACCOUNT}:user/alice"
    row = {"arn": uid, "password_last_changed": USED}

    assert reported_change({"Rows": [row]}, uid) == datetime(2026, 3, 1, 10, tzinfo=UTC)
    assert reported_change({"Rows": [{**row, "password_last_changed": "not_supported"}]}, uid) is None
    assert reported_change({"Rows": []}, uid) is None


def test_a_password_that_was_reset_counts_from_then(
    read: Read, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The login profile keeps its first date; the report has the newest one."""
    iam = client("iam")
    uid = iam.create_user(UserName="alice")["User"]["Arn"]
    iam.create_login_profile(UserName="alice", Password="Corr3ct-Horse")
    report = f"user,arn,password_last_changed\nalice,{uid},2099-01-01T00:00:00+00:00\n"
    monkeypatch.setattr("moto.iam.models.IAMBackend.get_credential_report", lambda _: report)

    assert read(COLLECTOR).fact(User, "alice").password_changed == datetime(2099, 1, 1, tzinfo=UTC)


def test_rows_of_a_report() -> None:
    """Quoted commas stay inside their column; a short line is refused."""
    assert rows(b'user,arn\n"a,b",x\n') == [{"user": "a,b", "arn": "x"}]
    assert rows(b"user,arn") == []
    with pytest.raises(ValueError, match="shorter"):
        rows(b"user,arn\nalice\n")
    with pytest.raises(ValueError, match="unpack"):
        rows(b"")


def test_policies_of_a_user_must_be_told() -> None:
    """Only the list of inline policies may be left out."""
    assert direct_policies({"AttachedManagedPolicies": []}) == ()
    with pytest.raises(KeyError):
        direct_policies({"UserPolicyList": []})
