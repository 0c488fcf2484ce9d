"""How the demo's subscription is watched over: logs, alerts, roles, locks, policies, Defender for Cloud."""

from __future__ import annotations

from typing import Any

from agent.demo.azure_company import INSIGHTS, PLACE, VAULT, Company, guid

AUTHORIZATION = "providers/Microsoft.Authorization"
SECURITY = "providers/Microsoft.Security"
VULNERABLE, ENDPOINT, UPDATES, IMAGES = (
    "ffff0522-1e88-47fc-8382-2a80ba848f5d",
    "06e3a6db-6c0c-4ad9-943f-31d9d73ecf6c",
    "e1145ab1-eb4f-43d8-911b-36ddf771d13f",
    "c0b7cfc6-3172-465a-b378-53c7ff2cc0d5",
)
"""Azure's keys of questions about machines and images."""


def build(company: Company) -> None:
    """Make all that watches, and all that is written down about who may do what."""
    _logs(company)
    _alerts(company)
    _availability(company)
    _roles(company)
    _policies(company)
    _defender(company)
    _seen(company)
    _devices(company)


def _logs(company: Company) -> None:
    key = {"keyVaultUri": VAULT, "keyName": "data"}
    cluster = company.put("ops/Microsoft.OperationalInsights/clusters/acme", {"keyVaultProperties": key})
    kept = company.put(
        "ops/Microsoft.OperationalInsights/workspaces/acme-logs",
        {"retentionInDays": 400, "features": {"clusterResourceId": cluster}},
    )
    brief = company.put("web/Microsoft.OperationalInsights/workspaces/acme-web", {"retentionInDays": 30})
    for workspace, table, days in (
        (kept, "AzureActivity", 400),
        (kept, "SecurityEvent", 730),
        (brief, "AppTraces", 30),
    ):
        company.put(f"{workspace}/tables/{table}", {"totalRetentionInDays": days, "schema": {"columns": []}})
    sent = [{"category": each, "enabled": True} for each in ("Administrative", "Security", "Policy", "Alert")]
    said = {"workspaceId": company.workspace, "storageAccountId": company.archive, "logs": sent}
    company.put(f"{company.scope}/{INSIGHTS}/activity", said)


def _alerts(company: Company) -> None:
    mail = {"name": "on-call", "emailAddress": "on-call@acme.example", "status": "Enabled"}
    team = company.put("ops/Microsoft.Insights/actionGroups/on-call", {"enabled": True, "emailReceivers": [mail]})
    nobody = company.put("ops/Microsoft.Insights/actionGroups/nobody", {"enabled": True, "emailReceivers": []})

    def alert(name: str, group: str, **equal: str) -> None:
        leaves = [{"field": field, "equals": value} for field, value in equal.items()]
        said = {
            "scopes": [company.scope],
            "condition": {"allOf": leaves},
            "actions": {"actionGroups": [{"actionGroupId": group}]},
            "enabled": True,
        }
        company.put(f"ops/Microsoft.Insights/activityLogAlerts/{name}", said)

    for verb in ("write", "delete"):
        operation = f"Microsoft.Authorization/roleAssignments/{verb}"
        alert(f"roles-{verb}", team, category="Administrative", operationName=operation)
    groups = "Microsoft.Network/networkSecurityGroups/write"
    alert("firewalls", nobody, category="Administrative", operationName=groups)
    alert("azure-itself", team, category="ServiceHealth")
    company.put(
        "web/Microsoft.Insights/metricAlerts/shop-down",
        {
            "enabled": True,
            "scopes": [_component(company)],
            "criteria": {"allOf": [{"metricName": "availabilityResults/availabilityPercentage"}]},
            "actions": [{"actionGroupId": team}],
        },
    )


def _component(company: Company) -> str:
    """The id of the resource that availability tests report to."""
    return company.id("web/Microsoft.Insights/components/shop")


def _availability(company: Company) -> None:
    component = _component(company)
    places = [{"Id": place} for place in ("emea-nl-ams-azr", "emea-gb-db3-azr", "us-va-ash-azr")]
    company.put(
        "web/Microsoft.Insights/webtests/shop",
        {"Enabled": True, "Frequency": 300, "Locations": places},
        tags={f"hidden-link:{component}": "Resource"},
    )
    metric = {"timeseries": [{"data": [{"timeStamp": company.day(-30), "average": 99.97}]}]}
    path = f"{component}/providers/Microsoft.Insights/metrics"
    company.estate.answers[path.lower()] = {"timespan": "P30D", "value": [metric]}


def _roles(company: Company) -> None:
    roles = f"{company.scope}/{AUTHORIZATION}/roleDefinitions"
    own = "CustomRole"
    for name, type_, actions, holders in (
        ("Owner", "BuiltInRole", ["*"], ("alice", "carol")),
        ("Reader", "BuiltInRole", ["*/read"], ("auditor",)),
        ("Deployer", own, ["Microsoft.Web/sites/*", "*/read"], ("shop-here",)),
        ("Everything", own, ["*"], ("partner",)),
    ):
        said = {"roleName": name, "type": type_, "permissions": [{"actions": actions, "notActions": []}]}
        role = company.put(f"{roles}/{guid(name)}", said)
        if type_ == own:
            listed = company.estate.answers.setdefault(roles.lower(), [])
            listed.append(company.estate.things[role.lower()])
        for holder in holders:
            grant = {"roleDefinitionId": role, "principalId": guid(holder), "scope": company.scope}
            company.put(f"{company.scope}/{AUTHORIZATION}/roleAssignments/{guid(f'{name}-{holder}')}", grant)


