"""How the demo's project at Google is watched over: alerts, probes, findings, contacts, rules, inventory."""

from __future__ import annotations

from typing import Any

from agent.demo.gcp_company import REGION, ZONE, Company
from agent.demo.gcp_loopback import Listed

INCIDENTS = 'resource.type="servicehealth.googleapis.com/Event"'
OWNERS = (
    'protoPayload.serviceName="cloudresourcemanager.googleapis.com" AND '
    'protoPayload.serviceData.policyDelta.bindingDeltas.role="roles/owner"'
)
LOAD = 'metric.type="run.googleapis.com/request_latencies" AND resource.type="cloud_run_revision"'
MONITORING = "monitoring/v3/~"


def build(company: Company) -> None:
    """Make all that watches."""
    _alerts(company)
    company.put(
        f"{MONITORING}/uptimeCheckConfigs",
        _probe(company, "shop", "60s"),
        _probe(company, "legacy", "900s", selectedRegions=["EUROPE"]),
    )
    _measures(company)
    _machines(company)
    _findings(company)
    _contacts(company)
    _lists(company)


def _alerts(company: Company) -> None:
    mail = f"{company.p}/notificationChannels/on-call"
    company.put(f"{MONITORING}/notificationChannels", {"name": mail, "type": "email", "enabled": True})
    company.put("logging/v2/~/metrics", {"name": "owners", "filter": OWNERS})
    counted = 'metric.type="logging.googleapis.com/user/owners" AND resource.type="global"'
    for name, condition, told in (
        ("incidents", {"conditionMatchedLog": {"filter": INCIDENTS}}, True),
        ("owners", {"conditionThreshold": {"filter": counted, **_above(0)}}, True),
        ("slow", {"conditionThreshold": {"filter": LOAD, **_above(2000)}}, True),
        ("nobody hears", {"conditionThreshold": {"filter": LOAD, **_above(9000)}}, False),
    ):
        alert = {
            "name": f"{company.p}/alertPolicies/{name.replace(' ', '-')}",
            "displayName": name,
            "combiner": "OR",
            "conditions": [{"displayName": name, **condition}],
            **({"notificationChannels": [mail]} if told else {}),
        }
        company.put(f"{MONITORING}/alertPolicies", alert)


def _above(value: float) -> dict[str, Any]:
    """Google leaves a limit of zero out."""
    return {"comparison": "COMPARISON_GT", "duration": "0s", **({"thresholdValue": value} if value else {})}


def _probe(company: Company, name: str, period: str, **changed: Any) -> dict[str, Any]:
    return {
        "name": f"{company.p}/uptimeCheckConfigs/{name}",
        "displayName": name,
        "period": period,
        "checkerType": "STATIC_IP_CHECKERS",
        **changed,
    }


def _measures(company: Company) -> None:
    """What the probes found in the last days."""
    series = [
        {
            "metric": {"type": "monitoring.googleapis.com/uptime_check/check_passed", "labels": {"check_id": name}},
            "points": [{"interval": {"endTime": company.day(0)}, "value": {"doubleValue": share}}],
        }
        for name, share in (("shop", 0.9997), ("legacy", 0.981))
    ]
    company.below(f"{MONITORING}/timeSeries", "timeSeries", *series)


