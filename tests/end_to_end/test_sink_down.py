"""A receiver that is down for an hour, and one that refuses for good, while a third one takes everything."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from agent.demo.estate import Estate
from tests.end_to_end.daemons import SECOND, SECRET, Deployment, deployed, fresh_account
from tests.end_to_end.program import Account, Program, on_postgresql
from tests.sinks import Reply, WebhookSink

pytestmark = on_postgresql

SLOT = 600
"""Seconds between two slots."""
REFUSED = "kms:GetKeyRotationStatus"
CHANGES = [
    (1, "opened", "acme:AC-02"),
    (2, "opened", "acme:permission"),
    (3, "recovered", "acme:AC-02"),
    (5, "recovered", "acme:permission"),
]
"""Slot, change and condition of what happens within the hour."""


@pytest.fixture
def estate() -> Iterator[Account]:
    """An account for one test alone, which changes it."""
    with fresh_account() as made:
        yield made


@pytest.fixture
def up() -> Iterator[WebhookSink]:
    """A receiver that takes everything."""
    with WebhookSink() as made:
        yield made


@pytest.fixture
def shaky() -> Iterator[WebhookSink]:
    """A receiver that will be down for an hour."""
    with WebhookSink() as made:
        yield made


@pytest.fixture
def gone() -> Iterator[WebhookSink]:
    """A receiver that says that it does not exist any more."""
    with WebhookSink() as made:
        made.reply = Reply(410)
        yield made


@pytest.fixture
def deployment(
    program: Program, up: WebhookSink, shaky: WebhookSink, gone: WebhookSink, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Deployment]:
    """A daemon with three receivers; the one that is gone is told of the worst only."""
    with deployed(program, program.account, monkeypatch) as made:
        made.configure(
            schedule={"every": f"{SLOT}s"},
            daemon={"listen": ""},
            targets=[made.target()],
            alerts=[
                {"name": "shaky", "webhook": shaky.url, "secret": SECRET},
                {"name": "up", "webhook": up.url, "secret": SECRET},
                {"name": "gone", "webhook": gone.url, "secret": SECRET, "severity": "critical"},
            ],
        )
        yield made


def test_alerts_arrive_after_their_receiver_was_down(
    deployment: Deployment, account: Account, up: WebhookSink, shaky: WebhookSink, gone: WebhookSink
) -> None:
    """What happened within the hour arrives afterwards, in order and once; nobody else waited for it."""
    iam = Estate(account.endpoint).client("iam")
    device = iam.create_virtual_mfa_device(VirtualMFADeviceName="bob")["VirtualMFADevice"]["SerialNumber"]
    codes = {"AuthenticationCode1": "123456", "AuthenticationCode2": "654321"}
    iam.enable_mfa_device(UserName="bob", SerialNumber=device, **codes)
    clock, faults = deployment.clock, account.faults
    clock.advance(60)
    daemon = deployment.start()
    _sealed(deployment, 0)
    deployment.until(lambda: not deployment.pending(), "the first alerts are sent")
    before = len(up.posts)
    assert before == len(shaky.posts) > 5

    shaky.stop()
    told: list[tuple[int, str, str]] = []
    for slot in range(1, 7):
        match slot:
            case 1:
                iam.deactivate_mfa_device(UserName="bob", SerialNumber=device)
            case 2:
                faults.deny.add(REFUSED)
            case 3:
                iam.enable_mfa_device(UserName="bob", SerialNumber=device, **codes)
            case 5:
                faults.deny.clear()
        clock.advance(SLOT)
        _sealed(deployment, slot)
        deployment.until(lambda: {row.route for row in deployment.pending()} <= {"shaky"}, "the others have been told")
        told += [(slot, post.json["change"], post.json["condition"]) for post in up.posts[before + len(told) :]]
    assert told == CHANGES

    waiting = deployment.pending()
    assert len(shaky.posts) == before
    assert [row.route for row in waiting] == ["shaky"] * len(CHANGES)
    assert waiting[0].attempts >= 5
    assert waiting[0].error == "connection refused"
    assert [row.attempts for row in waiting[1:]] == [0, 0, 0]

    shaky.start()
    clock.advance(SLOT)
    deployment.until(lambda: not deployment.pending(), "what waited is sent")
    daemon.end()
    assert [post.body for post in shaky.accepted] == [post.body for post in up.accepted]
    for sink in (shaky, up):
        keys = [post.headers["Idempotency-Key"] for post in sink.posts]
        assert len(set(keys)) == len(keys) == before + len(CHANGES)
    _check_parked(deployment, gone, up)
    assert deployment.program.wrong() == []


def _check_parked(deployment: Deployment, gone: WebhookSink, up: WebhookSink) -> None:
    """A message that was refused for good was sent once, and people are shown that it was given up."""
    critical = [post.json["key"] for post in up.accepted if post.json["severity"] == "critical"]
    assert [post.json["key"] for post in gone.posts] == critical

    parked = [row for row in deployment.waiting() if row.state == "failed"]
    assert [row.key for row in parked] == [f"{key}@gone" for key in critical]
    assert {(row.attempts, row.error) for row in parked} == {(1, "answered 410")}
    status = deployment.run("status")
    assert f"outbox gone: {len(critical)} given up" in status.out
    listed = deployment.run("alerts", "list", "--all")
    assert listed.code == 0
    assert "answered 410" in listed.out
    told = deployment.run("status", "--json").json["outbox"]
    assert told == [{"route": "gone", "state": "failed", "messages": len(critical)}]


def _sealed(deployment: Deployment, number: int) -> None:
    """Wait for the run of a slot."""
    slot = deployment.clock.start + number * SLOT * SECOND
    deployment.until(lambda: slot in [run.slot for run in deployment.runs()], f"slot {number} is sealed")
