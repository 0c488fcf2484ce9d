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
GOOGLE_CHANGES = (
    "SetIamPolicy:add roles/owner",
    "SetIamPolicy:remove roles/owner",
    "SetIamPolicy:auditConfigs",
    "google.iam.admin.v1.CreateRole",
    "google.iam.admin.v1.UpdateRole",
    "google.iam.admin.v1.DeleteRole",
    "compute.firewalls.insert",
    "compute.firewalls.patch",
    "compute.firewalls.delete",
    "compute.networks.insert",
    "compute.networks.patch",
    "compute.networks.delete",
    "compute.networks.addPeering",
    "compute.networks.removePeering",
    "compute.routes.insert",
    "compute.routes.delete",
    "storage.setIamPermissions",
    "cloudsql.instances.update",
)
"""The same in the words of Google's audit logs; behind a colon stands what `SetIamPolicy` changes."""
_POLICIES = tuple(
    f"iam:{verb}{whose}Policy" for whose in ("User", "Group", "Role") for verb in ("Put", "Delete", "Attach", "Detach")
)
TRAIL_CHANGES = (
    "root:use",
    "error:AccessDenied",
    "error:UnauthorizedOperation",
    "signin:ConsoleLogin:failed",
    *_POLICIES,
    "iam:CreatePolicy",
    "iam:DeletePolicy",
    "iam:CreatePolicyVersion",
    "iam:DeletePolicyVersion",
    "cloudtrail:CreateTrail",
    "cloudtrail:UpdateTrail",
    "cloudtrail:DeleteTrail",
    "cloudtrail:StartLogging",
    "cloudtrail:StopLogging",
    "config:StopConfigurationRecorder",
    "config:PutConfigurationRecorder",
    "config:DeleteDeliveryChannel",
    "config:PutDeliveryChannel",
    "s3:PutBucketAcl",
    "s3:PutBucketPolicy",
    "s3:PutBucketCors",
    "s3:PutBucketLifecycle",
    "s3:PutBucketReplication",
    "s3:DeleteBucketPolicy",
    "s3:DeleteBucketCors",
    "s3:DeleteBucketLifecycle",
    "s3:DeleteBucketReplication",
    "ec2:AuthorizeSecurityGroupIngress",
    "ec2:AuthorizeSecurityGroupEgress",
    "ec2:RevokeSecurityGroupIngress",
    "ec2:RevokeSecurityGroupEgress",
    "ec2:CreateSecurityGroup",
    "ec2:DeleteSecurityGroup",
    "ec2:CreateNetworkAcl",
    "ec2:CreateNetworkAclEntry",
    "ec2:DeleteNetworkAcl",
    "ec2:DeleteNetworkAclEntry",
    "ec2:ReplaceNetworkAclEntry",
    "ec2:ReplaceNetworkAclAssociation",
    "ec2:CreateCustomerGateway",
    "ec2:DeleteCustomerGateway",
    "ec2:AttachInternetGateway",
    "ec2:CreateInternetGateway",
    "ec2:DeleteInternetGateway",
    "ec2:DetachInternetGateway",
    "ec2:CreateRoute",
    "ec2:CreateRouteTable",
    "ec2:ReplaceRoute",
    "ec2:ReplaceRouteTableAssociation",
    "ec2:DeleteRouteTable",
    "ec2:DeleteRoute",
    "ec2:DisassociateRouteTable",
    "ec2:CreateVpc",
    "ec2:DeleteVpc",
    "ec2:ModifyVpcAttribute",
    "ec2:AcceptVpcPeeringConnection",
    "ec2:CreateVpcPeeringConnection",
    "ec2:DeleteVpcPeeringConnection",
    "ec2:RejectVpcPeeringConnection",
    "organizations:AcceptHandshake",
    "organizations:AttachPolicy",
    "organizations:CancelHandshake",
    "organizations:CreateAccount",
    "organizations:CreateOrganization",
    "organizations:CreateOrganizationalUnit",
    "organizations:CreatePolicy",
    "organizations:DeclineHandshake",
    "organizations:DeleteOrganization",
    "organizations:DeleteOrganizationalUnit",
    "organizations:DeletePolicy",
    "organizations:DetachPolicy",
    "organizations:DisablePolicyType",
    "organizations:EnableAllFeatures",
    "organizations:EnablePolicyType",
    "organizations:InviteAccountToOrganization",
    "organizations:LeaveOrganization",
    "organizations:MoveAccount",
    "organizations:RemoveAccountFromOrganization",
    "organizations:UpdateOrganizationalUnit",
    "organizations:UpdatePolicy",
)
"""The same in the words of CloudTrail, with the use of the root user, refused calls and sign-ins that fail."""
_LISTS = {"aws": "aws_changes", "gcp": "google_changes"}
"""The parameter with the operations of a cloud, where it is not `operations`."""


