"""A loopback AWS account with one of everything, served, read and judged in memory."""

from __future__ import annotations

import json
import logging
import os
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.request import Request, urlopen

import boto3
import botocore.session
import orjson
import pytest
from moto.iam import models

from agent.demo.loopback import Faults, loopback_aws
from agent.fetch import Limits, fetch_all
from agent.judge import Reading, judge, shape
from checks.api import Finding, Outcome
from checks.registry import all_checks
from collectors.api import Collector, Kind
from collectors.aws.provider import Aws, AwsAccess
from collectors.facts.core import Fact, Resource
from collectors.provenance import Page
from collectors.redaction import redact
from storage.canon import dumps
from tests.agent.demo_account import Findings, collectors_of
from tests.agent.one_of_each import ANSWERS, build

REGION = "us-east-1"
COLLECTORS = collectors_of("aws")
MANAGED = ("SecurityAudit", "ViewOnlyAccess")
"""The policies of AWS itself that the account knows."""
LATER = timedelta(days=200)
"""After it was made, the account is judged: all in it has an age, so that verdicts rest on dates that were read."""


@dataclass(frozen=True)
class Account:
    """The account, what goes wrong there, and the moment at which it is judged."""

    url: str
    faults: Faults
    now: datetime

    def client(self, service: str) -> Any:
        """A plain SDK client of the root user."""
        return boto3.client(
            service,
            region_name=REGION,
            endpoint_url=self.url,
            aws_access_key_id="testing",
            aws_secret_access_key="testing",
        )

    def opened(self) -> Aws:
        """Its way in, by the credentials of the environment, which asks each question only once."""
        return Aws(AwsAccess((REGION,), endpoint=self.url, attempts=1))

    def read(self, aws: Aws, *collectors: Collector) -> Page:
        """All that these read, without its secrets, through JSON as staging does it."""
        aws.identify()
        scopes = [(each, place) for each in collectors for place in each.places(aws.regions())]
        total = Page()
        for batch in fetch_all(aws, scopes, Limits(8)):
            for arrived in batch:
                arrived.page.documents[:] = map(redact, arrived.page.documents)
                total.absorb(Page.from_json(orjson.loads(dumps(arrived.page.to_json()))))
        return total


@dataclass(frozen=True)
class Clean:
    """What is read and judged while nothing is wrong."""

    account: Account
    aws: Aws
    pages: Mapping[str, Page]
    """By collector."""
    asked: Mapping[str, frozenset[str]]
    """By collector: the server's names of what it asked for."""
    findings: Findings
    known: Mapping[str, list[Resource]]
    """What had a finding, by check: what a run after it must not lose from sight."""

    def judge(self, instead: Mapping[str, Page]) -> Findings:
        """What the checks say that these collectors' facts concern, when they read this instead."""
        types = {type_ for name in instead for type_ in COLLECTORS[name].emits}
        return _judge(self.account, self.aws, {**self.pages, **instead}, types, self.known)


def _judge(
    account: Account,
    aws: Aws,
    pages: Mapping[str, Page],
    types: Iterable[type[Fact]],
    known: Mapping[str, Iterable[Resource]],
) -> Findings:
    """What all checks that need facts of these types say of some pages, by default thresholds."""
    checks = [check for check in all_checks().values() if not set(types).isdisjoint(check.needs)]
    needed = {type_ for check in checks for type_ in check.needs}
    collectors = [each for each in COLLECTORS.values() if not needed.isdisjoint(each.emits)]
    total = Page()
    for collector in collectors:
        total.absorb(pages[collector.id])
    shaped = shape(Reading(aws.identify(), aws.regions(), total), collectors)
    return {
        (judged.check.id, *about): finding
        for judged in judge(shaped, checks, {}, account.now, known)
        for about, finding in judged.findings.items()
    }


def read_clean(account: Account) -> Clean:
    """Everything, collector by collector."""
    aws = account.opened()
    aws.identify()
    pages, asked = {}, {}
    for name, collector in COLLECTORS.items():
        account.faults.calls.clear()
        pages[name] = account.read(aws, collector)
        asked[name] = frozenset(account.faults.calls)
    types = {type_ for collector in COLLECTORS.values() for type_ in collector.emits}
    findings = _judge(account, aws, pages, types, {})
    known: dict[str, list[Resource]] = defaultdict(list)
    for (check, _, _), finding in findings.items():
        known[check].append(finding.resource)
    return Clean(account, aws, pages, asked, findings, known)


