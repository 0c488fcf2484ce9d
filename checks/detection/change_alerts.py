"""Somebody is told when a critical setting is changed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from checks.alerting import told
from checks.api import (
    DIRECT,
    PARTIAL,
    SUPPORTING,
    Check,
    Criterion,
    Facts,
    Finding,
    Param,
    Params,
    fails,
    passes,
    unknown,
)
from checks.thresholds import names
from collectors.facts.core import Unread
from collectors.facts.detection import ChangeAlert
from collectors.facts.monitoring import AuditCoverage

OPERATIONS = (
    "Microsoft.Authorization/policyAssignments/write",
    "Microsoft.Authorization/policyAssignments/delete",
    "Microsoft.Authorization/roleAssignments/write",
    "Microsoft.Authorization/roleAssignments/delete",
    "Microsoft.Insights/diagnosticSettings/write",
    "Microsoft.Insights/diagnosticSettings/delete",
    "Microsoft.Network/networkSecurityGroups/write",
    "Microsoft.Network/networkSecurityGroups/delete",
    "Microsoft.Network/publicIPAddresses/write",
    "Microsoft.Network/publicIPAddresses/delete",
    "Microsoft.Security/securitySolutions/write",
    "Microsoft.Security/securitySolutions/delete",
    "Microsoft.Sql/servers/firewallRules/write",
    "Microsoft.Sql/servers/firewallRules/delete",
)
"""Changes of rights, of rules, of the audit trail, and of what is open to the network."""


def judge(facts: Facts, now: datetime, params: Params) -> Iterator[Finding]:
    """One finding per account; an operation that certainly nobody is told of decides."""
    operations = names(params, "operations")
    for account in facts.of(AuditCoverage):
        found = {operation: told(facts, operation) for operation in operations}
        alerts = dict.fromkeys(alert for _, by in found.values() for alert in by)
        missing = [operation for operation, (value, _) in found.items() if value is False]
        gaps = [value for value, _ in found.values() if isinstance(value, Unread)]
        if missing:
            yield fails(account, f"no alert tells anybody of {', '.join(missing)}", *alerts)
        elif gaps:
            yield unknown(account, *gaps)
        else:
            yield passes(account, f"alerts tell somebody of all {len(operations)} operations on the list", *alerts)


CHECK = Check(
    id="detection.change_alerts",
    title="Changes of critical settings raise an alert",
    criteria=(
        Criterion("CC7.2", DIRECT, "a change that may be an attack reaches a person"),
        Criterion("CC7.3", PARTIAL, "somebody can judge the change while it is fresh"),
        Criterion("CC7.4", SUPPORTING, "the response to a hostile change starts early"),
    ),
    severity="high",
    needs=(AuditCoverage, ChangeAlert),
    remediation="Create an alert rule for each operation, for the whole account and without further conditions, that "
    "names receivers: on Azure, an activity log alert with the operation's name and an action group.",
    equivalents={
        "prowler": (
            "monitor_alert_create_policy_assignment",
            "monitor_alert_create_update_nsg",
            "monitor_alert_create_update_public_ip_address_rule",
            "monitor_alert_create_update_security_solution",
            "monitor_alert_create_update_sqlserver_fr",
            "monitor_alert_delete_nsg",
            "monitor_alert_delete_policy_assignment",
            "monitor_alert_delete_public_ip_address_rule",
            "monitor_alert_delete_security_solution",
            "monitor_alert_delete_sqlserver_fr",
        ),
    },
    judge=judge,
    params=(Param("operations", OPERATIONS, "operation names", "operations of the provider that raise an alert"),),
)
