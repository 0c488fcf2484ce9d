"""EC2 launch templates: the models that groups of machines are made from."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from collectors.api import Body, Collector, Document, Kind
from collectors.aws.session import Reader
from collectors.documents import Documents
from collectors.facts.core import Fact
from collectors.facts.machines import MachineAddresses, MachineMetadata

VERSION = Kind(
    "aws.ec2.launch_template_version", "ec2", "DescribeLaunchTemplateVersions", items="LaunchTemplateVersions"
)
IN_USE = ["$Default", "$Latest"]
"""Versions that a machine gets when none is named by number; what older ones made is judged machine by machine."""
PAGE = 200
"""Largest page."""
ON_START = "ephemeral"


def fetch(aws: Reader) -> Iterator[Document]:
    """The default and the latest version of every template of the region, where they are one, once."""
    seen: set[str] = set()
    for version in aws.listing(VERSION, Versions=IN_USE, MaxResults=PAGE):
        uid = aws.arn("ec2", f"launch-template/{version['LaunchTemplateId']}/{version['VersionNumber']}")
        if uid not in seen:
            seen.add(uid)
            yield aws.document(VERSION, uid, version)


def shape(docs: Documents) -> Iterator[Fact]:
    """Two facts per version."""
    for version in docs.of(VERSION):
        name = f"{version.body['LaunchTemplateName']} version {version.body['VersionNumber']}"
        resource = docs.resource("machine_model", version.uid, name, version.region)
        documents = docs.about(version.uid)
        field = partial(docs.field, VERSION, version)
        yield MachineAddresses(resource=resource, documents=documents, public=field(public_addresses))
        yield MachineMetadata(resource=resource, documents=documents, token_required=field(requires_token))


def public_addresses(body: Body) -> tuple[str, ...]:
    """An address on the internet that each machine gets when it starts.

    A template that does not say leaves it to the subnet.  One that names an interface hands on the addresses of that
    interface, which is listed by itself.
    """
    interfaces = body["LaunchTemplateData"].get("NetworkInterfaces") or ()
    return (ON_START,) if any(each.get("AssociatePublicIpAddress", False) for each in interfaces) else ()


def requires_token(body: Body) -> bool | None:
    """Metadata take a token, or are off; None where the template does not say.  Raises ValueError for another word."""
    options = body["LaunchTemplateData"].get("MetadataOptions") or {}
    # Each option that is left out comes from the image or the account's defaults.
    endpoint, tokens = options.get("HttpEndpoint"), options.get("HttpTokens")
    if endpoint not in {None, "enabled", "disabled"} or tokens not in {None, "required", "optional"}:
        raise ValueError(f"{endpoint!r}, {tokens!r} are no states of metadata")
    if endpoint == "disabled" or tokens == "required":
        return True
    return None if tokens is None else False


COLLECTOR = Collector(
    id="aws.launch_templates",
    title="Launch templates",
    scope="region",
    kinds=(VERSION,),
    emits={MachineAddresses: VERSION, MachineMetadata: VERSION},
    source="Amazon EC2 API 2016-11-15",
    fetch=fetch,
    shape=shape,
)
