"""Where logs go: sinks of the project and of all above it, log buckets, and the audit trails that these make."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

from collectors.api import Body, Document, Kind
from collectors.documents import Documents
from collectors.facts.core import Fact, Unread
from collectors.facts.detection import ResourceLock
from collectors.facts.monitoring import AuditCoverage, AuditTrail, LogExports, LogStore
from collectors.gcp.ancestry import POLICIES, WAY_UP, Level
from collectors.gcp.audit_configs import ADMIN_READ, ALL, DATA_READ, DATA_WRITE, recorded
from collectors.gcp.kinds import rest
from collectors.gcp.log_entries import OBJECTS, READS, WRITES
from collectors.gcp.log_filters import Entry, parse
from collectors.gcp.names import full_name, last, place_of
from collectors.gcp.session import Reader


def _sinks(name: str, operation: str, path: str, within: Kind) -> Kind:
    return rest(
        name,
        "logging",
        operation,
        path,
        permission="logging.sinks.list",
        items="sinks",
        omits_empty=True,
        volatile=("updateTime",),
        within=within,
    )


SINK = _sinks("gcp.logging.sink", "projects.sinks.list", "/v2/projects/{project}/sinks?pageSize=1000", WAY_UP)
FOLDER_SINK = _sinks("gcp.logging.folder_sink", "folders.sinks.list", "/v2/folders/{folder}/sinks?pageSize=1000", SINK)
ORGANIZATION_SINK = _sinks(
    "gcp.logging.organization_sink",
    "organizations.sinks.list",
    "/v2/organizations/{above}/sinks?pageSize=1000",
    FOLDER_SINK,
)
BUCKET = rest(
    "gcp.logging.bucket",
    "logging",
    "projects.locations.buckets.list",
    "/v2/projects/{project}/locations/-/buckets?pageSize=1000",
    permission="logging.buckets.list",
    items="buckets",
    omits_empty=True,
    volatile=("updateTime",),
)
KINDS = (SINK, FOLDER_SINK, ORGANIZATION_SINK, BUCKET)
SINKS = (SINK, FOLDER_SINK, ORGANIZATION_SINK)
ALL_SINKS = ORGANIZATION_SINK
"""Its listing is complete when the sinks of the project and of all levels above it were listed."""
REQUIRED, DEFAULT = "_Required", "_Default"
"""Google's own sinks: the first gets the record of every change in each project and can be neither changed nor switched
off, the second gets the rest, the record of access to data among it."""
UNSTATED_DAYS = 30
"""How long a log bucket keeps entries that says nothing of it: LogBucket.retentionDays."""


def of_project(gcp: Reader) -> Iterator[Document]:
    """Sinks and log buckets of the project."""
    project = Level("projects", gcp.known["project"])
    for sink in gcp.listing(SINK):
        yield gcp.document(SINK, uid_of(project, sink), sink)
    for bucket in gcp.listing(BUCKET):
        yield gcp.document(BUCKET, full_name("logging", bucket["name"]), bucket)


def of_level(gcp: Reader, level: Level) -> Iterator[Document]:
    """Sinks of a folder or of the organization, which may take what happens in the projects below."""
    kind, name = (ORGANIZATION_SINK, "above") if level.what == "organizations" else (FOLDER_SINK, "folder")
    for sink in gcp.listing(kind, within=level.uid, **{name: level.id}):
        yield gcp.document(kind, uid_of(level, sink), sink)


def uid_of(level: Level, sink: Body) -> str:
    """The full name of a sink, which Google calls by its last part."""
    return full_name("logging", f"{level.what}/{level.id}/sinks/{sink['name']}")


def shape(docs: Documents) -> Iterator[Fact]:
    """Trails, what they achieve together, full exports, log stores and their locks."""
    trails = list(_trails(docs))
    yield from (trail.fact for trail in trails)
    yield _coverage(docs, trails)
    yield _exports(docs)
    for bucket in docs.of(BUCKET):
        if bucket.body.get("lifecycleState") == "DELETE_REQUESTED":
            continue  # nothing is written to it any more, and within a week it is gone
        name = last(bucket.body["name"])
        place = place_of(bucket.body["name"])
        yield LogStore(
            resource=docs.resource("log_store", bucket.uid, name, place),
            documents=docs.about(bucket.uid),
            retention_days=docs.field(BUCKET, bucket, lambda body: int(body.get("retentionDays", UNSTATED_DAYS))),
            customer_key=docs.field(BUCKET, bucket, key_of),
            # Log metrics watch the entries of a project before they are stored, and are no part of a store.
            metric_filters=(),
        )
        if bucket.body.get("locked", False):
            # It cannot be deleted before it is empty, nor keep entries for a shorter time: LogBucket.locked.
            yield ResourceLock(
                resource=docs.resource("lock", f"{bucket.uid}/lock", f"lock of {name}", place),
                documents=docs.about(bucket.uid),
                scope=bucket.uid,
            )


@dataclass(frozen=True, slots=True)
class _Trail:
    fact: AuditTrail
    writes: bool | Unread


def _trails(docs: Documents) -> Iterator[_Trail]:
    """Google's own record, and every sink that copies at least a part of the changes to somewhere else."""
    project = Level("projects", docs.account)
    own = {name: uid_of(project, {"name": name}) for name in (REQUIRED, DEFAULT)}
    for kind in SINKS:
        for sink in docs.of(kind):
            inherited = kind is not SINK
            if inherited and not sink.body.get("includeChildren", False):
                continue  # it takes only what happens to the folder or organization itself
            if sink.uid == own[REQUIRED]:
                yield _record(docs, sink, own[DEFAULT])
            elif sink.uid != own[DEFAULT]:
                writes = [docs.field(kind, sink, partial(takes, entry=each)) for each in WRITES]
                if any(each is not False for each in writes):
                    yield _export(docs, kind, sink)


