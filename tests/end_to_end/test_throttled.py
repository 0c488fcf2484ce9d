"""Answers that come late, garbled or not at all: retried first, then UNKNOWN, never decisive."""

from __future__ import annotations

from tests.end_to_end.program import DECISIVE, Program, on_sqlite, outcomes

pytestmark = on_sqlite

LISTINGS = {
    "s3:ListBuckets", "iam:ListUsers", "kms:ListKeys", "ec2:DescribeVolumes", "rds:DescribeDBInstances",
    "sns:ListTopics", "dynamodb:ListTables", "elasticfilesystem:GET /2015-02-01/file-systems",
}  # fmt: skip
"""One listing of each protocol that AWS speaks, and more."""
DETAILS = {
    "s3:GetBucketEncryption", "iam:ListMFADevices", "kms:GetKeyRotationStatus", "ec2:GetEbsEncryptionByDefault",
    "elasticloadbalancing:DescribeLoadBalancerAttributes", "sns:GetTopicAttributes",
    "dynamodb:DescribeContinuousBackups",
}  # fmt: skip


def test_every_tenth_call_throttled_changes_nothing(program: Program) -> None:
    """Retries fill in what was refused for speed: same verdicts, same documents, no gap."""
    program.collect()
    clean, documents = program.verdicts(), program.documents()
    faults = program.account.faults
    quiet = faults.calls.total()
    faults.calls.clear()
    faults.throttle_every = 10

    (report,) = program.collect().json

    assert report["status"] == "complete"
    assert program.gaps() == set()
    assert program.verdicts() == clean
    assert program.documents() == documents
    assert faults.calls.total() > quiet * 1.05, "nothing was retried, so nothing was throttled"


def test_spoiled_answers_are_never_decisive(program: Program) -> None:
    """Garbled bytes and server errors, in listings and in details: every verdict that needs them is UNKNOWN."""
    quick = program.with_target(attempts=1)
    quick.collect()
    clean, documents = quick.verdicts(), quick.documents()
    faults = quick.account.faults
    assert set(faults.calls) >= LISTINGS | DETAILS

    for fault, spoiled in (("garble", LISTINGS), ("garble", DETAILS), ("break_down", LISTINGS), ("throttle", DETAILS)):
        setattr(faults, fault, set(spoiled))
        said = quick.collect()
        setattr(faults, fault, set())

        after = quick.verdicts()
        turned = {
            pair
            for pair, verdict in clean.items()
            if verdict.outcome in DECISIVE and pair in after and after[pair].outcome is not verdict.outcome
        }
        assert said.code == 3, (fault, spoiled)
        assert turned
        assert {after[pair].outcome.value for pair in turned} == {"UNKNOWN"}
        assert {type_ for _, type_, _ in clean.keys() - after.keys()} <= {"scope"}
        assert quick.documents() == documents

    quick.collect()
    assert outcomes(quick.verdicts()) == outcomes(clean)
    assert quick.wrong() == []


def test_an_account_that_answers_nothing_sensible(program: Program) -> None:
    """With every answer spoiled there is no decisive verdict left, and none of the known things is forgotten."""
    quick = program.with_target(attempts=1)
    quick.collect()
    clean, documents = quick.verdicts(), quick.documents()
    faults = quick.account.faults
    # Any bytes are a policy, as S3 answers it without an envelope; what they say is judged, and kept.
    asked = set(faults.calls) - {"sts:GetCallerIdentity", "s3:GetBucketPolicy"}

    for fault in ("garble", "break_down"):
        setattr(faults, fault, asked)
        said = quick.collect()
        setattr(faults, fault, set())

        after = quick.verdicts()
        assert said.code == 3
        assert quick.outcomes_of_reads() == {"UNKNOWN"}, fault
        assert {pair for pair in clean if pair[1] != "scope"} <= set(after)
        assert {check for check, _, _ in after} == {check for check, _, _ in clean}
        assert quick.documents() == documents
