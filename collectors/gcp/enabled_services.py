"""Services of Google's that a project has switched on, Cloud Asset Inventory among them."""

from __future__ import annotations

from collections.abc import Iterator

from collectors.api import Body, Collector, Document
from collectors.documents import Documents
from collectors.facts.account import EnabledServices
from collectors.facts.core import Fact, Unread
from collectors.facts.monitoring import ConfigurationRecorder
from collectors.gcp.ancestry import Level
from collectors.gcp.kinds import rest
from collectors.gcp.names import last
from collectors.gcp.session import Reader

SERVICE = rest(
    "gcp.serviceusage.services",
    "serviceusage",
    "services.list",
    "/v1/projects/{project}/services?filter=state:ENABLED&pageSize=200&fields=services(name,state),nextPageToken",
    permission="serviceusage.services.list",
    items="services",
    omits_empty=True,
)
RECORDER = "cloudasset.googleapis.com"


def fetch(gcp: Reader) -> Iterator[Document]:
    """All services that are on, in one document."""
    yield from gcp.gather(SERVICE, Level("projects", gcp.known["project"]).uid)


def shape(docs: Documents) -> Iterator[Fact]:
    """What is on, and whether that records the configuration of all resources."""
    project = Level("projects", docs.account).uid
    names = docs.value(SERVICE, project, names_in)
    yield EnabledServices(
        resource=docs.resource("account", project, docs.account, "global"),
        documents=docs.about(project),
        names=names,
    )
    on = names if isinstance(names, Unread) else RECORDER in names
    yield ConfigurationRecorder(
        resource=docs.resource("recorder", project, docs.account, "global"),
        documents=docs.about(project),
        # Cloud Asset Inventory keeps 35 days of changes of every supported resource wherever it can be asked, and
        # says nothing of single deliveries; older changes are in the audit logs, which are judged by themselves.
        exists=on,
        recording=on,
        all_resources=on,
        last_status=on if isinstance(on, Unread) else None,
    )


def names_in(body: Body) -> tuple[str, ...]:
    """Names of the services that are on."""
    return tuple(sorted(last(each["name"]) for each in body["services"] if each.get("state", "ENABLED") == "ENABLED"))


COLLECTOR = Collector(
    id="gcp.enabled_services",
    title="Services that the project has switched on",
    scope="global",
    kinds=(SERVICE,),
    emits={EnabledServices: None, ConfigurationRecorder: None},
    source="Service Usage API v1",
    fetch=fetch,
    shape=shape,
)