def _record(docs: Documents, sink: Document, default: str) -> _Trail:
    """What Google keeps of a project without being asked: every change, and access to data where settings say so."""
    bucket = _destination(sink.body)
    reads, objects = (_all(docs, SINK, default, each) for each in (READS, OBJECTS))
    on = docs.field(SINK, sink, is_on)
    fact = AuditTrail(
        resource=docs.resource("audit_trail", sink.uid, "Cloud Audit Logs", "global"),
        documents=docs.about(sink.uid, *_settings(docs), *_known(docs, SINK, default)),
        all_regions=True,  # one log for all places
        logging=on,
        # Google signs no entries, and tells nothing of deliveries
        validated=None,
        customer_key=docs.value(BUCKET, bucket, key_of),
        store=None,
        delivery_told=False,
        delivery_error=None,
        last_delivery=None,
        searchable_in=bucket,
        last_search_delivery=None,
        management_reads=_both(reads, recorded(docs, ADMIN_READ)),
        management_writes=True,  # nobody can leave a change out of it: Cloud Audit Logs, Admin Activity
        object_reads=_both(objects, recorded(docs, DATA_READ, (ALL, "storage.googleapis.com"))),
        object_writes=_both(objects, recorded(docs, DATA_WRITE, (ALL, "storage.googleapis.com"))),
    )
    return _Trail(fact, on)


def _export(docs: Documents, kind: Kind, sink: Document) -> _Trail:
    destination = _destination(sink.body)
    in_store = destination.startswith("//storage.googleapis.com/")
    in_logs = destination.startswith("//logging.googleapis.com/")
    writes, reads, objects = (_all(docs, kind, sink.uid, each) for each in (WRITES, READS, OBJECTS))
    fact = AuditTrail(
        resource=docs.resource("audit_trail", sink.uid, str(sink.body["name"]), "global"),
        documents=docs.about(sink.uid, *_settings(docs)),
        all_regions=True,
        logging=docs.field(kind, sink, is_on),
        validated=None,
        customer_key=docs.value(BUCKET, destination, key_of) if in_logs else None,
        key_of_store=not in_logs,
        store=destination if in_store else None,
        delivery_told=False,
        delivery_error=None,
        last_delivery=None,
        # A sink copies: whatever it takes stays in Google's own record, too, which can be searched.
        searchable_in=destination
        if in_logs
        else full_name("logging", f"projects/{docs.account}/locations/global/buckets/{REQUIRED}"),
        last_search_delivery=None,
        management_reads=_both(reads, recorded(docs, ADMIN_READ)),
        management_writes=writes,
        object_reads=_both(objects, recorded(docs, DATA_READ, (ALL, "storage.googleapis.com"))),
        object_writes=_both(objects, recorded(docs, DATA_WRITE, (ALL, "storage.googleapis.com"))),
    )
    return _Trail(fact, _both(fact.logging, writes))