def _machines(company: Company) -> None:
    """What Google knows of the software on machines and in images."""
    flaw = {"details": {"severity": "HIGH", "cve": "CVE-2024-0001"}, "items": [{"availableInventoryItemId": "libc-2"}]}
    for machine, flaws in (("1001", []), ("1002", [flaw])):
        report = {"name": f"projects/{company.number}/locations/{ZONE}/instances/{machine}/vulnerabilityReport"}
        company.estate.answers.setdefault(
            f"osconfig/v1/{company.p}/locations/{ZONE}/instances/-/vulnerabilityReports",
            Listed("vulnerabilityReports", []),
        ).items.append({**report, "vulnerabilities": flaws})
    company.say(
        "securitycentermanagement/v1/~/locations/global/securityCenterServices/vm-threat-detection",
        {
            "name": company.at("global", "securityCenterServices/vm-threat-detection"),
            "effectiveEnablementState": "ENABLED",
        },
    )
    images = f"https://{REGION}-docker.pkg.dev/{company.project}/apps"
    for image, severity, number in (("shop", "LOW", 4), ("jobs", "CRITICAL", 1)):
        count = {"resourceUri": f"{images}/{image}@sha256:00", "severity": severity, "totalCount": number}
        company.put("containeranalysis/v1/~/occurrences:vulnerabilitySummary", {**count, "fixableCount": number})


def detectors(company: Company, **states: str) -> None:
    """Say which detectors of Security Command Center are on, two dashes being written as underscores."""
    for name, state in states.items():
        said = {
            "name": company.at("global", f"securityCenterServices/{name.replace('_', '-')}"),
            "effectiveEnablementState": state,
        }
        company.put("securitycentermanagement/v1/~/locations/global/securityCenterServices", said)


def _findings(company: Company) -> None:
    detectors(company, event_threat_detection="ENABLED", security_health_analytics="ENABLED")
    for name, category, severity, muted in (
        ("f1", "OPEN_SSH_PORT", "HIGH", "UNDEFINED"),
        ("f2", "PUBLIC_BUCKET_ACL", "HIGH", "MUTED"),
        ("f3", "LOCKED_RETENTION_POLICY_NOT_SET", "LOW", "UNDEFINED"),
    ):
        finding = {
            "name": f"{company.p}/sources/1/locations/global/findings/{name}",
            "category": category,
            "findingClass": "MISCONFIGURATION",
            "resourceName": f"//cloudresourcemanager.googleapis.com/projects/{company.number}/{name}",
            "severity": severity,
            "state": "ACTIVE",
            "mute": muted,
            "createTime": company.day(-20),
            "eventTime": company.day(-1),
        }
        company.put("securitycenter/v2/~/sources/-/locations/global/findings", {"finding": finding})


def _contacts(company: Company) -> None:
    contact = {
        "name": f"{company.p}/contacts/1",
        "email": "security@acme.example",
        "notificationCategorySubscriptions": ["SECURITY"],
        "validationState": "VALID",
    }
    company.put("essentialcontacts/v1/~/contacts:compute", contact)
    company.say(
        "accessapproval/v1/~/accessApprovalSettings",
        {
            "name": f"{company.p}/accessApprovalSettings",
            "notificationEmails": ["security@acme.example"],
            "enrolledServices": [{"cloudProduct": "all", "enrollmentLevel": "BLOCK_ALL"}],
        },
    )


def enforced(company: Company, *, on: bool) -> None:
    """Say whether the organization keeps buckets of the project from being opened to everybody."""
    name = f"{company.p}/policies/storage.publicAccessPrevention"
    company.say(
        "orgpolicy/v2/~/policies/storage.publicAccessPrevention:getEffectivePolicy",
        {"name": name, "spec": {"rules": [{"enforce": on}]}},
    )


def _lists(company: Company) -> None:
    enforced(company, on=False)
    names = ("cloudasset", "compute", "logging", "monitoring", "storage", "generativelanguage")
    for name in names:
        service = {"name": f"projects/{company.number}/services/{name}.googleapis.com", "state": "ENABLED"}
        company.put("serviceusage/v1/~/services", service)
    # One bucket more than the listing of the buckets tells of.
    for type_, number in (
        ("logging.googleapis.com/LogBucket", 3),
        ("compute.googleapis.com/Network", 2),
        ("storage.googleapis.com/Bucket", 6),
    ):
        found = [{"name": f"//{type_}/{each}", "assetType": type_} for each in range(number)]
        company.put(f"cloudasset/v1/~:searchAllResources?assetTypes={type_}", *found)
