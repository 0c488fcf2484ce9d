"""The printed policy is what a run needs and no more: moto enforces it, action by action."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from io import BytesIO
from typing import Any

import botocore.session
import pytest
from moto.iam.access_control import IAMRequest
from werkzeug.exceptions import HTTPException

from collectors.api import Kind
from collectors.facts.core import Reason
from tests.agent.aws_account import COLLECTORS, Account, Clean, read_clean, serve, turned
from tests.agent.conftest import say

USER, POLICY = "reader", "proofkeep"
ACCOUNT = "123456789012"
OTHERWISE = {
    "s3:ListBuckets": ("s3:ListAllMyBuckets",),
    "s3:GetBucketEncryption": ("s3:GetEncryptionConfiguration",),
    "s3:GetBucketLifecycleConfiguration": ("s3:GetLifecycleConfiguration",),
    "s3:GetBucketReplication": ("s3:GetReplicationConfiguration",),
    "s3:GetObjectLockConfiguration": ("s3:GetBucketObjectLockConfiguration",),
    "s3:GetPublicAccessBlock": ("s3:GetBucketPublicAccessBlock",),
    "s3:GET /v20180820/configuration/publicAccessBlock": ("s3:GetAccountPublicAccessBlock",),
    "wafv2:GetWebACLForResource": ("wafv2:GetWebACLForResource", "wafv2:GetWebACL"),
}
"""Operations whose right has another name, or that need one more: Service Authorization Reference, WAFV2 API."""
BY_METHOD = {"apigateway"}
"""Services whose rights are those of HTTP: `apigateway:GET`."""
PREFIXES = {"monitoring": "cloudwatch"}
"""How rights begin, where requests are signed for another name."""


NO_VERDICT = {
    "athena:GetWorkGroup": "the loopback account's groups are empty, and what nobody uses has nothing to log",
    "bedrock:GetModelInvocationLoggingConfiguration": "nobody uses a model there",
    "ec2:DescribeRegions": "says which regions are left out, and which are to be read",
    "eks:DescribeCluster": "moto leaves out how a cluster is reached, so that is not known anyway",
    "elasticache:DescribeCacheClusters": "moto makes no nodes of a group",
    "iam:GenerateCredentialReport": "a report that was made before is read all the same",
    "iam:ListAccountAliases": "tells an auditor the name of the account",
    "s3:GetBucketLocation": "says where a bucket lies, for endpoints that leave that out of the list",
}
"""Actions whose loss turns no verdict of this account, and why; their reads leave gaps like all others."""


class _Asked(IAMRequest):  # type: ignore[misc]  # moto has no types
    """A request as moto's IAM judges it: who signed it, and whether that user's policies allow one right."""

    def __init__(self, environ: dict[str, Any], body: bytes, right: str) -> None:
        names = {"CONTENT_TYPE": "Content-Type", "CONTENT_LENGTH": "Content-Length"}
        headers = {
            names.get(name) or name.removeprefix("HTTP_").replace("_", "-").title(): value
            for name, value in environ.items()
            if name.startswith("HTTP_") or name in names
        }
        super().__init__(ACCOUNT, environ["REQUEST_METHOD"], environ["REQUEST_URI"], {}, body, headers, "")
        self._action = right


@cache
def _paths(signed_for: str) -> list[tuple[re.Pattern[str], str]]:
    """Operations of the services that are asked by path and signed for this name, the longest path first."""
    session = botocore.session.get_session()
    found = []
    for service in {kind.service for collector in COLLECTORS.values() for kind in collector.kinds}:
        model = session.get_service_model(service)
        if model.signing_name != signed_for:
            continue
        for name in model.operation_names:
            http = model.operation_model(name).http
            path = re.sub(r"\\\{[^}]*\\\}", "[^/]+", re.escape(http["requestUri"].partition("?")[0]))
            found.append((re.compile(f"{http['method']} {path}/?"), name))
    return sorted(found, key=lambda each: -len(each[0].pattern))


def rights(name: str) -> tuple[str, ...]:
    """What AWS wants to be allowed for an operation, as the loopback names it: by its name, or by its path."""
    signed_for, _, operation = name.partition(":")
    if name in OTHERWISE:
        return OTHERWISE[name]
    if signed_for in BY_METHOD:
        return (f"{signed_for}:{operation.partition(' ')[0]}",)
    if " " in operation:
        operation = next(found for path, found in _paths(signed_for) if path.fullmatch(operation))
    prefix = PREFIXES.get(signed_for, signed_for)
    return OTHERWISE.get(f"{prefix}:{operation}", (f"{prefix}:{operation}",))


def may(environ: dict[str, Any], name: str) -> bool:
    """Moto's IAM allows it.  The root user may do everything; who one is, everybody may ask."""
    if "Credential=testing/" in environ["HTTP_AUTHORIZATION"] or name == "sts:GetCallerIdentity":
        return True
    body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
    environ["wsgi.input"] = BytesIO(body)
    try:
        for right in rights(name):
            asked = _Asked(environ, body, right)
            asked.check_signature()
            asked.check_action_permitted("*")
    except HTTPException:
        return False
    return True