def _coverage(docs: Documents, trails: list[_Trail]) -> AuditCoverage:
    """One trail that records every change settles it; without one, whatever is unread might have been it."""
    unlisted = docs.complete(ALL_SINKS, "global")
    covering = tuple(sorted(trail.fact.resource.name for trail in trails if trail.writes is True))
    unread = unlisted or next((trail.writes for trail in trails if isinstance(trail.writes, Unread)), None)
    project = Level("projects", docs.account).uid
    return AuditCoverage(
        resource=docs.resource("account", project, docs.account, "global"),
        documents=docs.about(project, *(sink for kind in SINKS for sink in docs.of(kind))),
        trails=unlisted or len(trails),
        covers_all_regions=True if covering else unread or False,
        covering=covering if covering or not unread else unread,
    )


def _exports(docs: Documents) -> LogExports:
    """Sinks without a filter.  Google's own stores do not count: that entries are there is nobody's copy of them."""
    unread = docs.complete(ALL_SINKS, "global")
    found = []
    for kind in SINKS:
        for sink in docs.of(kind):
            whole = docs.field(kind, sink, partial(takes_everything, inherited=kind is not SINK))
            if isinstance(whole, Unread):
                unread = unread or whole
            elif whole:
                found.append(_destination(sink.body))
    project = Level("projects", docs.account).uid
    return LogExports(
        resource=docs.resource("account", project, docs.account, "global"),
        documents=docs.about(project, *(sink for kind in SINKS for sink in docs.of(kind))),
        everything_to=tuple(sorted(found)) if found or not unread else unread,
    )


def takes(sink: Body, entry: Entry) -> bool:
    """A sink takes an entry for certain.  Raises NotUnderstood for a filter that cannot be read."""
    if parse(str(sink.get("filter", "")))(entry) is not True:
        return False
    return not any(
        parse(str(each["filter"]))(entry) is not False
        for each in sink.get("exclusions", ())
        if not each.get("disabled", False)
    )


def takes_everything(sink: Body, *, inherited: bool) -> bool:
    """A sink that is on, without a filter or exclusions, and that reaches the project."""
    left_out = [each for each in sink.get("exclusions", ()) if not each.get("disabled", False)]
    reaches = bool(sink.get("includeChildren", False)) or not inherited
    return is_on(sink) and reaches and not str(sink.get("filter", "")).strip() and not left_out


def is_on(sink: Body) -> bool:
    """A sink is on unless it says otherwise: LogSink.disabled."""
    return not sink.get("disabled", False)


def key_of(bucket: Body) -> str | None:
    """The customer's key of a log bucket; none unless it names one: LogBucket.cmekSettings."""
    return bucket.get("cmekSettings", {}).get("kmsKeyName") or None


def _destination(sink: Body) -> str:
    """The full name of where a sink writes: Google puts the service before the name, as full names do."""
    return f"//{sink['destination']}"


def _all(docs: Documents, kind: Kind, uid: str, entries: tuple[Entry, ...]) -> bool | Unread:
    """A sink that is on takes each of these entries."""
    return docs.value(kind, uid, lambda sink: is_on(sink) and all(takes(sink, each) for each in entries))


def _both(one: bool | Unread, other: bool | Unread) -> bool | Unread:
    if False in (one, other):
        return False
    return one if isinstance(one, Unread) else other


def _settings(docs: Documents) -> list[Document]:
    """The policies, which say what access to data is recorded."""
    return [policy for kind in POLICIES for policy in docs.of(kind)]


def _known(docs: Documents, kind: Kind, uid: str) -> list[Document]:
    found = docs.get(kind, uid)
    return [] if isinstance(found, Unread) else [found]
