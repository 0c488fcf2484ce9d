"""The session can only read, and an answer that is none is a gap."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from agent.demo.loopback import Faults
from collectors.api import Collector, Document, Kind
from collectors.aws.provider import Aws, AwsAccess
from collectors.aws.session import Reader, is_read
from collectors.errors import ConfigurationFault, ReadRefused, TargetUnreachable
from collectors.facts.core import Reason
from collectors.provenance import Page
from collectors.reader import Recorder
from collectors.testing import Reading

GROUPS = Kind("aws.logs.group", "logs", "DescribeLogGroups", items="logGroups")
KEYS = Kind("aws.kms.key", "kms", "ListKeys", items="Keys")
BUCKETS = Kind("aws.s3.bucket", "s3", "ListBuckets", items="Buckets")
DELETE = Kind("aws.s3.deleted", "s3", "DeleteBucket")


def collector(fetch: Callable[[Reader], Any], *kinds: Kind) -> Collector:
    """A collector that only fetches."""
    return Collector("aws.test", "test", "region", kinds, {}, "test", fetch, lambda _documents: iter(()))


def fill(logs: Any) -> None:
    """Five log groups."""
    for number in range(5):
        logs.create_log_group(logGroupName=f"group-{number}")


def in_twos(aws: Reader) -> Any:
    """List log groups in pages of two."""
    for group in aws.listing(GROUPS, limit=2):
        yield aws.document(GROUPS, group["arn"], group)


@pytest.mark.parametrize(
    ("operation", "allowed"),
    [
        ("GetBucketPolicy", True),
        ("ListUsers", True),
        ("DescribeVolumes", True),
        ("GenerateCredentialReport", True),
        ("BatchGetProjects", True),
        ("DeleteBucket", False),
        ("PutBucketPolicy", False),
        ("CreateUser", False),
        ("GetSecretValue", False),
        ("BatchGetSecretValue", False),
        ("GetObject", False),
        ("GetParameter", False),
        ("Listen", False),
    ],
)
def test_only_reads_of_configuration_are_reads(operation: str, allowed: bool) -> None:
    """Writes are no reads, and neither is what answers with data or secrets."""
    assert is_read(operation) is allowed


def test_a_write_never_leaves_the_machine(
    client: Callable[..., Any], faults: Faults, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The reader refuses one, clients know of none, the hook stops the others, and nothing reaches the server."""
    endpoint = client("s3").meta.endpoint_url
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    provider = Aws(AwsAccess(("us-east-1",), endpoint=endpoint, attempts=1))
    reader = provider.reader(
        collector(lambda aws: iter(()), DELETE), "us-east-1", Recorder(iter(range(9)), lambda page: None)
    )

    with pytest.raises(ReadRefused, match="s3:DeleteBucket"):
        list(reader.read(DELETE, "arn:x", Bucket="some-bucket"))
    session, _ = provider._opened()
    assert not hasattr(session.client("s3", "us-east-1"), "delete_bucket")
    with pytest.raises(ReadRefused, match="sts:AssumeRole"):
        session.client("sts", "us-east-1").assume_role(RoleArn="arn:aws:iam::1:role/toomuch", RoleSessionName="x")
    assert "AssumeRole" not in faults.calls
    assert not [name for name in faults.calls if "DELETE" in name]


def test_each_call_is_recorded_without_the_author(read: Callable[..., Reading], client: Callable[..., Any]) -> None:
    """Operation, parameters, endpoint, pages, items, request id, date and duration are all there."""
    client("kms").create_key()

    def fetch(aws: Reader) -> Any:
        for key in aws.listing(KEYS, Limit=5):
            yield aws.document(KEYS, key["KeyArn"], key)

    reading = read(collector(fetch, KEYS))
    (call,) = reading.page.calls

    assert (call.service, call.operation, call.region) == ("kms", "ListKeys", "us-east-1")
    assert call.parameters == {"Limit": 5}
    assert call.endpoint.startswith("http://127.0.0.1")
    assert (call.pages, call.items, call.attempts, call.complete, call.error) == (1, 1, 1, True, "")
    assert call.provider_date
    assert call.duration > 0
    assert reading.page.documents[0].call == call.number