@dataclass(frozen=True)
class Enforced:
    """A user with the printed policy, and what it reads."""

    account: Account
    policy: Mapping[str, Any]
    """As printed."""
    clean: Clean

    @property
    def actions(self) -> list[str]:
        """Everything that it allows."""
        return [action for statement in self.policy["Statement"] for action in statement["Action"]]

    def allow(self, *, without: str = "") -> None:
        """Give the user the policy, or all of it but one action."""
        statements = [
            {**each, "Action": [action for action in each["Action"] if action != without]}
            for each in self.policy["Statement"]
        ]
        written = {**self.policy, "Statement": [each for each in statements if each["Action"]]}
        self.account.client("iam").put_user_policy(UserName=USER, PolicyName=POLICY, PolicyDocument=json.dumps(written))


@pytest.fixture(scope="module")
def enforced() -> Iterator[Enforced]:
    """One of everything, read by a user who has the printed policy and nothing else."""
    with serve() as account, pytest.MonkeyPatch.context() as patch:
        iam = account.client("iam")
        iam.create_user(UserName=USER)
        key = iam.create_access_key(UserName=USER)["AccessKey"]
        patch.setenv("AWS_ACCESS_KEY_ID", key["AccessKeyId"])
        patch.setenv("AWS_SECRET_ACCESS_KEY", key["SecretAccessKey"])
        patch.setattr("agent.fetch.LINGER", 0)  # it waits for pages that arrive together, to store them together
        policy = say("iam", "aws").json
        made = Enforced(account, policy, Clean(account, account.opened(), {}, {}, {}, {}))
        made.allow()
        account.faults.may = may
        yield Enforced(account, policy, read_clean(account))


def test_the_whole_run_works_with_the_printed_policy(enforced: Enforced) -> None:
    """Nothing that any collector reads is refused, and what is read is judged."""
    refused = [gap for page in enforced.clean.pages.values() for gap in page.gaps]

    assert [(gap.operation, gap.permission, gap.reason, gap.error) for gap in refused] == []
    assert {finding.outcome.value for finding in enforced.clean.findings.values()} >= {"PASS", "FAIL"}


def test_without_any_right_nothing_is_read(enforced: Enforced) -> None:
    """The policy is what lets the user in: without it every first read of every collector is refused."""
    enforced.account.client("iam").delete_user_policy(UserName=USER, PolicyName=POLICY)
    page = enforced.account.read(enforced.clean.aws, *COLLECTORS.values())
    enforced.allow()

    assert page.documents == []
    assert {gap.reason for gap in page.gaps} == {Reason.PERMISSION_DENIED}
    assert {gap.collector for gap in page.gaps} == set(COLLECTORS)


def test_each_action_is_needed_by_exactly_what_rests_on_it(enforced: Enforced) -> None:
    """Without one action its reads are refused, and the checks that need them turn UNKNOWN and name it; no other."""
    users: dict[str, dict[str, list[Kind]]] = defaultdict(lambda: defaultdict(list))
    for name, collector in COLLECTORS.items():
        for kind in collector.kinds:
            users[kind.needs][name].append(kind)
        for extra in collector.extra_permissions:
            users[extra][name] += [kind for kind in collector.kinds if extra in rights(kind.call)]
    useless = []
    for action in enforced.actions:
        enforced.allow(without=action)
        aws = enforced.clean.aws
        pages = {name: enforced.account.read(aws, COLLECTORS[name]) for name in users[action]}
        enforced.allow()
        kinds = {kind.name: kind for found in users[action].values() for kind in found}
        gaps = [gap for page in pages.values() for gap in page.gaps]
        assert gaps, f"nothing was refused without {action}"
        other = [(gap.operation, gap.error) for gap in gaps if gap.reason is not Reason.PERMISSION_DENIED]
        assert other == [], action
        assert {gap.kind for gap in gaps} <= set(kinds), action
        before = enforced.clean.judge({name: enforced.clean.pages[name] for name in pages})
        after = turned(before, enforced.clean.judge(pages), action)
        for about, finding in after.items():
            missing = {(unread.operation, unread.permission) for unread in finding.unread}
            named = {(kind.call, kind.needs) for kind in kinds.values()}
            assert missing & named, f"{about} turned UNKNOWN without {action}, and does not name it: {finding.reason}"
        if not after:
            useless.append(action)
    assert set(useless) == set(NO_VERDICT), set(useless) ^ set(NO_VERDICT)
