"""gcp.access"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from agent.demo.gcp_loopback import ORGANIZATION, PROJECT, GcpEstate, Listed
from agent.demo.loopback_http import Fault
from collectors.api import Collector
from collectors.facts.core import Reason, Unread
from collectors.facts.detection import ResourceLock
from collectors.facts.identity import AccessPolicy, BoundMember, MemberKind, PolicyOrigin, WatchedRight
from collectors.facts.monitoring import AuditCoverage, AuditTrail, LogExports, LogStore
from collectors.gcp.access import COLLECTOR
from collectors.gcp.ancestry import WHOLE, kind_of
from collectors.testing import Reading

Read = Callable[[Collector], Reading]

CRM, IAM = "cloudresourcemanager/v3", "iam/v1"
FOLDER = "folders/77"
ANN, BOB = "user:ann@example.com", "user:bob@example.com"
ROBOT = "serviceAccount:robot@acme-prod.iam.gserviceaccount.com"
EVERY_CHANGE = 'LOG_ID("cloudaudit.googleapis.com/activity")'
LOGS = f"logging.googleapis.com/projects/{PROJECT}/locations/global/buckets"


def policy(*bindings: tuple[str, tuple[str, ...]], audit: Any = ()) -> dict[str, Any]:
    """A policy as Google answers it: what is empty is left out."""
    made: dict[str, Any] = {"version": 1, "etag": "BwYC"}
    if bindings:
        made["bindings"] = [{"role": role, "members": list(members)} for role, members in bindings]
    if audit:
        made["auditConfigs"] = list(audit)
    return made


def role(estate: GcpEstate, name: str, *permissions: str) -> None:
    """A role of Google's or the organization's."""
    estate.answers[f"{IAM}/{name}"] = {"name": name, "title": name, "includedPermissions": list(permissions)}


@pytest.fixture
def firm(estate: GcpEstate) -> GcpEstate:
    """A project in a folder of an organization, as it is when nobody has set anything."""
    estate.answers[f"{CRM}/projects/{PROJECT}"]["parent"] = FOLDER
    estate.answers[f"{CRM}/{FOLDER}"] = {"name": FOLDER, "parent": f"organizations/{ORGANIZATION}", "state": "ACTIVE"}
    for level in (f"projects/{PROJECT}", FOLDER, f"organizations/{ORGANIZATION}"):
        estate.answers[f"{CRM}/{level}:getIamPolicy"] = policy()
        estate.answers[f"logging/v2/{level}/sinks"] = Listed("sinks", [])
    estate.answers[f"{IAM}/projects/{PROJECT}/roles"] = Listed("roles", [])
    estate.answers[f"logging/v2/projects/{PROJECT}/sinks"] = Listed(
        "sinks",
        [
            {"name": "_Required", "destination": f"{LOGS}/_Required", "filter": EVERY_CHANGE},
            {"name": "_Default", "destination": f"{LOGS}/_Default", "filter": f"NOT {EVERY_CHANGE}"},
        ],
    )
    name = f"projects/{PROJECT}/locations/global/buckets"
    estate.answers[f"logging/v2/projects/{PROJECT}/locations/-/buckets"] = Listed(
        "buckets",
        [
            {"name": f"{name}/_Required", "retentionDays": 400, "locked": True, "lifecycleState": "ACTIVE"},
            {"name": f"{name}/_Default", "retentionDays": 30, "lifecycleState": "ACTIVE"},
        ],
    )
    return estate


def bind(estate: GcpEstate, level: str, *bindings: tuple[str, tuple[str, ...]], audit: Any = ()) -> None:
    """Replace the policy of one level."""
    estate.answers[f"{CRM}/{level}:getIamPolicy"] = policy(*bindings, audit=audit)


def sink(estate: GcpEstate, level: str, **body: Any) -> None:
    """Add a sink to one level."""
    estate.answers[f"logging/v2/{level}/sinks"].items.append({"name": "copy", "filter": "", **body})


def test_policies_of_all_levels_count_together(read: Read, firm: GcpEstate) -> None:
    """A member has the roles that the project, the folder and the organization give it."""
    bind(firm, f"projects/{PROJECT}", ("roles/viewer", (ANN, ROBOT)))
    bind(firm, FOLDER, ("roles/cloudkms.admin", (ANN,)))
    bind(firm, f"organizations/{ORGANIZATION}", ("roles/owner", (BOB, "deleted:user:old@example.com?uid=1")))
    for name in ("roles/viewer", "roles/cloudkms.admin"):
        role(firm, name, "x.y.get")
    role(firm, "roles/owner", "resourcemanager.projects.setIamPolicy", "logging.sinks.update", "logging.sinks.delete")

    reading = read(COLLECTOR)

    members = {fact.resource.name: fact for fact in reading.facts(BoundMember)}
    assert {name: fact.roles for name, fact in members.items()} == {
        ANN: ("roles/cloudkms.admin", "roles/viewer"),
        BOB: ("roles/owner",),
        ROBOT: ("roles/viewer",),
    }
    assert {fact.complete for fact in members.values()} == {True}
    owner = reading.fact(AccessPolicy, "roles/owner")
    assert owner.attached_to == owner.account_wide == (BOB,)
    assert (owner.origin, owner.allows_everything, owner.controls_audit_trail) == (PolicyOrigin.PROVIDER, True, True)
    assert reading.fact(AccessPolicy, "roles/viewer").allows_everything is False
    assert reading.documents.complete(WHOLE, "global") is None
    assert reading.page.gaps == []
    assert firm.writes == []


def test_roles_of_the_company_are_known_whether_held_or_not(read: Read, firm: GcpEstate) -> None:
    """The project's own are listed; one of the organization's is read where somebody holds it."""
    own, above = f"projects/{PROJECT}/roles/own", f"organizations/{ORGANIZATION}/roles/wide"
    firm.answers[f"{IAM}/projects/{PROJECT}/roles"] = Listed("roles", [{"name": own, "title": "Own"}])
    role(firm, above, "resourcemanager.projects.setIamPolicy")
    bind(firm, f"projects/{PROJECT}", (above, (ANN,)))

    reading = read(COLLECTOR)

    made = {fact.resource.name: fact for fact in reading.facts(AccessPolicy)}
    assert (made[own].attached_to, made[own].allows_everything) == ((), False)
    assert (made[above].origin, made[above].allows_everything) == (PolicyOrigin.CUSTOMER, True)


def test_watched_rights_of_a_role(read: Read, firm: GcpEstate) -> None:
    """All permissions that make one up have to be in it."""
    buyer, modeler, user = (f"organizations/{ORGANIZATION}/roles/{name}" for name in ("buyer", "modeler", "user"))
    role(firm, buyer, "consumerprocurement.orders.place")
    role(firm, modeler, "aiplatform.models.upload", "aiplatform.models.delete", "aiplatform.endpoints.deploy")
    role(firm, user, "aiplatform.models.upload")
    bind(firm, f"projects/{PROJECT}", *((name, (ANN,)) for name in (buyer, modeler, user)))

    reading = read(COLLECTOR)

    assert reading.fact(AccessPolicy, buyer).watched == (WatchedRight.MARKETPLACE,)
    assert reading.fact(AccessPolicy, modeler).watched == (WatchedRight.MODELS,)
    assert reading.fact(AccessPolicy, user).watched == ()


@pytest.mark.parametrize("kind", ["status", "malformed", "truncate", "reset"])
@pytest.mark.parametrize(
    ("match", "permission"),
    [
        (f"projects/{PROJECT}:getIamPolicy", "resourcemanager.projects.getIamPolicy"),
        (r"folders/77:getIamPolicy", "resourcemanager.folders.getIamPolicy"),
        (r"GET \S*v3/folders/77$", "resourcemanager.folders.get"),
        (r"organizations/\d+:getIamPolicy", "resourcemanager.organizations.getIamPolicy"),
    ],
)
def test_a_policy_that_was_not_read_could_give_anybody_more(
    read: Read, firm: GcpEstate, match: str, permission: str, kind: str
) -> None:
    """What was read is known, and nobody's rights are known to be all."""
    for level in (f"projects/{PROJECT}", FOLDER, f"organizations/{ORGANIZATION}"):
        bind(firm, level, ("roles/viewer", (ANN,)))
    role(firm, "roles/viewer", "x.y.get")
    firm.faults.append(Fault(match, kind=kind))

    reading = read(COLLECTOR)

    (ann,) = reading.facts(BoundMember)
    assert ann.roles == ("roles/viewer",)
    assert isinstance(ann.complete, Unread)
    assert ann.complete.permission == permission
    assert isinstance(reading.fact(AccessPolicy, "roles/viewer").attached_to, Unread)
    unlisted = reading.documents.complete(WHOLE, "global")
    assert unlisted is not None
    assert unlisted.permission == permission


