"""Users and roles as what their policies, their groups and their boundary make of them together."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from collectors.api import Body, Document, Kind
from collectors.aws import data_rights, escalation
from collectors.aws.authorization_details import ROLE, USER, Policies, Principals
from collectors.aws.escalation import Holder
from collectors.aws.policy_evaluator import EVERY_ACTION, Layer, everywhere
from collectors.documents import Documents, when
from collectors.facts.core import Fact, Unread
from collectors.facts.rights import IdentityKind, IdentityRights, ReadingRight, RoleUse

PROVIDERS_PATH = "/aws-service-role/"
"""Path of the roles that are linked to a service: only AWS can make them and say what they allow."""


def identities(docs: Documents, policies: Policies) -> Iterator[Fact]:
    """The rights of every user and role, and the use of every role."""
    principals = Principals(docs, policies)
    for kind, word in ((USER, IdentityKind.USER), (ROLE, IdentityKind.ROLE)):
        for principal in docs.of(kind):
            yield _rights(docs, principals, kind, word, principal)
    for role in docs.of(ROLE):
        yield RoleUse(
            resource=docs.resource("role", role.uid, name_in(role.uid), "global"),
            documents=docs.about(role.uid),
            provider_owned=docs.field(ROLE, role, provider_owned),
            created=docs.field(ROLE, role, lambda body: when(body["CreateDate"])),
            last_used=docs.field(ROLE, role, last_used),
        )


def _rights(
    docs: Documents, principals: Principals, kind: Kind, word: IdentityKind, principal: Document
) -> IdentityRights:
    uid = principal.uid
    held = principals.policies_of(kind, principal)
    own = tuple(each for each in held if f":{docs.account}:policy/" in each) if not isinstance(held, Unread) else ()
    holder = Holder(docs.partition, docs.account, uid, own)
    layers, unread = principals.layers(kind, principal)
    return IdentityRights(
        resource=docs.resource(word, uid, name_in(uid), "global"),
        documents=docs.about(uid, *principals.documents_of(kind, principal)),
        kind=word,
        provider_owned=False if kind is USER else docs.field(kind, principal, provider_owned),
        unlimited=unlimited(layers, unread),
        escalations=_escalations(principals, kind, principal, holder),
        reads=_reads(principals, kind, principal, holder),
    )


def name_in(uid: str) -> str:
    """The name of a user or role, without its path."""
    return uid.rpartition("/")[2]


def unlimited(layers: tuple[Layer, ...], unread: Unread | None) -> bool | Unread:
    """Every layer allows everything, and none takes anything back."""
    full = [everywhere(layer.statements, EVERY_ACTION) for layer in layers]
    denies = any(not each.allows for layer in layers for each in layer.statements)
    if denies or any(layer.complete and not allows for layer, allows in zip(layers, full, strict=True)):
        return False
    return unread or all(full)


def _escalations(principals: Principals, kind: Kind, principal: Document, holder: Holder) -> tuple[str, ...] | Unread:
    layers, unread = principals.layers(kind, principal, escalation.ACTIONS)
    ways = escalation.ways(layers, holder)
    return ways if ways is not None else unread or ()


def _reads(
    principals: Principals, kind: Kind, principal: Document, holder: Holder
) -> tuple[ReadingRight, ...] | Unread:
    layers, unread = principals.layers(kind, principal, data_rights.ACTIONS)
    return unread or data_rights.reading_rights(layers, holder.context())


def provider_owned(body: Body) -> bool:
    """It is linked to a service of AWS."""
    return bool(body["Path"].startswith(PROVIDERS_PATH))


def last_used(body: Body) -> datetime | None:
    """When a role was last used.  IAM leaves the date out when it was not, in the 400 days that it looks back."""
    used = body["RoleLastUsed"].get("LastUsedDate")
    return None if used is None else when(used)
