"""The root user, every IAM user with its second factors, password and keys, and how many there should be."""

from __future__ import annotations

import csv
import io
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any

from collectors.api import Body, Collector, Document, Kind, Then
from collectors.aws.session import Reader
from collectors.documents import Documents, when
from collectors.facts.core import Fact, Reason, Unread
from collectors.facts.identity import AccessKey, RootUser, User, UserDirectory

SUMMARY = Kind("aws.iam.account_summary", "iam", "GetAccountSummary")
GENERATE = Kind("aws.iam.credential_report_state", "iam", "GenerateCredentialReport")
REPORT = Kind(
    "aws.iam.credential_report",
    "iam",
    "GetCredentialReport",
    # made anew every 4 hours, and most of its columns are dates of last use
    volatile=("*",),
)
USER = Kind("aws.iam.user", "iam", "ListUsers", items="Users", volatile=("PasswordLastUsed",))
GRANTS = Kind("aws.iam.user_grants", "iam", "GetAccountAuthorizationDetails", items="UserDetailList")
MFA = Kind("aws.iam.user_mfa_devices", "iam", "ListMFADevices", items="MFADevices")
LOGIN = Kind("aws.iam.user_login_profile", "iam", "GetLoginProfile", absent=("NoSuchEntity",))
KEY = Kind("aws.iam.access_key", "iam", "ListAccessKeys", items="AccessKeyMetadata", within=USER)
KEY_USE = Kind("aws.iam.access_key_last_used", "iam", "GetAccessKeyLastUsed", volatile=("AccessKeyLastUsed",))

PAGE = 1000
"""Most items that IAM puts into one answer."""
KEY_PATH = "/access-key/"
"""Between the user's ARN and the id of a key, which has no ARN of its own."""
PAUSES = (0.2, 0.5, 1.0, 2.0, 4.0, 8.0, 15.0)
"""Seconds between two looks at the state of the credential report, which takes seconds, seldom minutes."""
ROOT = "<root_account>"
"""The report's name of the root user."""
KEY_SLOTS = ("access_key_1", "access_key_2")
NEVER = frozenset({"N/A", "no_information"})
"""The report's words for a date that is not there: never used, or not since AWS began to note it."""
UNTOLD = NEVER | {"not_supported"}


def fetch(aws: Reader) -> Iterator[Document | Then]:
    """The provider's counts, and right after them the listing that is held against them; then each user."""
    yield Then(credential_report, (), REPORT.operation)
    yield Then(grants, (), GRANTS.operation)
    yield from aws.read(SUMMARY, root_uid(aws.partition, aws.account))
    for user in aws.listing(USER, MaxItems=PAGE):
        yield aws.document(USER, user["Arn"], user)
        yield Then(details, (user["Arn"], user["UserName"]), user["Arn"])


def details(aws: Reader, uid: str, name: str) -> Iterator[Document]:
    """What a user signs in with."""
    yield from aws.gather(MFA, uid, UserName=name)
    yield from aws.read(LOGIN, uid, UserName=name)
    for key in aws.listing(KEY, within=uid, UserName=name):
        key_uid = uid + KEY_PATH + key["AccessKeyId"]
        yield aws.document(KEY, key_uid, key)
        yield from aws.read(KEY_USE, key_uid, AccessKeyId=key["AccessKeyId"])


def grants(aws: Reader) -> Iterator[Document]:
    """Groups and policies of all users in few calls, instead of two calls per user."""
    for user in aws.listing(GRANTS, Filter=["User"], MaxItems=PAGE):
        yield aws.document(GRANTS, user["Arn"], user)


def credential_report(aws: Reader) -> Iterator[Document]:
    """The report, its CSV as rows, once AWS says that it is complete.

    A report that does not get ready in time is asked for all the same.  AWS then answers with the one before,
    or refuses when that is older than 4 hours, and the refusal is the gap.
    """
    uid = root_uid(aws.partition, aws.account)
    for pause in (*PAUSES, 0.0):
        states = [state.body["State"] for state in aws.read(GENERATE, uid)]
        if not states or states == ["COMPLETE"]:
            break
        time.sleep(pause)
    for report in aws.read(REPORT, uid):
        body = {key: value for key, value in report.body.items() if key != "Content"}
        yield replace(report, body={**body, "Rows": rows(report.body["Content"])})