def test_a_role_that_was_not_read_is_unread_alone(read: Read, firm: GcpEstate) -> None:
    """Nobody knows what one role allows; the other one is known."""
    bind(firm, f"projects/{PROJECT}", ("roles/viewer", (ANN,)), ("roles/owner", (BOB,)))
    for name in ("roles/viewer", "roles/owner"):
        role(firm, name, "resourcemanager.projects.setIamPolicy")
    firm.faults.append(Fault("roles/owner"))

    reading = read(COLLECTOR)

    lost = reading.fact(AccessPolicy, "roles/owner").allows_everything
    assert isinstance(lost, Unread)
    assert (lost.operation, lost.permission) == ("iam:roles.get", "iam.roles.get")
    assert reading.fact(AccessPolicy, "roles/viewer").allows_everything is True


def test_a_project_can_be_without_anything_above_it(read: Read, firm: GcpEstate) -> None:
    """Without a parent the policy of the project is all there is."""
    del firm.answers[f"{CRM}/projects/{PROJECT}"]["parent"]
    bind(firm, f"projects/{PROJECT}", ("roles/viewer", (ANN,)))
    role(firm, "roles/viewer")

    (ann,) = read(COLLECTOR).facts(BoundMember)

    assert ann.complete is True


@pytest.mark.parametrize(
    ("member", "kind"),
    [
        (ANN, MemberKind.PERSON),
        ("group:all@example.com", MemberKind.GROUP),
        (ROBOT, MemberKind.PROGRAM),
        ("serviceAccount:415104041262@cloudservices.gserviceaccount.com", MemberKind.PROVIDER),
        ("serviceAccount:service-415104041262@gcp-sa-pubsub.iam.gserviceaccount.com", MemberKind.PROVIDER),
        ("serviceAccount:service-415104041262@compute-system.iam.gserviceaccount.com", MemberKind.PROVIDER),
        # it looks like Google's, and is an account that somebody made in a project of the company's
        ("serviceAccount:service-415104041262@acme-prod.iam.gserviceaccount.com", MemberKind.PROGRAM),
        ("serviceAccount:415104041262-compute@developer.gserviceaccount.com", MemberKind.PROGRAM),
        ("allUsers", MemberKind.EVERYBODY),
        ("allAuthenticatedUsers", MemberKind.EVERYBODY),
        ("domain:example.com", MemberKind.OTHER),
        ("principalSet://iam.googleapis.com/x", MemberKind.OTHER),
    ],
)
def test_members_are_told_apart(member: str, kind: MemberKind) -> None:
    """People, groups, programs of the company's and of Google's."""
    assert kind_of(member) is kind


