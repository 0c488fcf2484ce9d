"""Virtual networks with their subnets, and the flow logs that record their traffic."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

from collectors.api import Body, Collector, Document, Then
from collectors.azure.kinds import of_resource, of_subscription
from collectors.azure.resources import name_of, place_of, properties, uid_of
from collectors.azure.session import Reader
from collectors.documents import Documents
from collectors.facts.core import Fact, Unread
from collectors.facts.network import FlowRecord, Network, Subnet

NETWORKS = "Microsoft.Network/virtualNetworks"
WATCHERS = "Microsoft.Network/networkWatchers"
VERSION = "2023-05-01"

NETWORK = of_subscription("azure.network.virtual_network", NETWORKS, VERSION)
WATCHER = of_subscription("azure.network.watcher", WATCHERS, VERSION)
FLOW_LOGS = of_resource("azure.network.flow_logs", f"{WATCHERS}/flowLogs", VERSION, below="flowLogs", items="value")

GUARDED_BY_AZURE = {
    "azurebastionsubnet",
    "azurefirewallmanagementsubnet",
    "azurefirewallsubnet",
    "gatewaysubnet",
    "routeserversubnet",
}
"""Names that a subnet of a service of Azure's own has to have: these guard themselves, and most take no group."""


def fetch(azure: Reader) -> Iterator[Document | Then]:
    """Every network, every watcher, and each watcher's flow logs."""
    for network in azure.listing(NETWORK):
        yield azure.document(NETWORK, uid_of(network), network)
    for watcher in azure.listing(WATCHER):
        uid = uid_of(watcher)
        yield azure.document(WATCHER, uid, watcher)
        yield Then(flow_logs, (uid,), f"{uid}/{FLOW_LOGS.operation}")


def flow_logs(azure: Reader, uid: str) -> Iterator[Document]:
    """All flow logs of one watcher."""
    yield from azure.gather(FLOW_LOGS, uid, id=uid)


@dataclass(frozen=True, slots=True)
class FlowLog:
    """One flow log."""

    target: str
    """Uid of the network, subnet, security group or interface that it records."""
    working: bool
    days: int | None
    """How long it keeps a record; None when it deletes none."""
    workspace: str | None
    """Where its records are analyzed; None when they are only stored."""


def flow_log(body: Body) -> FlowLog:
    """A flow log in our words.  Without a retention rule, or with 0 days, records stay for ever: Azure's default."""
    said = properties(body)
    keeping = said.get("retentionPolicy") or {}
    analysis = (said.get("flowAnalyticsConfiguration") or {}).get("networkWatcherFlowAnalyticsConfiguration") or {}
    analyzed = analysis.get("enabled", False)
    return FlowLog(
        target=str(said["targetResourceId"]).lower(),
        working=bool(said["enabled"]) and said["provisioningState"] == "Succeeded",
        days=int(keeping["days"]) or None if keeping.get("enabled", False) else None,
        workspace=str(analysis["workspaceResourceId"]).lower() if analyzed else None,
    )


def shape(docs: Documents) -> Iterator[Fact]:
    """What is recorded of each network, and what becomes of it.

    A flow log sits in the watcher of its target's region, so only the watchers there can hold one of the network.
    """
    for network in docs.of(NETWORK):
        place = place_of(network.body)
        watchers = [watcher for watcher in docs.of(WATCHER) if place_of(watcher.body) == place]
        read = [
            docs.value(FLOW_LOGS, each.uid, lambda body: [flow_log(log) for log in body["value"]]) for each in watchers
        ]
        logs = [log for found in read if not isinstance(found, Unread) for log in found if log.working]
        unread = docs.complete(WATCHER, "global") or next((each for each in read if isinstance(each, Unread)), None)
        recording = docs.field(NETWORK, network, partial(covering, logs=logs))
        yield from _facts(docs, network, watchers, recording, unread)
        yield from _subnets(docs, network)


def _facts(
    docs: Documents,
    network: Document,
    watchers: list[Document],
    recording: list[FlowLog] | Unread,
    unread: Unread | None,
) -> Iterator[Fact]:
    """A log that was read and covers the network settles that; what is said of all its logs waits for all of them."""
    read_with = [each for each in docs.of(FLOW_LOGS) if each.uid in {watcher.uid for watcher in watchers}]
    resource = docs.resource("network", network.uid, name_of(network.body), place_of(network.body))
    documents = docs.about(network.uid, *watchers, *read_with)
    logs = recording if not isinstance(recording, Unread) else []
    missing = recording if isinstance(recording, Unread) else unread
    recorded = bool(logs) or missing or False
    yield Network(
        resource=resource,
        documents=documents,
        flow_logged=recorded,
        # Azure's flow logs hold what was let through and what was refused, and cannot be told otherwise.
        flow_log_traffic="ALL" if logs else missing,
    )
    yield FlowRecord(
        resource=resource,
        documents=documents,
        recorded=recorded,
        retention_days=missing or min((log.days for log in logs if log.days is not None), default=None),
        searchable_in=missing or (None if any(log.workspace is None for log in logs) else _first(logs)),
    )


def _subnets(docs: Documents, network: Document) -> Iterator[Subnet]:
    """The subnets of a network; one that is garbled has no name, and stands for all of them."""
    found = docs.field(NETWORK, network, lambda body: [guard(each) for each in properties(body).get("subnets") or ()])
    if isinstance(found, Unread):
        found = [(f"{network.uid}/subnets", "subnets", found)]
    for uid, name, guarded in found:
        yield Subnet(
            resource=docs.resource("subnet", uid, f"{name_of(network.body)}/{name}", place_of(network.body)),
            documents=docs.about(network.uid),
            guarded=guarded,
        )


def guard(subnet: Body) -> tuple[str, str, bool | None | Unread]:
    """Uid, name, and whether a security group stands before it.  A subnet without one leaves it out."""
    name = name_of(subnet)
    if name.lower() in GUARDED_BY_AZURE:
        return uid_of(subnet), name, None
    return uid_of(subnet), name, bool(properties(subnet).get("networkSecurityGroup"))


def _first(logs: list[FlowLog]) -> str | None:
    return next((log.workspace for log in logs), None)


def covering(network: Body, logs: list[FlowLog]) -> list[FlowLog]:
    """The flow logs that together record all of a network: its own, or those of each of its subnets.

    A subnet is recorded by itself or through its security group.
    """
    uid = uid_of(network)
    if own := [log for log in logs if log.target == uid]:
        return own
    found: list[FlowLog] = []
    for subnet in properties(network).get("subnets") or ():
        group = (properties(subnet).get("networkSecurityGroup") or {}).get("id", "")
        recording = [log for log in logs if log.target in {uid_of(subnet), str(group).lower()}]
        if not recording:
            return []
        found += recording
    return found


COLLECTOR = Collector(
    id="azure.virtual_networks",
    title="Virtual networks and flow logs",
    scope="global",
    kinds=(NETWORK, WATCHER, FLOW_LOGS),
    emits={Network: NETWORK, FlowRecord: NETWORK, Subnet: NETWORK},
    source=f"Azure Network resource provider {VERSION}",
    fetch=fetch,
    shape=shape,
)
