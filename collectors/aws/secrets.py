"""Secrets by their metadata: when the value changed, whether it rotates, whom its policy lets in.

Values are never asked for.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from functools import partial

from collectors.api import Body, Collector, Document, Kind, Then
from collectors.aws.resource_policies import everybody
from collectors.aws.session import Reader
from collectors.aws.store_access import lets_identities_in, named
from collectors.documents import Documents, when
from collectors.facts.core import Fact, Unread
from collectors.facts.data_access import Sharing
from collectors.facts.rights import StoreAccess
from collectors.facts.stores import Secret

SECRET = Kind(
    "aws.secretsmanager.secret",
    "secretsmanager",
    "ListSecrets",
    items="SecretList",
    volatile=("LastAccessedDate", "NextRotationDate"),
)
VERSIONS = Kind(
    "aws.secretsmanager.secret_versions",
    "secretsmanager",
    "ListSecretVersionIds",
    items="Versions",
    # each version carries the date of its last use beside that of its making
    volatile=("Versions",),
)
POLICY = Kind("aws.secretsmanager.secret_policy", "secretsmanager", "GetResourcePolicy")

PAGE = 100
"""Most that the provider answers at once.  A secret has at most 20 labeled versions: one page."""


def fetch(aws: Reader) -> Iterator[Document | Then]:
    """Every secret of the region, its policy, and the dates of its versions where it has more than one."""
    for secret in aws.listing(SECRET, MaxResults=PAGE):
        yield aws.document(SECRET, secret["ARN"], secret)
        if was_changed(secret):
            yield Then(versions, (secret["ARN"],), secret["ARN"])
        yield Then(policy, (secret["ARN"],), f"{secret['ARN']}/{POLICY.operation}")


def versions(aws: Reader, uid: str) -> Iterator[Document]:
    """When each labeled version of a secret was made."""
    yield from aws.gather(VERSIONS, uid, SecretId=uid, MaxResults=PAGE)


def policy(aws: Reader, uid: str) -> Iterator[Document]:
    """The policy of one secret."""
    yield from aws.read(POLICY, uid, SecretId=uid)


def shape(docs: Documents) -> Iterator[Fact]:
    """One secret per listed secret, and whom it is shared with."""
    for secret in docs.of(SECRET):
        uid = secret.uid
        yield Secret(
            resource=docs.resource("secret", uid, name_in(uid), secret.region),
            documents=docs.about(uid),
            rotates=docs.field(SECRET, secret, rotates),
            rotation_days=docs.field(SECRET, secret, rotation_days),
            changed=_changed(docs, secret),
            created=docs.field(SECRET, secret, lambda body: when(body["CreatedDate"])),
            expires=None,  # Secrets Manager knows no end date
        )
        yield Sharing(
            resource=docs.resource("secret", uid, name_in(uid), secret.region),
            documents=docs.about(uid),
            what="secret",
            everybody=docs.value(POLICY, uid, shared),
        )
        yield StoreAccess(
            resource=docs.resource("secret", uid, name_in(uid), secret.region),
            documents=docs.about(uid),
            store="secret",
            named=docs.value(POLICY, uid, partial(readers, account=docs.account)),
            by_identity=docs.value(POLICY, uid, partial(open_to_identities, account=docs.account)),
        )


def name_in(uid: str) -> str:
    """What people call a secret: its ARN's last part, without the random characters at the end."""
    return uid.split(":", 6)[6][:-7]


def _changed(docs: Documents, secret: Document) -> datetime | None | Unread:
    """When the value in force was put in; None when it is the only one.

    LastChangedDate would not do: a new tag moves it, and a secret that is as old as ever would look fresh.
    """
    more = docs.field(SECRET, secret, was_changed)
    if isinstance(more, Unread):
        return more
    return docs.value(VERSIONS, secret.uid, current_since) if more else None


def shared(body: Body) -> bool | Unread:
    """Anybody may read or change it.  AWS leaves the policy out of the answer where there is none."""
    return everybody(body["ResourcePolicy"], POLICY) if body.get("ResourcePolicy") else False


def readers(body: Body, account: str) -> tuple[str, ...] | Unread:
    """Whom its policy lets read it."""
    return named(body["ResourcePolicy"], POLICY, "secret", account) if body.get("ResourcePolicy") else ()


def open_to_identities(body: Body, account: str) -> bool:
    """Identities of the account that may read secrets may read this one."""
    return not body.get("ResourcePolicy") or lets_identities_in(body["ResourcePolicy"], "secret", account)


def was_changed(body: Body) -> bool:
    """More than one version has a label.  The provider leaves the labels out while a secret has no value."""
    return len(body.get("SecretVersionsToStages", {})) > 1


def current_since(body: Body) -> datetime:
    """When the version that readers get was made."""
    (made,) = [version["CreatedDate"] for version in body["Versions"] if "AWSCURRENT" in version["VersionStages"]]
    return when(made)


def rotates(body: Body) -> bool:
    """Automatic rotation is on.  The field is missing when it was never set up."""
    return bool(body.get("RotationEnabled", False))


def rotation_days(body: Body) -> int | None:
    """Days between two rotations, rounded up; None without rotation and for calendar schedules.

    The provider works the days out itself after the first rotation; until then the schedule tells them.
    """
    if not rotates(body):
        return None
    rules = body["RotationRules"]
    if rules.get("AutomaticallyAfterDays") is not None:
        return int(rules["AutomaticallyAfterDays"])
    rate = re.fullmatch(r"rate\((\d+) (hour|day)s?\)", rules["ScheduleExpression"])
    if rate is None:
        return None
    return int(rate[1]) if rate[2] == "day" else -(-int(rate[1]) // 24)


COLLECTOR = Collector(
    id="aws.secrets",
    title="Secrets in Secrets Manager",
    scope="region",
    kinds=(SECRET, VERSIONS, POLICY),
    emits={Secret: SECRET, Sharing: SECRET, StoreAccess: SECRET},
    source="AWS Secrets Manager API 2017-10-17",
    fetch=fetch,
    shape=shape,
)