def test_google_s_own_record_is_a_trail(read: Read, firm: GcpEstate) -> None:
    """Every change is in it; access to data is not, unless the settings say so."""
    reading = read(COLLECTOR)

    trail = reading.fact(AuditTrail, "Cloud Audit Logs")
    assert (trail.logging, trail.all_regions, trail.management_writes) == (True, True, True)
    assert (trail.management_reads, trail.object_reads, trail.object_writes) == (False, False, False)
    assert trail.searchable_in == f"//{LOGS}/_Required"
    assert (trail.store, trail.customer_key, trail.delivery_told) == (None, None, False)
    coverage = reading.fact(AuditCoverage, PROJECT)
    assert (coverage.trails, coverage.covers_all_regions, coverage.covering) == (1, True, ("Cloud Audit Logs",))
    assert reading.fact(LogExports, PROJECT).everything_to == ()


@pytest.mark.parametrize("level", [f"projects/{PROJECT}", FOLDER, f"organizations/{ORGANIZATION}"])
def test_access_to_data_is_recorded_where_some_level_says_so(read: Read, firm: GcpEstate, level: str) -> None:
    """What a folder or the organization sets counts in the project."""
    logs = [{"logType": each} for each in ("ADMIN_READ", "DATA_READ", "DATA_WRITE")]
    bind(firm, level, audit=[{"service": "allServices", "auditLogConfigs": logs}])

    trail = read(COLLECTOR).fact(AuditTrail, "Cloud Audit Logs")

    assert (trail.management_reads, trail.object_reads, trail.object_writes) == (True, True, True)


