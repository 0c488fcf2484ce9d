"""Calls of functions are in an audit trail."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from checks.api import PARTIAL, SUPPORTING, Check, Criterion, Facts, Finding, Params, decide, not_applicable, unknown
from collectors.facts.apps import WebApp
from collectors.facts.monitoring import AuditCoverage

FUNCTION = "function app"


def judge(facts: Facts, now: datetime, params: Params) -> Iterator[Finding]:
    """One finding per account, where there is a function to call."""
    functions = [app for app in facts.of(WebApp) if app.what == FUNCTION]
    unlisted = facts.unlisted(WebApp)
    for coverage in facts.of(AuditCoverage):
        if coverage.function_calls is None:
            yield not_applicable(coverage, "no trail can record calls of functions here")
        elif not functions and unlisted is None:
            yield not_applicable(coverage, "there is no function to call")
        elif not functions and unlisted and coverage.function_calls is False:
            yield unknown(coverage, unlisted)
        else:
            yield decide(
                coverage,
                coverage.function_calls,
                yes="a trail of every region records each call of each function",
                no="no trail of every region is on and records each call of each function",
            )


CHECK = Check(
    id="audit_trail.function_calls",
    title="An audit trail records calls of functions",
    criteria=(
        Criterion("CC7.2", PARTIAL, "misuse of a function, and who called it, can be noticed"),
        Criterion("CC7.3", SUPPORTING, "shows who called what during an event"),
    ),
    severity="low",
    needs=(AuditCoverage, WebApp),
    remediation="Select data events of all Lambda functions (AWS::Lambda::Function, value arn:aws:lambda) with "
    "ReadWriteType All on a trail of every region (PutEventSelectors), and start its logging.",
    equivalents={"prowler": ("awslambda_function_invoke_api_operations_cloudtrail_logging_enabled",)},
    judge=judge,
)