@contextmanager
def serve() -> Iterator[Account]:
    """The account with nothing wrong, and credentials for it in the environment."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    faults = Faults(whole_root=True)
    with loopback_aws(faults) as url, pytest.MonkeyPatch.context() as patch:
        known = json.loads(models.aws_managed_policies_data)
        patch.setattr(models, "aws_managed_policies_data", json.dumps({name: known[name] for name in MANAGED}))
        patch.setenv("MOTO_IAM_LOAD_MANAGED_POLICIES", "true")
        for name in [name for name in os.environ if name.startswith("AWS_")]:
            patch.delenv(name)
        patch.setenv("AWS_ACCESS_KEY_ID", "testing")
        patch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
        # The server's memory is the process's: another file's tests may have left something there.
        urlopen(Request(f"{url}/moto-api/reset", method="POST")).close()  # noqa: S310  # loopback
        account = Account(url, faults, datetime.now(UTC) + LATER)
        build(account.client)
        _decide(account)
        faults.answers.update(ANSWERS)
        yield account


def _decide(account: Account) -> None:
    """Make more reads count: verdicts rest on these settings, too."""
    iam = account.client("iam")
    iam.create_login_profile(UserName="one", Password="made-up-Passw0rd")
    device = iam.create_virtual_mfa_device(VirtualMFADeviceName="one")["VirtualMFADevice"]["SerialNumber"]
    iam.enable_mfa_device(
        UserName="one", SerialNumber=device, AuthenticationCode1="123456", AuthenticationCode2="654321"
    )
    config = account.client("config")
    config.put_delivery_channel(DeliveryChannel={"name": "default", "s3BucketName": "trail"})
    config.start_configuration_recorder(ConfigurationRecorderName="default")
    group = account.client("ec2").create_security_group(GroupName="data", Description="data")["GroupId"]
    account.client("redshift").modify_cluster(ClusterIdentifier="warehouse", VpcSecurityGroupIds=[group])
    account.client("rds").modify_db_instance(DBInstanceIdentifier="db", VpcSecurityGroupIds=[group])
    _decide_fronts(account)
    _decide_stores(account)
    topic = account.client("sns").create_topic(Name="topic")["TopicArn"]
    account.client("sns").subscribe(TopicArn=topic, Protocol="sqs", Endpoint="arn:aws:sqs:us-east-1:123456789012:queue")
    account.client("cloudwatch").put_metric_alarm(
        AlarmName="load", Namespace="AWS/EC2", MetricName="CPUUtilization", Statistic="Average", Period=300,
        EvaluationPeriods=1, Threshold=80.0, ComparisonOperator="GreaterThanThreshold", AlarmActions=[topic],
    )  # fmt: skip


def _decide_fronts(account: Account) -> None:
    """A load balancer that the internet reaches, with TLS."""
    zones = account.client("ec2").describe_subnets()["Subnets"][:2]
    certificate = account.client("acm").request_certificate(DomainName="www.example.com")["CertificateArn"]
    balancers = account.client("elbv2")
    arn = balancers.create_load_balancer(
        Name="public", Scheme="internet-facing", Subnets=[zone["SubnetId"] for zone in zones]
    )["LoadBalancers"][0]["LoadBalancerArn"]
    target = balancers.create_target_group(Name="programs", Protocol="HTTP", Port=80, VpcId=zones[0]["VpcId"])
    balancers.create_listener(
        LoadBalancerArn=arn, Protocol="HTTPS", Port=443, SslPolicy="ELBSecurityPolicy-TLS13-1-2-2021-06",
        Certificates=[{"CertificateArn": certificate}],
        DefaultActions=[{"Type": "forward", "TargetGroupArn": target["TargetGroups"][0]["TargetGroupArn"]}],
    )  # fmt: skip


def _decide_stores(account: Account) -> None:
    """A trail whose files are locked for a year."""
    s3 = account.client("s3")
    s3.create_bucket(Bucket="kept", ObjectLockEnabledForBucket=True)
    rule = {"DefaultRetention": {"Mode": "COMPLIANCE", "Days": 400}}
    s3.put_object_lock_configuration(
        Bucket="kept", ObjectLockConfiguration={"ObjectLockEnabled": "Enabled", "Rule": rule}
    )
    account.client("cloudtrail").create_trail(Name="kept", S3BucketName="kept", IsMultiRegionTrail=True)


def served_as(kind: Kind, asked: Iterable[str]) -> set[str]:
    """The server's names of a kind's operation, among those that it was asked for."""
    service = botocore.session.get_session().get_service_model(kind.service)
    by_path = str(service.metadata["protocol"]).startswith("rest") and kind.service != "s3"
    if not by_path:
        return {f"{service.signing_name}:{kind.operation}"} & set(asked)
    http = service.operation_model(kind.operation).http
    path = re.sub(r"\\\{[^}]*\\\}", "[^/]+", re.escape(http["requestUri"].partition("?")[0]))
    name = re.compile(f"{service.signing_name}:{http['method']} {path}")
    return {each for each in asked if name.fullmatch(each)}


def _harmless(outcome: Outcome) -> Outcome:
    """What something may be besides, once less is known of it.

    What is right wherever it stands is right, too, where it is not known whether it stands anywhere.
    """
    return Outcome.PASS if outcome is Outcome.NOT_APPLICABLE else outcome


def turned(before: Findings, after: Findings, where: str) -> dict[tuple[str, str, str], Finding]:
    """What is no longer as it was: only ever UNKNOWN, nothing of it gone, nothing new decided."""
    changed = {
        about: finding
        for about, finding in after.items()
        if about not in before or finding.outcome not in (before[about].outcome, _harmless(before[about].outcome))
    }
    decided = {about: finding.reason for about, finding in changed.items() if finding.outcome is not Outcome.UNKNOWN}
    assert decided == {}, f"{where}: decided anew: {decided}"
    checks = {check for check, _, _ in after}
    gone = [about for about in before if about[0] in checks and about not in after and about[1] != "scope"]
    assert gone == [], f"{where}: {gone} are gone"
    return changed