def test_a_record_that_leaves_somebody_out_does_not_count(read: Read, firm: GcpEstate) -> None:
    """Exempted members could do what they like unseen."""
    logs = [{"logType": "ADMIN_READ", "exemptedMembers": [ANN]}, {"logType": "DATA_READ"}]
    bind(firm, f"projects/{PROJECT}", audit=[{"service": "storage.googleapis.com", "auditLogConfigs": logs}])

    trail = read(COLLECTOR).fact(AuditTrail, "Cloud Audit Logs")

    assert (trail.management_reads, trail.object_reads, trail.object_writes) == (False, True, False)


def test_access_to_data_is_not_recorded_where_the_default_sink_is_off(read: Read, firm: GcpEstate) -> None:
    """The settings have it written, and nothing keeps it."""
    bind(
        firm,
        f"projects/{PROJECT}",
        audit=[{"service": "allServices", "auditLogConfigs": [{"logType": "ADMIN_READ"}]}],
    )
    firm.answers[f"logging/v2/projects/{PROJECT}/sinks"].items[1]["disabled"] = True

    assert read(COLLECTOR).fact(AuditTrail, "Cloud Audit Logs").management_reads is False


def test_a_sink_to_a_bucket_is_a_trail_with_a_store(read: Read, firm: GcpEstate) -> None:
    """It takes everything, so that it is a copy of all logs as well."""
    sink(firm, f"projects/{PROJECT}", destination="storage.googleapis.com/acme-logs")

    reading = read(COLLECTOR)

    trail = reading.fact(AuditTrail, "copy")
    assert (trail.store, trail.key_of_store) == ("//storage.googleapis.com/acme-logs", True)
    assert (trail.logging, trail.management_writes) == (True, True)
    assert reading.fact(LogExports, PROJECT).everything_to == ("//storage.googleapis.com/acme-logs",)
    assert reading.fact(AuditCoverage, PROJECT).covering == ("Cloud Audit Logs", "copy")


@pytest.mark.parametrize("changed", [{"disabled": True}, {"filter": EVERY_CHANGE}, {"exclusions": [{"filter": "a=b"}]}])
def test_a_sink_that_leaves_something_out_is_no_copy_of_everything(
    read: Read, firm: GcpEstate, changed: dict[str, Any]
) -> None:
    """Off, filtered, or with exclusions."""
    sink(firm, f"projects/{PROJECT}", destination="storage.googleapis.com/acme-logs", **changed)

    assert read(COLLECTOR).fact(LogExports, PROJECT).everything_to == ()


def test_an_exclusion_that_is_off_leaves_nothing_out(read: Read, firm: GcpEstate) -> None:
    """It stands there and does nothing."""
    off = [{"filter": EVERY_CHANGE, "disabled": True}]
    sink(firm, f"projects/{PROJECT}", destination="storage.googleapis.com/acme-logs", exclusions=off)

    reading = read(COLLECTOR)

    assert reading.fact(LogExports, PROJECT).everything_to == ("//storage.googleapis.com/acme-logs",)
    assert reading.fact(AuditTrail, "copy").management_writes is True


def test_a_sink_above_counts_where_it_reaches_down(read: Read, firm: GcpEstate) -> None:
    """Without includeChildren it takes only what happens to the organization itself."""
    wide = {"destination": "pubsub.googleapis.com/projects/hub/topics/all", "includeChildren": True}
    sink(firm, f"organizations/{ORGANIZATION}", name="wide", **wide)
    sink(firm, FOLDER, name="narrow", destination="storage.googleapis.com/narrow")

    reading = read(COLLECTOR)

    assert {fact.resource.name for fact in reading.facts(AuditTrail)} == {"Cloud Audit Logs", "wide"}
    assert reading.fact(LogExports, PROJECT).everything_to == ("//pubsub.googleapis.com/projects/hub/topics/all",)


