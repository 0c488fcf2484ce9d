"""How an account is opened: through roles, with credentials that renew themselves, and at a bearable pace."""

from __future__ import annotations

import itertools
import time
import urllib.request
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import boto3
import pytest

from agent.demo.loopback import Faults
from collectors.api import Collector, Kind
from collectors.aws.provider import Aws, AwsAccess
from collectors.aws.session import Reader, Session
from collectors.errors import TargetUnreachable
from collectors.facts.core import Reason
from collectors.rates import Rates
from collectors.reader import Recorder
from tests.collectors.aws.front import Front, serve

REGION = "us-east-1"
FIRST = "arn:aws:iam::123456789012:role/Organization"
LAST = "arn:aws:iam::222222222222:role/ProofkeepRead"
KEYS = Kind("aws.kms.key", "kms", "ListKeys", items="Keys")
QUEUES = Kind("aws.sqs.queue", "sqs", "ListQueues", items="QueueUrls", omits_empty=True)
COLLECTOR = Collector(
    "aws.test", "test", "region", (KEYS, QUEUES), {}, "test", lambda _aws: iter(()), lambda _: iter(())
)


@pytest.fixture(scope="module")
def _front() -> Iterator[Front]:
    with serve() as front:
        yield front


@pytest.fixture
def front(_front: Front, monkeypatch: pytest.MonkeyPatch) -> Front:
    """An empty AWS with nothing in its way."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    urllib.request.urlopen(urllib.request.Request(f"{_front.url}/moto-api/reset", method="POST")).read()  # noqa: S310
    _front.reset()
    return _front


def access(front: Front, **others: Any) -> AwsAccess:
    """One region, no second attempt."""
    return AwsAccess(**{"regions": (REGION,), "endpoint": front.url, "attempts": 1, **others})


def reader(aws: Aws) -> tuple[Reader, Recorder]:
    """A reader, and where its calls and gaps are recorded."""
    recorder = Recorder(itertools.count(), lambda _page: None)
    return aws.reader(COLLECTOR, REGION, recorder), recorder


def test_roles_are_assumed_one_from_the_other(front: Front) -> None:
    """Each hop is signed with what the hop before was given, and shows the external id."""
    identity = Aws(access(front, via=FIRST, role_arn=LAST, external_id="x-1")).identify()

    first, last = front.of("AssumeRole")
    (who,) = front.of("GetCallerIdentity")
    assert (first.role, last.role) == (FIRST, LAST)
    assert first.key == "testing"
    assert len({first.key, last.key, who.key}) == 3
    assert first.form["ExternalId"] == last.form["ExternalId"] == ["x-1"]
    assert identity.account == "222222222222"
    assert identity.caller == "arn:aws:sts::222222222222:assumed-role/ProofkeepRead/proofkeep"


def test_without_a_first_role_the_chain_has_one_hop(front: Front) -> None:
    """The credentials of the environment assume the role themselves, and no external id is made up."""
    Aws(access(front, role_arn=LAST)).identify()

    (only,) = front.of("AssumeRole")
    assert (only.role, only.key) == (LAST, "testing")
    assert "ExternalId" not in only.form


def test_who_we_are_is_asked_once(front: Front) -> None:
    """Neither identity nor role is taken a second time."""
    aws = Aws(access(front, role_arn=LAST))

    assert aws.identify() == aws.identify()
    assert len(front.of("AssumeRole")) == len(front.of("GetCallerIdentity")) == 1


@pytest.mark.parametrize(
    ("closed", "onboarded", "reason"),
    [
        (LAST, True, Reason.PERMISSION_DENIED),
        (LAST, False, Reason.ACCOUNT_NOT_ONBOARDED),
        (FIRST, True, Reason.PERMISSION_DENIED),
        (FIRST, False, Reason.PERMISSION_DENIED),
    ],
)
def test_a_refused_role_is_named(front: Front, closed: str, onboarded: bool, reason: Reason) -> None:
    """Only the account's own role can be one that is not there yet."""
    front.closed.add(closed)

    with pytest.raises(TargetUnreachable) as caught:
        Aws(access(front, via=FIRST, role_arn=LAST, onboarded=onboarded)).identify()

    assert caught.value.reason is reason
    assert caught.value.operation == "sts:AssumeRole"
    assert caught.value.said == f"AccessDenied for {closed}"


def test_an_account_that_throttles_may_be_onboarded_all_the_same(front: Front) -> None:
    """Only a refusal says that the role is not there."""
    front.refused["sts:AssumeRole"] = "Throttling"

    with pytest.raises(TargetUnreachable) as caught:
        Aws(access(front, role_arn=LAST, onboarded=False)).identify()

    assert caught.value.reason is Reason.THROTTLED


def test_a_refused_role_can_be_tried_again(front: Front) -> None:
    """What failed leaves nothing behind that the second attempt would trip over."""
    front.closed.add(LAST)
    aws = Aws(access(front, via=FIRST, role_arn=LAST))
    with pytest.raises(TargetUnreachable):
        aws.identify()
    front.closed.clear()

    assert aws.identify().account == "222222222222"