def _policies(company: Company) -> None:
    group = f"{company.scope}/resourceGroups/prod"
    company.put(f"{group}/{AUTHORIZATION}/locks/keep", {"level": "CanNotDelete"})
    baseline = company.put(
        f"{company.scope}/{AUTHORIZATION}/policyAssignments/baseline",
        {
            "displayName": "Security baseline",
            "scope": company.scope,
            "policyDefinitionId": f"/{AUTHORIZATION}/policySetDefinitions/{guid('baseline')}",
            "enforcementMode": "Default",
        },
    )
    results = {"policyAssignmentId": baseline.lower(), "results": {"nonCompliantResources": 4}}
    path = f"{company.scope}/providers/Microsoft.PolicyInsights/policyStates/latest/summarize"
    company.estate.answers[path.lower()] = {"value": [{"results": {}, "policyAssignments": [results]}]}


def _defender(company: Company) -> None:
    scan = {"name": "ContainerRegistriesVulnerabilityAssessments", "isEnabled": "True"}
    for name, tier, more in (
        ("VirtualMachines", "Standard", {"subPlan": "P2", "resourcesCoverageStatus": "FullyCovered"}),
        ("StorageAccounts", "Standard", {"resourcesCoverageStatus": "PartiallyCovered"}),
        ("Containers", "Standard", {"extensions": [scan]}),
        ("KeyVaults", "Free", {}),
        ("CloudPosture", "Free", {}),
        ("Dns", "Free", {"deprecated": True, "replacedBy": ["VirtualMachines"]}),
    ):
        company.put(f"{company.scope}/{SECURITY}/pricings/{name}", {"pricingTier": tier, **more})
    for name, on in (("MCAS", False), ("WDATP", True)):
        company.put(f"{company.scope}/{SECURITY}/settings/{name}", {"enabled": on}, kind="DataExportSettings")
    company.put(f"{company.scope}/{SECURITY}/autoProvisioningSettings/default", {"autoProvision": "Off"})
    company.put(
        f"{company.scope}/{SECURITY}/securityContacts/default",
        {
            "emails": "security@acme.example",
            "alertNotifications": {"state": "On", "minimalSeverity": "Medium"},
            "notificationsByRole": {"state": "On", "roles": ["Owner"]},
        },
    )
    answers = [
        _answer(company, "web-1", VULNERABLE, "Healthy"),
        _answer(company, "batch", VULNERABLE, "Unhealthy"),
        _answer(company, "web-1", ENDPOINT, "Healthy"),
        _answer(company, "batch", UPDATES, "Unhealthy"),
        _answer(company, "web-1", IMAGES, "NotApplicable", cause="Exempt"),
        _answer(company, "batch", IMAGES, "Healthy"),
    ]
    company.estate.answers[f"{company.scope}/{SECURITY}/assessments".lower()] = answers


def _answer(company: Company, machine: str, key: str, code: str, **status: str) -> dict[str, Any]:
    """What Defender found out about a machine."""
    about = company.id(f"prod/Microsoft.Compute/virtualMachines/{machine}")
    return {
        "id": f"{about}/{SECURITY}/assessments/{key}",
        "name": key,
        "type": "Microsoft.Security/assessments",
        "properties": {"resourceDetails": {"Source": "Azure", "Id": about}, "status": {"code": code, **status}},
    }


def _seen(company: Company) -> None:
    """Alerts of Defender: one that waits, one that somebody settled, and one that somebody put aside."""
    for name, title, severity, status, age in (
        ("a1", "Sign-in from an unusual place", "High", "Active", 3),
        ("a2", "Digging for coins on a machine", "High", "Resolved", 40),
        ("a3", "Access from a Tor exit node", "Medium", "Dismissed", 20),
    ):
        said = {"alertDisplayName": title, "alertType": "VM_X", "severity": severity, "status": status}
        id_ = f"{company.scope}/{SECURITY}/locations/{PLACE}/alerts/{name}"
        body = {"id": id_, "name": name, "properties": {**said, "timeGeneratedUtc": company.day(-age)}}
        company.estate.answers.setdefault(f"{company.scope}/{SECURITY}/alerts".lower(), []).append(body)


def _devices(company: Company) -> None:
    hubs = [company.put(f"prod/Microsoft.Devices/IotHubs/{name}", {"state": "Active"}) for name in ("scales", "doors")]
    said = {"displayName": "scales", "status": "Enabled", "iotHubs": hubs[:1]}
    company.put("prod/Microsoft.Security/iotSecuritySolutions/scales", said, location=PLACE)