def rows(content: bytes) -> list[dict[str, str]]:
    """The lines of a report by column.  Raises ValueError for a line that does not fit the header."""
    header, *lines = csv.reader(io.StringIO(content.decode()))
    return [dict(zip(header, line, strict=True)) for line in lines]


def root_uid(partition: str, account: str) -> str:
    """The ARN of an account's root user, by which IAM also names the account as a whole."""
    return f"arn:{partition}:iam::{account}:root"


def shape(docs: Documents) -> Iterator[Fact]:
    """The root user, the counts, and one fact per user and per access key."""
    root = root_uid(docs.partition, docs.account)
    yield RootUser(
        resource=docs.resource("user", root, "root", "global"),
        documents=docs.about(root),
        has_mfa=docs.value(SUMMARY, root, lambda body: flag(body, "AccountMFAEnabled")),
        has_password=docs.value(SUMMARY, root, lambda body: flag(body, "AccountPasswordPresent")),
        active_keys=_root_keys(docs, root),
        last_used=docs.value(REPORT, root, lambda body: newest_use(row_of(body, "user", ROOT))),
    )
    listed = docs.complete(USER, "global") or sum(1 for _ in docs.of(USER))
    yield UserDirectory(
        resource=docs.resource("account", root, docs.account, "global"),
        documents=docs.about(root),
        listed=listed,
        counted_by_provider=docs.value(SUMMARY, root, lambda body: int(body["SummaryMap"]["Users"])),
        reported=docs.value(REPORT, root, lambda body: sum(row["user"] != ROOT for row in body["Rows"])),
        report_generated=docs.value(REPORT, root, lambda body: when(body["GeneratedTime"])),
    )
    for user in docs.of(USER):
        yield _user(docs, user, root)
    for key in docs.of(KEY):
        yield _access_key(docs, key)


def _root_keys(docs: Documents, root: str) -> int | Unread:
    """Active keys of root: the summary tells whether there is any, the report which of them work."""
    present = docs.value(SUMMARY, root, lambda body: flag(body, "AccountAccessKeysPresent"))
    if isinstance(present, Unread):
        return present
    if not present:
        return 0
    slots = docs.value(REPORT, root, lambda body: keys_in(row_of(body, "user", ROOT)))
    if isinstance(slots, Unread):
        return slots
    if not slots:
        said = "the report does not hold the key that GetAccountSummary counts"
        return Unread(Reason.PARTIAL_LISTING, REPORT.call, REPORT.needs, said)
    return sum(slots)


def _user(docs: Documents, user: Document, root: str) -> User:
    uid = user.uid
    return User(
        resource=docs.resource("user", uid, user.body["UserName"], "global"),
        documents=docs.about(uid, *docs.of(REPORT)),
        created=docs.field(USER, user, lambda body: when(body["CreateDate"])),
        can_sign_in=docs.value(LOGIN, uid, lambda body: password_since(body) is not None),
        has_mfa=docs.value(MFA, uid, lambda body: len(body["MFADevices"]) > 0),
        mfa_devices=docs.value(MFA, uid, lambda body: len(body["MFADevices"])),
        password_last_used=docs.field(USER, user, password_last_used),
        password_changed=_password_changed(docs, uid, root),
        direct_policies=docs.value(GRANTS, uid, direct_policies),
        guest=False,  # people of other accounts take roles; an IAM user is always the account's own
        invited_since=None,
    )