def test_a_sink_of_something_else_is_no_trail(read: Read, firm: GcpEstate) -> None:
    """It takes no change at all."""
    sink(firm, f"projects/{PROJECT}", destination="storage.googleapis.com/b", filter='resource.type="k8s_container"')

    assert {fact.resource.name for fact in read(COLLECTOR).facts(AuditTrail)} == {"Cloud Audit Logs"}


def test_a_filter_that_nobody_understands_is_unread(read: Read, firm: GcpEstate) -> None:
    """It may take changes or not."""
    sink(firm, f"projects/{PROJECT}", destination="storage.googleapis.com/b", filter="sample(insertId, 0.5)")

    reading = read(COLLECTOR)

    lost = reading.fact(AuditTrail, "copy").management_writes
    assert isinstance(lost, Unread)
    assert lost.permission == "logging.sinks.list"
    assert reading.fact(LogExports, PROJECT).everything_to == ()


@pytest.mark.parametrize("kind", ["status", "malformed", "truncate", "reset"])
@pytest.mark.parametrize("level", [f"projects/{PROJECT}", FOLDER, f"organizations/{ORGANIZATION}"])
def test_sinks_that_were_not_listed_may_copy_everything(read: Read, firm: GcpEstate, level: str, kind: str) -> None:
    """Nobody can say that nothing is exported."""
    firm.faults.append(Fault(f"{level}/sinks", kind=kind))

    reading = read(COLLECTOR)

    exports = reading.fact(LogExports, PROJECT).everything_to
    assert isinstance(exports, Unread)
    assert exports.permission == "logging.sinks.list"
    assert isinstance(reading.fact(AuditCoverage, PROJECT).trails, Unread)


def test_a_listing_of_sinks_that_breaks_off_keeps_what_it_had(read: Read, firm: GcpEstate) -> None:
    """The first page had Google's own record, which settles that changes are recorded."""
    sink(firm, f"projects/{PROJECT}", destination="storage.googleapis.com/b")
    firm.faults.append(Fault(f"projects/{PROJECT}/sinks.*pageToken"))

    reading = read(COLLECTOR)

    (gap,) = reading.page.gaps
    assert (gap.reason, gap.kind) == (Reason.PARTIAL_LISTING, "gcp.logging.sink")
    assert reading.fact(AuditCoverage, PROJECT).covers_all_regions is True
    assert isinstance(reading.fact(LogExports, PROJECT).everything_to, Unread)


def test_log_stores_have_their_days_their_keys_and_their_locks(read: Read, firm: GcpEstate) -> None:
    """A bucket that says nothing of its days keeps 30, and one that is being deleted is none any more."""
    name = f"projects/{PROJECT}/locations/europe-west1/buckets"
    firm.answers[f"logging/v2/projects/{PROJECT}/locations/-/buckets"].items.extend(
        [
            {"name": f"{name}/own", "cmekSettings": {"kmsKeyName": "projects/p/k"}, "lifecycleState": "ACTIVE"},
            {"name": f"{name}/gone", "retentionDays": 1, "lifecycleState": "DELETE_REQUESTED"},
        ]
    )

    reading = read(COLLECTOR)

    stores = {fact.resource.name: fact for fact in reading.facts(LogStore)}
    assert {key: fact.retention_days for key, fact in stores.items()} == {"_Default": 30, "_Required": 400, "own": 30}
    assert (stores["own"].customer_key, stores["own"].resource.region) == ("projects/p/k", "europe-west1")
    assert stores["_Default"].customer_key is None
    (lock,) = reading.facts(ResourceLock)
    assert lock.scope == f"//{LOGS}/_Required"


def test_log_stores_that_cannot_be_listed_leave_the_key_of_the_record_unread(read: Read, firm: GcpEstate) -> None:
    """The record is there all the same."""
    firm.faults.append(Fault("/buckets"))

    reading = read(COLLECTOR)

    assert reading.facts(LogStore) == []
    key = reading.fact(AuditTrail, "Cloud Audit Logs").customer_key
    assert isinstance(key, Unread)
    assert key.permission == "logging.buckets.list"
