"""The provider's protection plans that the company chose are on."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

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
    not_applicable,
    passes,
    unknown,
    unread_in,
)
from checks.thresholds import names
from collectors.facts.core import Unread
from collectors.facts.detection import ProtectionPlan
from collectors.facts.monitoring import AuditCoverage

PLANS = (
    "AppServices",
    "Arm",
    "Containers",
    "CosmosDbs",
    "Dns",
    "KeyVaults",
    "MCAS",
    "OpenSourceRelationalDatabases",
    "SqlServerVirtualMachines",
    "SqlServers",
    "StorageAccounts",
    "VirtualMachines",
    "WDATP",
)
"""Azure's plans and integrations for the kinds of workloads that most companies have.

The automatic installation of the log agent, `AutoProvisioning`, is left out: Microsoft retired that agent in 2024.
A company that still runs it adds the name.
"""


def judge(facts: Facts, now: datetime, params: Params) -> Iterator[Finding]:
    """One finding per plan, and one for the account when the provider knows no plan of some name on the list."""
    wanted = {name.lower(): name for name in names(params, "plans")}
    for plan in facts.of(ProtectionPlan):
        yield _judge(plan, listed=wanted.pop(plan.resource.name.lower(), None) is not None)
    if wanted and facts.unlisted(ProtectionPlan) is None:
        for account in facts.of(AuditCoverage):
            if ProtectionPlan.exists_in(account.resource.cloud):
                yield not_applicable(account, f"the provider offers no plan named {', '.join(wanted.values())}")


def _judge(plan: ProtectionPlan, *, listed: bool) -> Finding:
    if not listed:
        return not_applicable(plan, "plan is not on the company's list")
    if isinstance(plan.superseded_by, Unread):
        return unknown(plan, plan.superseded_by)
    if plan.superseded_by:
        return not_applicable(plan, f"plan was replaced by {', '.join(plan.superseded_by)}")
    if plan.enabled is False:
        return fails(plan, "plan is off")
    if plan.covers_all is False:
        return fails(plan, "plan is on, but some resources are taken out of it")
    if gaps := unread_in(plan.enabled, plan.covers_all):
        return unknown(plan, *gaps)
    return passes(plan, "plan is on for all resources of its kind")


CHECK = Check(
    id="detection.protection_plans",
    title="Protection plans are on",
    criteria=(
        Criterion("CC7.2", DIRECT, "signs of attack are looked for in each kind of workload"),
        Criterion("CC6.8", PARTIAL, "behavior of malicious software is noticed"),
        Criterion("CC6.6", PARTIAL, "attacks across the boundary are noticed"),
        Criterion("CC7.1", SUPPORTING, "exploited weaknesses come to light"),
    ),
    severity="high",
    needs=(ProtectionPlan, AuditCoverage),
    remediation="Turn on each plan of the list for the whole account: on Azure, Microsoft Defender for Cloud, "
    "Environment settings, Defender plans; name other plans in the parameter `plans` if the company chose otherwise.",
    equivalents={
        "prowler": (
            "defender_auto_provisioning_log_analytics_agent_vms_on",
            "defender_ensure_defender_for_app_services_is_on",
            "defender_ensure_defender_for_arm_is_on",
            "defender_ensure_defender_for_azure_sql_databases_is_on",
            "defender_ensure_defender_for_containers_is_on",
            "defender_ensure_defender_for_cosmosdb_is_on",
            "defender_ensure_defender_for_databases_is_on",
            "defender_ensure_defender_for_dns_is_on",
            "defender_ensure_defender_for_keyvault_is_on",
            "defender_ensure_defender_for_os_relational_databases_is_on",
            "defender_ensure_defender_for_server_is_on",
            "defender_ensure_defender_for_sql_servers_is_on",
            "defender_ensure_defender_for_storage_is_on",
            "defender_ensure_mcas_is_enabled",
            "defender_ensure_wdatp_is_enabled",
        ),
    },
    judge=judge,
    params=(Param("plans", PLANS, "plan names", "plans of the provider that have to be on"),),
)