def test_every_page_is_read_and_staged_by_itself(read: Callable[..., Reading], client: Callable[..., Any]) -> None:
    """A listing of five items in pages of two is three pages of one call."""
    fill(client("logs"))

    reading = read(collector(in_twos, GROUPS))

    assert reading.page.calls[0].pages == 3
    assert len(reading.page.documents) == 5
    assert reading.page.listings[0].items == 5


def test_a_listing_that_is_cut_off_keeps_its_pages_and_leaves_a_gap(
    read: Callable[..., Reading], client: Callable[..., Any], faults: Faults
) -> None:
    """What was read stays; that there is more is said."""
    fill(client("logs"))
    faults.calls.clear()
    faults.deny.add("logs:DescribeLogGroups")
    faults.after = 1

    reading = read(collector(in_twos, GROUPS))
    (gap,) = reading.page.gaps

    assert len(reading.page.documents) == 2
    assert (gap.reason, gap.listing) == (Reason.PARTIAL_LISTING, True)
    assert "PERMISSION_DENIED after page 1" in gap.error
    assert reading.page.listings == []


@pytest.mark.parametrize(
    ("fault", "kind", "name", "reason"),
    [
        ("deny", KEYS, "kms:ListKeys", Reason.PERMISSION_DENIED),
        ("throttle", KEYS, "kms:ListKeys", Reason.THROTTLED),
        ("garble", KEYS, "kms:ListKeys", Reason.PARTIAL_LISTING),
        ("garble", BUCKETS, "s3:ListBuckets", Reason.ACCOUNT_UNREACHABLE),
        ("break_down", KEYS, "kms:ListKeys", Reason.ACCOUNT_UNREACHABLE),
    ],
)
def test_a_failed_listing_is_a_gap_with_its_reason(
    read: Callable[..., Reading], faults: Faults, fault: str, kind: Kind, name: str, reason: Reason
) -> None:
    """Never an empty listing, whatever the protocol makes of the answer."""
    getattr(faults, fault).add(name)

    def fetch(aws: Reader) -> Any:
        for item in aws.listing(kind):
            yield aws.document(kind, "arn:x", item)

    reading = read(collector(fetch, kind))

    assert [gap.reason for gap in reading.page.gaps] == [reason]
    assert reading.page.listings == []


def test_a_fetch_that_breaks_leaves_a_gap(read: Callable[..., Reading]) -> None:
    """An item without the field that names it is malformed, and the run goes on."""

    def fetch(_aws: Reader) -> Any:
        item: dict[str, str] = {}
        yield Document("x", item["Name"], "x", {})

    (gap,) = read(collector(fetch, KEYS)).page.gaps

    assert (gap.kind, gap.listing, gap.reason) == ("*", True, Reason.PARTIAL_LISTING)


def test_pages_survive_the_way_through_staging() -> None:
    """A page is equal to what comes back from its plain values."""
    page = Page(documents=[Document("k", "u", "r", {"a": 1}, 3, (("a", "rule"),))])

    assert Page.from_json(page.to_json()).documents == page.documents


def test_an_unknown_region_is_refused_with_the_nearest_one() -> None:
    """One line that says how to fix it."""
    with pytest.raises(ConfigurationFault, match="did you mean 'eu-west-1'"):
        Aws(AwsAccess(("eu-wst-1",)))


def test_an_unknown_profile_is_refused() -> None:
    """One line that names it."""
    with pytest.raises(ConfigurationFault, match="no-such-profile"):
        Aws(AwsAccess(("us-east-1",), profile="no-such-profile"))


def test_nobody_at_the_endpoint_is_unreachable(monkeypatch: pytest.MonkeyPatch) -> None:
    """The whole target is a gap with the network's own word."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    with pytest.raises(TargetUnreachable) as caught:
        Aws(AwsAccess(("us-east-1",), endpoint="http://127.0.0.1:1")).identify()

    assert caught.value.reason is Reason.ACCOUNT_UNREACHABLE
    assert caught.value.operation == "sts:GetCallerIdentity"


def test_a_role_is_assumed_with_its_external_id(client: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> None:
    """The caller is the role, and the credentials are the ones that it was given."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    endpoint = client("sts").meta.endpoint_url
    access = AwsAccess(
        ("us-east-1",),
        role_arn="arn:aws:iam::123456789012:role/ProofkeepRead",
        external_id="x-1",
        endpoint=endpoint,
    )

    identity = Aws(access).identify()

    assert identity.caller == "arn:aws:sts::123456789012:assumed-role/ProofkeepRead/proofkeep"
