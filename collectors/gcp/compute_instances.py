"""Compute Engine instances: network, ways to sign in, identity, boot and memory."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from collectors.api import Body, Collector, Document
from collectors.documents import Documents
from collectors.facts.core import Fact, Unread
from collectors.facts.machines import (
    Machine,
    MachineAddresses,
    MachineForwarding,
    MachineIdentity,
    MachineMemory,
    MachineSignIn,
)
from collectors.gcp.kinds import DISABLED, rest
from collectors.gcp.machine_metadata import BLOCK_KEYS, OS_LOGIN, SERIAL, entry, without_values
from collectors.gcp.names import compute_uid, full_name, place_of
from collectors.gcp.session import Reader

# Google turns Compute Engine off only where none of its resources is left: "Could not turn off service, as it still
# has resources in use".  So where it is not enabled, there is none of them; this holds for all its listings.
INSTANCE = rest(
    "gcp.compute.instance",
    "compute",
    "instances.aggregatedList",
    "/compute/v1/projects/{project}/aggregated/instances?maxResults=500",
    permission="compute.instances.list",
    items="items.*.instances",
    omits_empty=True,
    absent=(DISABLED,),
    volatile=(
        "cpuPlatform",
        "fingerprint",
        "labelFingerprint",
        "lastStartTimestamp",
        "lastStopTimestamp",
        "lastSuspendedTimestamp",
        "metadata.fingerprint",
        "networkInterfaces.fingerprint",
        "tags.fingerprint",
    ),
)
PROJECT = rest(
    "gcp.compute.project",
    "compute",
    "projects.get",
    # Quotas are left out: they count what is used.
    "/compute/v1/projects/{project}?fields=name,defaultServiceAccount,commonInstanceMetadata",
    permission="compute.projects.get",
    absent=(DISABLED,),
    volatile=("commonInstanceMetadata.fingerprint",),
)
DEFAULT_ACCOUNT = "-compute@developer.gserviceaccount.com"
"""Ends the address of the account that machines get when none is chosen, which may change everything in a project
unless somebody took that away."""
ALL_SCOPES = "https://www.googleapis.com/auth/cloud-platform"
EPHEMERAL = "ephemeral"


def fetch(gcp: Reader) -> Iterator[Document]:
    """Every instance in every zone, and the metadata that all of them share."""
    for instance in gcp.listing(INSTANCE):
        yield gcp.document(INSTANCE, compute_uid(instance["selfLink"]), without_values(instance, "metadata"))
    for project in gcp.read(PROJECT, project_uid(gcp.account)):
        body = without_values(dict(project.body), "commonInstanceMetadata")
        yield gcp.document(PROJECT, project.uid, body)


def project_uid(project: str) -> str:
    """The full name of a project's settings in Compute Engine."""
    return full_name("compute", f"projects/{project}")


def shape(docs: Documents) -> Iterator[Fact]:
    """Each instance by what is asked of machines."""
    project = docs.get(PROJECT, project_uid(docs.account))
    for instance in docs.of(INSTANCE):
        uid, body = instance.uid, instance.body
        field = partial(docs.field, INSTANCE, instance)
        resource = docs.resource("machine", uid, body["name"], place_of(uid))
        documents = docs.about(uid)
        both = docs.about(uid, *([project] if isinstance(project, Document) else ()))
        yield Machine(resource=resource, documents=documents, trusted_boot=field(boots_signed))
        yield MachineAddresses(resource=resource, documents=documents, public=field(public_addresses))
        yield MachineForwarding(
            resource=resource, documents=documents, forwards=field(lambda said: bool(said.get("canIpForward", False)))
        )
        yield MachineSignIn(
            resource=resource,
            documents=both,
            directory=_setting(docs, instance, OS_LOGIN),
            shared_keys=_shared_keys(docs, instance),
            console=_setting(docs, instance, SERIAL),
        )
        yield MachineIdentity(resource=resource, documents=documents, unlimited=field(is_unlimited))
        yield MachineMemory(resource=resource, documents=documents, encrypted=field(encrypts_memory))


def _setting(docs: Documents, instance: Document, name: str) -> bool | Unread:
    """A setting of a machine or else of its project.  What the machine says for itself decides without the project."""
    own = docs.field(INSTANCE, instance, lambda body: entry(body.get("metadata") or {}, name))
    if own is not None:
        return own
    return docs.value(PROJECT, project_uid(docs.account), lambda body: bool(entry(shared(body), name)))


def shared(body: Body) -> Body:
    """The metadata that all machines of a project share; empty where the project has no Compute Engine."""
    return {} if "absent" in body else body["commonInstanceMetadata"]


def _shared_keys(docs: Documents, instance: Document) -> bool | Unread:
    """Keys of the project let people in, unless the machine blocks them or heeds nobody but the directory."""
    blocked = docs.field(INSTANCE, instance, lambda body: bool(entry(body.get("metadata") or {}, BLOCK_KEYS)))
    if blocked is True:
        return False
    directory = _setting(docs, instance, OS_LOGIN)
    if isinstance(blocked, Unread) or isinstance(directory, Unread):
        return directory if isinstance(directory, Unread) else blocked
    return not directory


def boots_signed(body: Body) -> bool:
    """Secure boot, and measured by a virtual trusted-platform module.  Old images know neither and leave it out."""
    said = body.get("shieldedInstanceConfig") or {}
    return bool(said.get("enableSecureBoot", False)) and bool(said.get("enableVtpm", False))


def public_addresses(body: Body) -> tuple[str, ...]:
    """Addresses on the internet, v4 and v6; one that is given on each start counts while there is none."""
    found = []
    for interface in body["networkInterfaces"]:
        configs = [*(interface.get("accessConfigs") or ()), *(interface.get("ipv6AccessConfigs") or ())]
        found += [str(each.get("natIP") or each.get("externalIpv6") or EPHEMERAL) for each in configs]
    return tuple(found)


def is_unlimited(body: Body) -> bool:
    """The account that machines get by default, with the scope of everything."""
    return any(
        str(each["email"]).endswith(DEFAULT_ACCOUNT) and ALL_SCOPES in each.get("scopes", ())
        for each in body.get("serviceAccounts") or ()
    )


def encrypts_memory(body: Body) -> bool:
    """Confidential computing, by the older switch or by the newer word.  Left out, it is off."""
    said = body.get("confidentialInstanceConfig") or {}
    newer = str(said.get("confidentialInstanceType") or "CONFIDENTIAL_INSTANCE_TYPE_UNSPECIFIED")
    return bool(said.get("enableConfidentialCompute", False)) or not newer.endswith("UNSPECIFIED")


COLLECTOR = Collector(
    id="gcp.compute_instances",
    title="Compute Engine instances",
    scope="global",
    kinds=(INSTANCE, PROJECT),
    emits=dict.fromkeys(
        (Machine, MachineAddresses, MachineForwarding, MachineSignIn, MachineIdentity, MachineMemory), INSTANCE
    ),
    source="Compute Engine API v1",
    fetch=fetch,
    shape=shape,
)
