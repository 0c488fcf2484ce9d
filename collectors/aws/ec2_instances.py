"""EC2 instances: boot, memory, metadata, addresses on the internet, and whether they may stand between others."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from ipaddress import IPv6Address

from collectors.api import Body, Collector, Document, Kind
from collectors.aws.session import Reader
from collectors.documents import Documents
from collectors.facts.core import Fact, Reason, Unread
from collectors.facts.machines import Machine, MachineAddresses, MachineForwarding, MachineMemory, MachineMetadata

INSTANCE = Kind(
    "aws.ec2.instance",
    "ec2",
    "DescribeInstances",
    items="Reservations",
    volatile=(
        "PublicDnsName",
        "State",
        "StateReason",
        "StateTransitionReason",
        "UsageOperationUpdateTime",
    ),
)
EXISTING = [{"Name": "instance-state-name", "Values": ["pending", "running", "stopping", "stopped"]}]
"""AWS still lists a machine for about an hour after it is gone, without its settings."""
PAGE = 1000
"""Largest page.  Without a page size EC2 tries to answer everything at once, and times out on many."""


def fetch(aws: Reader) -> Iterator[Document]:
    """Every instance of the region."""
    for started_together in aws.listing(INSTANCE, Filters=EXISTING, MaxResults=PAGE):
        for instance in started_together["Instances"]:
            yield aws.document(INSTANCE, aws.arn("ec2", f"instance/{instance['InstanceId']}"), instance)


def shape(docs: Documents) -> Iterator[Fact]:
    """Each instance by what is asked of machines."""
    for instance in docs.of(INSTANCE):
        resource = docs.resource("machine", instance.uid, name_of(instance.body), instance.region)
        documents = docs.about(instance.uid)
        field = partial(docs.field, INSTANCE, instance)
        yield Machine(resource=resource, documents=documents, trusted_boot=_boot(field(can_boot_signed)))
        yield MachineAddresses(resource=resource, documents=documents, public=field(public_addresses))
        yield MachineForwarding(resource=resource, documents=documents, forwards=field(forwards))
        yield MachineMemory(resource=resource, documents=documents, encrypted=field(encrypts_memory))
        yield MachineMetadata(resource=resource, documents=documents, token_required=field(requires_token))


def name_of(body: Body) -> str:
    """What people call a machine: its Name tag, or else its id."""
    names = {tag["Key"]: tag["Value"] for tag in body.get("Tags", ())}
    return str(names.get("Name") or body["InstanceId"])


def can_boot_signed(body: Body) -> bool:
    """It boots by UEFI and has a trusted-platform module.  AWS leaves the module out where there is none."""
    return body["CurrentInstanceBootMode"] == "uefi" and body.get("TpmSupport") == "v2.0"


def _boot(able: bool | Unread) -> bool | Unread:  # a value, not a switch
    """Whether secure boot is on stands in the machine's own variables, which AWS hands out as one sealed piece."""
    if able is not True:
        return able
    why = "boots by UEFI with NitroTPM; no setting tells whether secure boot is on"
    return Unread(Reason.SERVICE_UNSUPPORTED, INSTANCE.call, INSTANCE.needs, why)


def public_addresses(body: Body) -> tuple[str, ...]:
    """Addresses on the internet, v4 and v6, in order; a machine that is stopped keeps only those it owns."""
    found = set()
    for interface in body["NetworkInterfaces"]:
        for each in interface["PrivateIpAddresses"]:
            if address := each.get("Association", {}).get("PublicIp"):
                found.add(str(address))
        # AWS gives no private v6 address unless it comes from a private pool, and those are not global ones.
        found |= {
            str(each["Ipv6Address"])
            for each in interface.get("Ipv6Addresses", ())
            if IPv6Address(each["Ipv6Address"]).is_global
        }
    return tuple(sorted(found))


def forwards(body: Body) -> bool:
    """Some interface takes packets that are neither from it nor for it."""
    return any(not interface["SourceDestCheck"] for interface in body["NetworkInterfaces"])


def encrypts_memory(body: Body) -> bool:
    """AMD SEV-SNP is on; AWS leaves it out where the processor has none.

    What newer processors do to all memory alike uses one key of the host, so it hides nothing from the host.
    """
    return bool(body["CpuOptions"].get("AmdSevSnp") == "enabled")


def requires_token(body: Body) -> bool:
    """Metadata take a token, or are off.  Raises ValueError for a state that is not known."""
    options = body["MetadataOptions"]
    if options["HttpEndpoint"] not in {"enabled", "disabled"} or options["HttpTokens"] not in {"required", "optional"}:
        raise ValueError(f"{options['HttpEndpoint']!r}, {options['HttpTokens']!r} are no states of metadata")
    return bool(options["HttpEndpoint"] == "disabled" or options["HttpTokens"] == "required")


COLLECTOR = Collector(
    id="aws.ec2_instances",
    title="EC2 instances",
    scope="region",
    kinds=(INSTANCE,),
    emits=dict.fromkeys((Machine, MachineAddresses, MachineForwarding, MachineMemory, MachineMetadata), INSTANCE),
    source="Amazon EC2 API 2016-11-15",
    fetch=fetch,
    shape=shape,
)
