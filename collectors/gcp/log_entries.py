"""Entries that Google's audit logs hold after certain events, as far as filters ask for them.

By these a filter is asked what it takes: a sink or an alert that takes the entry learns of the event.
"""

from __future__ import annotations

from collections.abc import Mapping

from collectors.gcp.log_filters import ABSENT, LOG_NAME, Entry

_LOGS = "projects/p/logs/"
ACTIVITY, DATA_ACCESS = "cloudaudit.googleapis.com%2Factivity", "cloudaudit.googleapis.com%2Fdata_access"
_DELTA = "protoPayload.serviceData.policyDelta"
_BINDING = f"{_DELTA}.bindingDeltas"
_AUDITED = f"{_DELTA}.auditConfigDeltas"


def entry(log: str, service: str, resource: str, method: str, **more: str) -> Entry:
    """An entry about a call of `method`; `more` are further fields, whose dots may be written as two underscores."""
    fields = {
        LOG_NAME: (f"{_LOGS}{log}",),
        "log_name": (f"{_LOGS}{log}",),
        "resource.type": (resource,),
        "severity": ("NOTICE",),
        "protoPayload.@type": ("type.googleapis.com/google.cloud.audit.AuditLog",),
        "protoPayload.serviceName": (service,),
        "protoPayload.methodName": (method,),
        **{name.replace("__", "."): (value,) for name, value in more.items()},
    }
    empty = (each for each in (_BINDING, _AUDITED) if not any(name.startswith(each) for name in fields))
    return {**fields, ABSENT: ("jsonPayload", "textPayload", "httpRequest", *empty)}


def _compute(resource: str, *methods: str) -> dict[str, Entry]:
    service = "compute.googleapis.com"
    return {each: entry(ACTIVITY, service, resource, f"v1.{each}") for each in methods}


def _policy_change(**delta: str) -> Entry:
    given = {f"{_DELTA}.{name}": value for name, value in delta.items()}
    return entry(ACTIVITY, "cloudresourcemanager.googleapis.com", "project", "SetIamPolicy", **given)


def _roles(*methods: str) -> dict[str, Entry]:
    return {
        f"google.iam.admin.v1.{each}": entry(ACTIVITY, "iam.googleapis.com", "iam_role", f"google.iam.admin.v1.{each}")
        for each in methods
    }


CHANGES: Mapping[str, Entry] = {
    "SetIamPolicy:add roles/owner": _policy_change(bindingDeltas__action="ADD", bindingDeltas__role="roles/owner"),
    "SetIamPolicy:remove roles/owner": _policy_change(
        bindingDeltas__action="REMOVE", bindingDeltas__role="roles/owner"
    ),
    "SetIamPolicy:auditConfigs": _policy_change(auditConfigDeltas__service="allServices"),
    **_roles("CreateRole", "UpdateRole", "DeleteRole"),
    **_compute("gce_firewall_rule", "compute.firewalls.insert", "compute.firewalls.patch", "compute.firewalls.delete"),
    **_compute("gce_route", "compute.routes.insert", "compute.routes.delete"),
    **_compute(
        "gce_network",
        "compute.networks.insert",
        "compute.networks.patch",
        "compute.networks.delete",
        "compute.networks.addPeering",
        "compute.networks.removePeering",
    ),
    "storage.setIamPermissions": entry(ACTIVITY, "storage.googleapis.com", "gcs_bucket", "storage.setIamPermissions"),
    "cloudsql.instances.update": entry(
        ACTIVITY, "cloudsql.googleapis.com", "cloudsql_database", "cloudsql.instances.update"
    ),
}
"""Changes of which somebody should be told, by the provider's name of the operation and what it changes."""
INCIDENT: Entry = {
    LOG_NAME: (f"{_LOGS}servicehealth.googleapis.com%2Factivity",),
    "log_name": (f"{_LOGS}servicehealth.googleapis.com%2Factivity",),
    "resource.type": ("servicehealth.googleapis.com/Event",),
    "jsonPayload.@type": ("type.googleapis.com/google.cloud.servicehealth.logging.v1.EventLog",),
    "jsonPayload.category": ("INCIDENT",),
    "jsonPayload.state": ("ACTIVE",),
    "jsonPayload.relevance": ("IMPACTED",),
    ABSENT: ("protoPayload", "textPayload", "httpRequest"),
}
"""An incident in a service of Google's that touches the project: Personalized Service Health, log-based alerts."""
WRITES: tuple[Entry, ...] = (
    CHANGES["SetIamPolicy:auditConfigs"],
    CHANGES["compute.firewalls.insert"],
    CHANGES["storage.setIamPermissions"],
    CHANGES["google.iam.admin.v1.CreateRole"],
)
"""Changes in several services: a filter that takes all of these leaves out no service."""
READS: tuple[Entry, ...] = (
    entry(DATA_ACCESS, "compute.googleapis.com", "gce_instance", "v1.compute.instances.list"),
    entry(DATA_ACCESS, "iam.googleapis.com", "service_account", "google.iam.admin.v1.ListServiceAccounts"),
)
OBJECTS: tuple[Entry, ...] = (
    entry(DATA_ACCESS, "storage.googleapis.com", "gcs_bucket", "storage.objects.get"),
    entry(DATA_ACCESS, "storage.googleapis.com", "gcs_bucket", "storage.objects.create"),
)
