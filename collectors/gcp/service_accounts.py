"""Service accounts and the keys that the company made for them: their age, their end and when they were last used."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from collectors.api import Body, Collector, Document, Then
from collectors.documents import Documents, when
from collectors.facts.core import Fact, Unread
from collectors.facts.identity import AccessKey, ServiceAccount
from collectors.gcp.kinds import rest
from collectors.gcp.names import full_name, last
from collectors.gcp.session import Reader

ACCOUNT = rest(
    "gcp.iam.service_account",
    "iam",
    "projects.serviceAccounts.list",
    "/v1/projects/{project}/serviceAccounts?pageSize=100",
    permission="iam.serviceAccounts.list",
    items="accounts",
    omits_empty=True,
    volatile=("etag",),
)
KEY = rest(
    "gcp.iam.service_account_key",
    "iam",
    "projects.serviceAccounts.keys.list",
    "/v1/{account:path}/keys?keyTypes=USER_MANAGED",
    permission="iam.serviceAccountKeys.list",
    items="keys",
    omits_empty=True,
    within=ACCOUNT,
)
USE = rest(
    "gcp.policyanalyzer.key_use",
    "policyanalyzer",
    "activities.query",
    "/v1/projects/{project}/locations/global/activityTypes/serviceAccountKeyLastAuthentication/activities:query"
    "?pageSize=1000",
    permission="policyanalyzer.serviceAccountKeyLastAuthenticationActivities.query",
    items="activities",
    omits_empty=True,
    volatile=("*",),
)
NEVER = 9999
"""The year in which a key ends that has no end: ServiceAccountKey.validBeforeTime."""


def fetch(gcp: Reader) -> Iterator[Document | Then]:
    """Every service account with its keys, and when keys were last used, which one question tells for all."""
    yield Then(uses, (), USE.name)
    for account in gcp.listing(ACCOUNT):
        uid = full_name("iam", account["name"])
        yield gcp.document(ACCOUNT, uid, account)
        yield Then(keys, (uid, account["name"]), f"{uid}/{KEY.operation}")


def keys(gcp: Reader, uid: str, name: str) -> Iterator[Document]:
    """The keys of one account that Google does not replace by itself."""
    for key in gcp.listing(KEY, within=uid, account=name):
        yield gcp.document(KEY, full_name("iam", key["name"]), key)


def uses(gcp: Reader) -> Iterator[Document]:
    """When each key was last used."""
    yield from gcp.gather(USE, full_name("iam", f"projects/{gcp.known['project']}"))


def shape(docs: Documents) -> Iterator[Fact]:
    """One fact per account and one per key."""
    used = docs.value(USE, full_name("iam", f"projects/{docs.account}"), last_uses)
    by_owner: dict[str, list[Document]] = {}
    for key in docs.of(KEY):
        owner = key.uid.rpartition("/keys/")[0]
        by_owner.setdefault(owner, []).append(key)
        yield AccessKey(
            resource=docs.resource("access_key", key.uid, last(key.uid), "global"),
            documents=docs.about(key.uid, *docs.of(USE)),
            owner=last(owner),
            active=docs.field(KEY, key, is_on),
            created=docs.field(KEY, key, lambda body: when(body["validAfterTime"])),
            last_used=used if isinstance(used, Unread) else used.get(last(key.uid)),
            expires=docs.field(KEY, key, ends),
        )
    for account in docs.of(ACCOUNT):
        own = by_owner.get(account.uid, [])
        yield ServiceAccount(
            resource=docs.resource("service_account", account.uid, last(account.uid), "global"),
            documents=docs.about(account.uid, *own),
            member=f"serviceAccount:{last(account.uid)}",
            enabled=docs.field(ACCOUNT, account, is_on),
            own_keys=docs.missed(KEY, account.uid) or sum(is_on(key.body) for key in own),
        )


def is_on(body: Body) -> bool:
    """An account or a key works unless it says otherwise: `disabled`, which is left out when false."""
    return not body.get("disabled", False)


def ends(key: Body) -> datetime | None:
    """When a key stops working by itself; None when never."""
    moment = when(key["validBeforeTime"])
    return None if moment.year == NEVER else moment


def last_uses(body: Body) -> dict[str, datetime]:
    """When keys were last used, by their id.  A key that the answer lacks was not used as far as Google remembers."""
    found = {}
    for each in body["activities"]:
        if moment := each["activity"].get("lastAuthenticatedTime"):
            found[last(each["fullResourceName"])] = when(moment)
    return found


COLLECTOR = Collector(
    id="gcp.service_accounts",
    title="Service accounts and their keys",
    scope="global",
    kinds=(ACCOUNT, KEY, USE),
    emits={ServiceAccount: ACCOUNT, AccessKey: KEY},
    source="IAM API v1, Policy Analyzer API v1",
    fetch=fetch,
    shape=shape,
)