@pytest.mark.parametrize("roles", [{"role_arn": LAST}, {"via": FIRST, "role_arn": LAST}], ids=["one", "chain"])
def test_credentials_that_run_out_are_renewed(front: Front, roles: dict[str, str]) -> None:
    """Those of the first second live two; the run goes on over the end of them all without a gap."""
    front.life, front.until = 2.0, time.monotonic() + 1
    aws, recorder = reader(Aws(access(front, **roles)))

    while time.monotonic() < front.until + front.life + 0.5:
        list(aws.listing(KEYS))
        time.sleep(0.2)

    late = [each for each in front.of("ListKeys") if each.at > max(front.ends.values())]
    assert recorder.page.gaps == []
    assert all(call.complete for call in recorder.page.calls)
    assert late
    assert not {each.key for each in late} & set(front.ends)
    assert {each.role for each in front.of("AssumeRole") if each.at > front.until} == set(roles.values())


def test_credentials_that_always_run_out_are_always_renewed(front: Front) -> None:
    """Each set lives two seconds, and each call still finds one that is good."""
    front.life = 2.0
    aws, recorder = reader(Aws(access(front, via=FIRST, role_arn=LAST)))

    for _ in range(8):
        list(aws.listing(KEYS))
        time.sleep(0.4)

    assert recorder.page.gaps == []
    assert len({each.key for each in front.of("ListKeys")}) > 2


def test_a_role_that_is_closed_during_a_run_is_not_a_missing_right_to_read(front: Front) -> None:
    """The gap says that the credentials were lost, and by which refusal."""
    front.life = 1.5
    aws, recorder = reader(Aws(access(front, role_arn=LAST)))
    front.closed.add(LAST)

    time.sleep(front.life)
    list(aws.listing(KEYS))

    (gap,) = recorder.page.gaps
    assert (gap.reason, gap.listing) == (Reason.CREDENTIAL_EXPIRED, True)
    assert gap.error == "AssumeRole: AccessDenied"
    assert recorder.page.listings == []


@pytest.mark.parametrize(
    ("code", "reason"),
    [("UnauthorizedOperation", Reason.PERMISSION_DENIED), ("Throttling", Reason.THROTTLED)],
)
def test_regions_that_cannot_be_listed_leave_the_target_unread(front: Front, code: str, reason: Reason) -> None:
    """The right is named, and no region is made up."""
    front.refused["ec2:DescribeRegions"] = code

    with pytest.raises(TargetUnreachable) as caught:
        Aws(access(front, regions=("enabled",))).regions()

    assert (caught.value.reason, caught.value.operation) == (reason, "ec2:DescribeRegions")


def test_no_region_at_all_is_no_answer(front: Front, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every account has some; a run over none would be complete and hold nothing."""
    from moto.ec2.models import EC2Backend  # noqa: PLC0415  # loaded with the server

    monkeypatch.setattr(EC2Backend, "describe_regions", lambda *_, **__: [])

    with pytest.raises(TargetUnreachable, match="no region") as caught:
        Aws(access(front, regions=("enabled",))).regions()

    assert caught.value.reason is Reason.PARTIAL_LISTING


def test_an_identity_that_is_no_answer_is_no_identity(
    client: Callable[..., Any], faults: Faults, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Bytes that nobody can read say nothing about who we are."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    faults.garble.add("sts:GetCallerIdentity")

    with pytest.raises(TargetUnreachable, match="sts:GetCallerIdentity"):
        Aws(AwsAccess((REGION,), endpoint=client("sts").meta.endpoint_url)).identify()


def listings(aws: Reader, kind: Kind, number: int) -> None:
    """So many listings, eight at a time."""
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: list(aws.listing(kind)), range(number)))


def span(front: Front, operation: str) -> float:
    """Seconds from the first request of an operation to the last, at the server."""
    times = [each.at for each in front.of(operation)]
    return max(times) - min(times)


def test_a_service_is_asked_no_more_often_than_allowed(front: Front) -> None:
    """Thirty calls at ten a second: ten at once, twenty in two more seconds, and all at once without a limit."""
    paced, _ = reader(Aws(access(front, rates={"kms": 10.0})))
    began = time.monotonic()
    listings(paced, KEYS, 30)

    times = sorted(each.at - began for each in front.of("ListKeys"))
    limited = span(front, "ListKeys")
    assert len(times) == 30
    assert all(number <= 10 + 10 * at for number, at in enumerate(times, 1))
    assert limited >= 1.5

    front.seen.clear()
    listings(reader(Aws(access(front)))[0], KEYS, 30)
    assert span(front, "ListKeys") < limited


def test_another_service_is_not_slowed(front: Front) -> None:
    """Sixty calls at one a second would take a minute."""
    paced, _ = reader(Aws(access(front, rates={"kms": 1.0})))

    listings(paced, QUEUES, 60)

    assert span(front, "ListQueues") < 20


def test_each_attempt_takes_its_turn(front: Front) -> None:
    """What the server sees is what was waited for, retries included."""
    turns: list[tuple[str, str]] = []

    class Counting(Rates):
        def wait(self, service: str, region: str) -> None:
            turns.append((service, region))
            super().wait(service, region)

    front.refused["kms:ListKeys"] = "ThrottlingException"
    rates = Counting({"kms": 100.0})
    session = Session(boto3.session.Session(), pool=1, attempts=3, rates=rates, endpoint=front.url)
    kms = session.client("kms", "eu-west-1")

    with pytest.raises(kms.exceptions.ClientError, match="Throttling"):
        kms.list_keys()

    assert len(front.of("ListKeys")) == 3
    assert turns == [("kms", "eu-west-1")] * 3