def judge(facts: Facts, now: datetime, params: Params) -> Iterator[Finding]:
    """One finding per account; an operation that certainly nobody is told of decides."""
    for account in facts.of(AuditCoverage):
        operations = names(params, _LISTS.get(account.resource.cloud, "operations"))
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
        Criterion("CC7.1", PARTIAL, "a risky change of a setting comes to light at once"),
        Criterion("CC7.3", PARTIAL, "somebody can judge the change while it is fresh"),
        Criterion("CC7.4", SUPPORTING, "the response to a hostile change starts early"),
    ),
    severity="high",
    needs=(AuditCoverage, ChangeAlert),
    remediation="Create an alert rule for each operation, for the whole account and without further conditions, that "
    "names receivers: on AWS, a CloudWatch alarm on a metric filter of CloudTrail's log group, or an EventBridge rule, "
    "with an SNS topic that somebody confirmed; on Azure, an activity log alert with the operation's name and an "
    "action group; on Google Cloud, a log metric or a log-based alert policy whose filter takes the change, with a "
    "notification channel.",
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
            "cloudwatch_changes_to_network_acls_alarm_configured",
            "cloudwatch_changes_to_network_gateways_alarm_configured",
            "cloudwatch_changes_to_network_route_tables_alarm_configured",
            "cloudwatch_changes_to_vpcs_alarm_configured",
            "cloudwatch_log_metric_filter_and_alarm_for_aws_config_configuration_changes_enabled",
            "cloudwatch_log_metric_filter_and_alarm_for_cloudtrail_configuration_changes_enabled",
            "cloudwatch_log_metric_filter_authentication_failures",
            "cloudwatch_log_metric_filter_aws_organizations_changes",
            "cloudwatch_log_metric_filter_for_s3_bucket_policy_changes",
            "cloudwatch_log_metric_filter_policy_changes",
            "cloudwatch_log_metric_filter_root_usage",
            "cloudwatch_log_metric_filter_security_group_changes",
            "cloudwatch_log_metric_filter_unauthorized_api_calls",
            "logging_log_metric_filter_and_alert_for_audit_configuration_changes_enabled",
            "logging_log_metric_filter_and_alert_for_bucket_permission_changes_enabled",
            "logging_log_metric_filter_and_alert_for_custom_role_changes_enabled",
            "logging_log_metric_filter_and_alert_for_project_ownership_changes_enabled",
            "logging_log_metric_filter_and_alert_for_sql_instance_configuration_changes_enabled",
            "logging_log_metric_filter_and_alert_for_vpc_firewall_rule_changes_enabled",
            "logging_log_metric_filter_and_alert_for_vpc_network_changes_enabled",
            "logging_log_metric_filter_and_alert_for_vpc_network_route_changes_enabled",
        ),
    },
    judge=judge,
    params=(
        Param("operations", OPERATIONS, "operation names", "operations of the provider that raise an alert"),
        Param("aws_changes", TRAIL_CHANGES, "changes", "changes on AWS that raise an alert"),
        Param("google_changes", GOOGLE_CHANGES, "changes", "changes on Google Cloud that raise an alert"),
    ),
)
