"""Schedules by which Compute Engine makes snapshots of disks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from collectors.api import Body, Collector, Document
from collectors.documents import Documents
from collectors.facts.core import Fact, Unread
from collectors.facts.recovery import BackupPlan
from collectors.gcp.kinds import DISABLED, rest
from collectors.gcp.names import compute_uid, place_of
from collectors.gcp.session import Reader

POLICY = rest(
    "gcp.compute.snapshot_schedule",
    "compute",
    "resourcePolicies.aggregatedList",
    "/compute/v1/projects/{project}/aggregated/resourcePolicies?maxResults=500",
    permission="compute.resourcePolicies.list",
    items="items.*.resourcePolicies",
    omits_empty=True,
    absent=(DISABLED,),  # see gcp.compute_instances
)
USER = rest(
    "gcp.compute.snapshot_schedule_user",
    "compute",
    "disks.aggregatedList",
    "/compute/v1/projects/{project}/aggregated/disks?maxResults=500"
    "&fields=nextPageToken,warning,unreachables,items/*/warning,items/*/disks(selfLink,resourcePolicies)",
    permission="compute.disks.list",
    items="items.*.disks",
    omits_empty=True,
    absent=(DISABLED,),
)


def fetch(gcp: Reader) -> Iterator[Document]:
    """Every schedule, and which disks it is attached to."""
    for kind in (POLICY, USER):
        for item in gcp.listing(kind):
            yield gcp.document(kind, compute_uid(item["selfLink"]), item)


def shape(docs: Documents) -> Iterator[Fact]:
    """One fact per schedule of snapshots; other policies in the same listing are none."""
    used = Counter(str(link) for disk in docs.of(USER) for link in disk.body.get("resourcePolicies") or ())
    counts = Counter({compute_uid(link): number for link, number in used.items()})
    for policy in docs.of(POLICY):
        if "snapshotSchedulePolicy" not in policy.body:
            continue
        uid = policy.uid
        yield BackupPlan(
            resource=docs.resource("backup_plan", uid, policy.body["name"], place_of(uid)),
            documents=docs.about(uid),
            rules=1,
            selections=_selections(docs, counts[uid]),
            shortest_retention_days=docs.field(POLICY, policy, kept_days),
            copies_elsewhere=docs.field(POLICY, policy, copies_elsewhere),
        )


def _selections(docs: Documents, number: int) -> int | Unread:
    """Disks that the schedule is attached to; none is certain only when all were listed."""
    return number or docs.complete(USER, "global") or 0


def kept_days(body: Body) -> int | None:
    """Days after which its snapshots are deleted; None when they are kept for ever."""
    said = body["snapshotSchedulePolicy"].get("retentionPolicy")
    return None if said is None else int(said["maxRetentionDays"])


def copies_elsewhere(body: Body) -> bool:
    """Snapshots lie somewhere else than in the one region of their disks.

    When nothing is said, they go to the nearest set of regions: Compute Engine, location of snapshots.
    """
    said = (body["snapshotSchedulePolicy"].get("snapshotProperties") or {}).get("storageLocations") or ()
    home = str(body["region"]).rpartition("/")[2]
    return not said or any(place != home for place in said)


COLLECTOR = Collector(
    id="gcp.snapshot_schedules",
    title="Schedules of snapshots",
    scope="global",
    kinds=(POLICY, USER),
    emits={BackupPlan: POLICY},
    source="Compute Engine API v1",
    fetch=fetch,
    shape=shape,
)