def _password_changed(docs: Documents, uid: str, root: str) -> datetime | None | Unread:
    """When the password was set.

    The login profile only tells when there first was one.  Later changes stand in the report, which in turn
    lacks a user made since.
    """
    since = docs.value(LOGIN, uid, password_since)
    if since is None or isinstance(since, Unread):
        return since
    changed = docs.value(REPORT, root, lambda body: reported_change(body, uid))
    if isinstance(changed, Unread):
        return changed
    return since if changed is None else max(since, changed)


def _access_key(docs: Documents, key: Document) -> AccessKey:
    owner, _, key_id = key.uid.rpartition(KEY_PATH)
    return AccessKey(
        resource=docs.resource("access_key", key.uid, key_id, "global"),
        documents=docs.about(key.uid),
        owner=owner.rpartition("/")[2],
        active=docs.field(KEY, key, is_active),
        created=docs.field(KEY, key, lambda body: when(body["CreateDate"])),
        last_used=docs.value(KEY_USE, key.uid, key_last_used),
        expires=None,  # a key of IAM works until somebody deactivates it
    )


def flag(body: Body, name: str) -> bool:
    """A number of the account summary that stands for yes or no."""
    return int(body["SummaryMap"][name]) > 0


def row_of(body: Body, column: str, value: str) -> dict[str, str]:
    """The one row of the report with this value.  Raises ValueError when there is none, or more."""
    found = [row for row in body["Rows"] if row[column] == value]
    if len(found) != 1:
        raise ValueError(f"the report has {len(found)} rows of {value}")
    return dict(found[0])


def keys_in(row: dict[str, str]) -> list[bool]:
    """For each key that a row of the report tells of: whether it works."""
    words = {"true": True, "false": False}
    slots = [(words[row[f"{slot}_active"]], row[f"{slot}_last_rotated"]) for slot in KEY_SLOTS]
    return [active for active, rotated in slots if active or rotated not in NEVER]


def newest_use(row: dict[str, str]) -> datetime | None:
    """When a row's password or keys were last used; None when none of them ever was."""
    dates = [row["password_last_used"], *(row[f"{slot}_last_used_date"] for slot in KEY_SLOTS)]
    return max((when(date) for date in dates if date not in NEVER), default=None)


def reported_change(body: Body, uid: str) -> datetime | None:
    """When a user's password was set, by the report; None when it does not know the user or the date."""
    found = [row for row in body["Rows"] if row["arn"] == uid]
    changed = found[0]["password_last_changed"] if found else "N/A"
    return None if changed in UNTOLD else when(changed)


def password_since(body: Body) -> datetime | None:
    """Since when there has been a console password; None without one."""
    return None if "absent" in body else when(body["LoginProfile"]["CreateDate"])


def password_last_used(body: Body) -> datetime | None:
    """Newest sign-in with the password.  IAM leaves the date out when there was none."""
    used = body.get("PasswordLastUsed")
    return None if used is None else when(used)


def key_last_used(body: Body) -> datetime | None:
    """Newest use of an access key.  IAM leaves the date out when there was none."""
    used = body["AccessKeyLastUsed"].get("LastUsedDate")
    return None if used is None else when(used)


def is_active(body: Body) -> bool:
    """The key works: it was neither deactivated nor has it expired.  Any other word is malformed."""
    return {"Active": True, "Inactive": False, "Expired": False}[body["Status"]]


def direct_policies(body: Body) -> tuple[str, ...]:
    """Names of the policies attached to the user itself, and of those written into it."""
    # IAM leaves the list of inline policies out for a user that has none
    held: list[Any] = [*body["AttachedManagedPolicies"], *body.get("UserPolicyList", [])]
    return tuple(sorted(policy["PolicyName"] for policy in held))


COLLECTOR = Collector(
    id="aws.iam_users",
    title="The root user, IAM users and their credentials",
    scope="global",
    kinds=(SUMMARY, GENERATE, REPORT, USER, GRANTS, MFA, LOGIN, KEY, KEY_USE),
    emits={RootUser: None, UserDirectory: None, User: USER, AccessKey: KEY},
    source="AWS IAM API 2010-05-08",
    fetch=fetch,
    shape=shape,
)
