"""No policy of the company's own that somebody holds gives full control over the audit trail."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from checks.api import PARTIAL, SUPPORTING, Check, Criterion, Facts, Finding, Params
from checks.grants import judge_grant, written_by
from collectors.facts.identity import AccessPolicy, PolicyOrigin


def judge(facts: Facts, now: datetime, params: Params) -> Iterator[Finding]:
    """One finding per policy that the company wrote and can attach."""
    for policy in written_by(facts, PolicyOrigin.CUSTOMER):
        yield judge_grant(policy, policy.controls_audit_trail, "every action on the audit trail")


CHECK = Check(
    id="identity.audit_trail_control",
    title="Attached policies of the company do not control the audit trail",
    criteria=(
        Criterion("CC6.3", PARTIAL, "who does the work cannot also switch off its record"),
        Criterion("CC6.1", PARTIAL, "the record of activity is guarded by limited rights"),
        Criterion("CC7.2", SUPPORTING, "monitoring depends on a trail that few people can stop"),
    ),
    severity="medium",
    needs=(AccessPolicy,),
    remediation="Replace cloudtrail:* by the reading actions that the policy's holders use, such as "
    "cloudtrail:LookupEvents; on Google Cloud take logging.sinks.update and logging.sinks.delete out of the role.",
    equivalents={"prowler": ("iam_policy_no_full_access_to_cloudtrail",)},
    judge=judge,
)
