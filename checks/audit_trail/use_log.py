"""Services log how they are used."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from checks.api import PARTIAL, SUPPORTING, Check, Criterion, Facts, Finding, Params
from checks.kept_logs import judge_log
from collectors.facts.service_logs import UseLog


def judge(facts: Facts, now: datetime, params: Params) -> Iterator[Finding]:
    """One finding per resource that has such a log."""
    for log in facts.of(UseLog):
        yield judge_log(log)


CHECK = Check(
    id="audit_trail.use_log",
    title="Services log how they are used",
    criteria=(
        Criterion("CC7.2", PARTIAL, "attacks on the service and misuse of it can be noticed"),
        Criterion("CC7.3", SUPPORTING, "shows who asked for what during an event"),
    ),
    severity="medium",
    needs=(UseLog,),
    remediation="Switch on the log that the finding names and send it to a log store or an object store: on AWS access "
    "logs of API stages, distributions and Client VPN endpoints, field logs of AppSync APIs, model invocation logging "
    "of Bedrock, logging configurations of web ACLs (with metrics of every rule) and network firewalls, query logging "
    "of public hosted zones, audit logs of OpenSearch domains, general and audit logs of Amazon MQ brokers.  On Google "
    "Cloud set cloudLoggingConfig.enableLogging of the public zone.",
    equivalents={
        "prowler": (
            "apigateway_restapi_logging_enabled",
            "apigatewayv2_api_access_logging_enabled",
            "appsync_field_level_logging_enabled",
            "bedrock_model_invocation_logging_enabled",
            "cloudfront_distributions_logging_enabled",
            "ec2_client_vpn_endpoint_connection_logging_enabled",
            "mq_broker_logging_enabled",
            "networkfirewall_logging_enabled",
            "opensearch_service_domains_audit_logging_enabled",
            "route53_public_hosted_zones_cloudwatch_logging_enabled",
            "wafv2_webacl_logging_enabled",
            "wafv2_webacl_rule_logging_enabled",
        ),
        "aws_config": (
            "api-gw-execution-logging-enabled",
            "api-gwv2-access-logs-enabled",
            "appsync-logging-enabled",
            "cloudfront-accesslogs-enabled",
            "ec2-client-vpn-connection-log-enabled",
            "netfw-logging-enabled",
            "opensearch-audit-logging-enabled",
            "route53-query-logging-enabled",
            "wafv2-logging-enabled",
            "wafv2-rulegroup-logging-enabled",
        ),
        "security_hub": (
            "APIGateway.1",
            "APIGateway.9",
            "AppSync.2",
            "CloudFront.5",
            "EC2.51",
            "MQ.2",
            "NetworkFirewall.2",
            "Opensearch.5",
            "Route53.2",
            "WAF.11",
            "WAF.12",
        ),
    },
    judge=judge,
)
