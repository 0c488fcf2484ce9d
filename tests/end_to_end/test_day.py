"""A scripted day of 24 hourly slots: exactly the alerts that it gives rise to arrive, and the ledger tells it all."""

from __future__ import annotations

import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from email.message import EmailMessage
from typing import Any

import pytest
from sqlalchemy import Connection, select

from agent import clock
from agent.alerts.webhook import TIMESTAMP, verify_signature
from agent.config import load
from agent.demo.estate import Estate
from agent.wiring import Wiring, wire
from checks.api import Strength
from storage import blobs, reads
from storage.rows import Outcome
from storage.tables import blob, metadata
from tests.end_to_end.daemons import SECOND, SECRET, Deployment, Gate, LockedMailSink, Process, deployed, fresh_account
from tests.end_to_end.program import NAME, Account, Program, on_postgresql
from tests.sinks import Post, WebhookSink, text_of

pytestmark = on_postgresql

REFUSED = "s3:GetPublicAccessBlock"
PERMISSION = "s3:GetBucketPublicAccessBlock"
BUCKET = "acme-customer-data"
BUCKETS = 4
GUARD = dict.fromkeys(("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets"), True)
WORST_FIRST = ("critical", "high", "medium", "low")
STRONGEST_FIRST = (Strength.DIRECT, Strength.PARTIAL, Strength.SUPPORTING)

AFTER_THE_FIRST_RUN = [
    (3, "opened", "acme:AC-02"),
    (6, "recovered", "acme:AC-02"),
    (8, "worsened", "acme:AC-12"),
    (8, "worsened", "acme:AC-11"),
    (10, "opened", "acme:permission"),
    (12, "recovered", "acme:permission"),
    (14, "opened", "acme:target"),
    (17, "recovered", "acme:target"),
    (18, "notice", "restart"),
    (22, "opened", "acme:stale"),
    (22, "recovered", "acme:stale"),
]
"""Slot, change and condition of each alert, in order."""


@pytest.fixture
def estate() -> Iterator[Account]:
    """An account for one test alone, which changes it."""
    with fresh_account() as made:
        yield made


@pytest.fixture
def gate(account: Account) -> Iterator[Gate]:
    """The network between the daemon and the account."""
    made = Gate(account.endpoint)
    yield made
    made.shut()


@pytest.fixture
def mail() -> Iterator[LockedMailSink]:
    """A mail server that asks for a password."""
    with LockedMailSink() as made:
        yield made


@pytest.fixture
def day(
    program: Program, gate: Gate, hook: WebhookSink, mail: LockedMailSink, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Deployment]:
    """A daemon's configuration with one target, a mail and a webhook receiver."""
    with deployed(program, Account(gate.endpoint, program.account.faults), monkeypatch) as made:
        made.configure(
            schedule={"every": "1h"},
            daemon={"listen": ""},
            targets=[made.target(owner="Platform")],
            alerts=[
                {"name": "mail", "url": mail.url()},
                {"name": "hook", "webhook": hook.url, "secret": SECRET},
            ],
        )
        yield made


class Script:
    """What happens in the account on that day."""

    def __init__(self, day: Deployment, gate: Gate, endpoint: str) -> None:
        """Begin with every user of the console having a second factor."""
        self._day, self._gate = day, gate
        estate = Estate(endpoint)
        self._iam, self._s3 = estate.client("iam"), estate.client("s3")
        self._faults = day.account.faults
        device = self._iam.create_virtual_mfa_device(VirtualMFADeviceName="bob")["VirtualMFADevice"]
        self._enable("bob", device["SerialNumber"])
        self._alice = self._iam.list_mfa_devices(UserName="alice")["MFADevices"][0]["SerialNumber"]

    def before(self, slot: int) -> None:
        """Change what is different from this slot on."""
        match slot:
            case 3:
                self._iam.deactivate_mfa_device(UserName="alice", SerialNumber=self._alice)
            case 6:
                self._enable("alice", self._alice)
            case 8:
                self._s3.delete_public_access_block(Bucket=BUCKET)
                self._s3.put_bucket_policy(Bucket=BUCKET, Policy=json.dumps(_everybody(BUCKET)))
            case 10:
                self._faults.deny.add(REFUSED)
            case 12:
                self._faults.deny.clear()
            case 14:
                self._gate.shut()
            case 17:
                self._gate.open()
            case 22:
                self._s3.delete_bucket_policy(Bucket=BUCKET)
                self._s3.put_public_access_block(Bucket=BUCKET, PublicAccessBlockConfiguration=GUARD)

    def _enable(self, user: str, serial: str) -> None:
        codes = {"AuthenticationCode1": "123456", "AuthenticationCode2": "654321"}
        self._iam.enable_mfa_device(UserName=user, SerialNumber=serial, **codes)


def test_a_day_in_which_much_goes_wrong(
    day: Deployment, gate: Gate, account: Account, hook: WebhookSink, mail: LockedMailSink
) -> None:
    """Each change is told once to each receiver, in order, with what people need to act; nothing is lost or doubled."""
    script = Script(day, gate, account.endpoint)
    arrived: dict[int, list[Post]] = {}
    daemon = day.start()

    for slot in range(24):
        script.before(slot)
        if slot in (20, 21):  # off
            continue
        seen = len(hook.posts)
        if slot == 18:
            daemon = _killed_in_the_middle(day, daemon, slot)
        elif slot == 22:
            day.go_to(slot)
            daemon = day.start()
        day.slot(slot)
        arrived[slot] = hook.posts[seen:]
        if slot == 19:
            daemon.kill()
    daemon.end()

    wiring = wire(load(day.program.file))
    told = [(slot, post.json["change"], post.json["condition"]) for slot, posts in arrived.items() for post in posts]
    failing = _failing_at(day, wiring, day.runs()[0].seq)
    assert sorted(told[: len(failing)]) == sorted((0, "opened", condition) for condition in failing)
    assert told[len(failing) :] == AFTER_THE_FIRST_RUN
    assert {post.json["condition"]: post.json["failing"] for post in arrived[0]} == failing
    severities = [WORST_FIRST.index(post.json["severity"]) for post in arrived[0]]
    assert severities == sorted(severities)
    _check_receivers(day, hook, mail)
    _check_texts(day, wiring, arrived, mail)
    _check_evidence(day)
    _check_logs_and_secrets(day, hook)


def _killed_in_the_middle(day: Deployment, daemon: Process, slot: int) -> Process:
    """Kill -9 while a run is under way, and start the next process in the same slot."""
    faults = day.account.faults
    faults.calls.clear()
    faults.latency = 0.05
    day.go_to(slot)
    day.until(lambda: faults.calls.total() > 60, "the run of the slot is under way")
    daemon.kill()
    faults.latency = 0.0
    assert slot not in day.slots()
    return day.start()


def _failing_at(day: Deployment, wiring: Wiring, seq: int) -> dict[str, int]:
    """By condition: how many findings fail in a run, each counted under one control."""
    counted: Counter[str] = Counter()
    with day.store.read() as conn:
        rows = reads.results_at(conn, seq=seq)
    for row in rows:
        if row.outcome is Outcome.FAIL:
            controls = list(wiring.library.for_check(row.check_id))
            controls.sort(
                key=lambda control: (
                    WORST_FIRST.index(control.severity),
                    0 if control.key else 1,
                    min(STRONGEST_FIRST.index(mapped.strength) for mapped in control.criteria),
                )
            )
            counted[f"{NAME}:{controls[0].id if controls else row.check_id}"] += 1
    return dict(counted)


def _check_receivers(day: Deployment, hook: WebhookSink, mail: LockedMailSink) -> None:
    """Both receivers got the same messages in the same order, each once, and those of the webhook are signed."""
    keys = [post.json["key"] for post in hook.posts]
    assert len(set(keys)) == len(keys)
    assert [_said(one, "message") for one in mail.mails] == keys
    assert mail.logins == len(mail.mails)
    assert [post.headers["Idempotency-Key"] for post in hook.posts] == [f"{key}@hook" for key in keys]
    for post in hook.posts:
        sent = int(post.headers[TIMESTAMP])
        assert abs(sent - clock.parse(post.json["at"]) // SECOND) < 60
        assert verify_signature(SECRET, post.headers, post.body, sent)
        assert not verify_signature(SECRET + "x", post.headers, post.body, sent)
        assert not verify_signature(SECRET, post.headers, post.body + b" ", sent)
    assert day.waiting() == []


def _check_texts(day: Deployment, wiring: Wiring, arrived: dict[int, list[Post]], mail: LockedMailSink) -> None:
    """An alert says what, since when, whose it is, what to do and where to look; in both forms."""
    mails = {_said(one, "message"): one for one in mail.mails}

    removed = arrived[3][0].json
    assert removed["title"] == "AC-02 Signing in takes a second factor: 1 finding started to fail"
    assert (removed["severity"], removed["control"], removed["owner"]) == ("critical", "AC-02", "Head of Security")
    assert (removed["target"], removed["account"]) == (NAME, "123456789012")
    assert removed["since"] == removed["at"] == _moment(day, 3)
    (alice,) = removed["items"]
    assert alice["name"] == "arn:aws:iam::123456789012:user/alice"
    assert alice["reason"] == "user has a console password and no MFA device"
    assert alice["since"] == _moment(day, 3)
    assert removed["remediation"] == [wiring.checks["identity.user_mfa"].remediation]
    assert any("--resource arn:aws:iam::123456789012:user/alice" in command for command in removed["commands"])
    mailed = mails[removed["key"]]
    assert mailed["Subject"] == f"[critical] {removed['title']} ({NAME})"
    text = text_of(mailed)
    for part in (alice["name"], f"since: {_moment(day, 3)}", "owner: Head of Security", *removed["remediation"]):
        assert part in text

    restored = arrived[6][0].json
    assert restored["since"] == _moment(day, 3)
    assert restored["failing"] == 0
    assert [(item["name"], item["mark"]) for item in restored["items"]] == [(alice["name"], "fixed")]

    opened = arrived[8][0].json
    new = [(item["check"], item["name"]) for item in opened["items"] if item["mark"] == "new"]
    assert new == [
        ("exposure.object_store_block", f"arn:aws:s3:::{BUCKET}"),
        ("exposure.object_store_public", f"arn:aws:s3:::{BUCKET}"),
    ]
    (before,) = [post.json for post in arrived[0] if post.json["control"] == "AC-12"]
    assert opened["changed"] == 2
    assert opened["failing"] == len(opened["items"]) == before["failing"] + 2

    revoked = arrived[10][0].json
    assert [item["name"] for item in revoked["items"]] == [PERMISSION]
    assert REFUSED in revoked["items"][0]["reason"]
    assert revoked["owner"] == "Platform"

    down = arrived[14][0].json
    assert down["title"] == f"{NAME}: nothing can be read"
    assert "ACCOUNT_UNREACHABLE" in down["items"][0]["reason"]
    assert arrived[17][0].json["since"] == _moment(day, 14)

    assert arrived[18][0].json["title"] == "1 run was broken off by a crash and read again"
    assert arrived[18][0].json["items"][0]["reason"] == NAME
    assert "3 h" in arrived[22][0].json["items"][0]["reason"]


def _check_evidence(day: Deployment) -> None:
    """Each slot has its run or its gap entry, each gap is there with its reason, and everything verifies."""
    runs, gaps = day.slots(), day.gaps()
    by_slot: dict[tuple[int, str], Counter[str]] = defaultdict(Counter)
    for each in gaps:
        by_slot[day.number(each.slot), each.entry][each.gap.reason] += 1
    whole = day.runs()[15].gaps - _chosen(day, 15)
    assert runs == [slot for slot in range(24) if slot not in (20, 21)]
    assert {key: dict(counts) for key, counts in by_slot.items()} == {
        (10, "run"): {"PERMISSION_DENIED": BUCKETS},
        (11, "run"): {"PERMISSION_DENIED": BUCKETS},
        (14, "run"): {"ACCOUNT_UNREACHABLE": whole},
        (15, "run"): {"ACCOUNT_UNREACHABLE": whole},
        (16, "run"): {"ACCOUNT_UNREACHABLE": whole},
        (18, "abort"): {"crash": 1},
        (20, "gap"): {"AGENT_DOWN": 1},
        (21, "gap"): {"AGENT_DOWN": 1},
    }
    assert whole > 20
    refused = {(each.gap.operation, each.gap.permission) for each in gaps if day.number(each.slot) in (10, 11)}
    assert refused == {(REFUSED, PERMISSION)}
    for each in gaps:
        if each.entry == "gap":
            assert each.at >= clock.parse(_moment(day, 22))
    said = day.run("gaps", "--json").json
    assert len([gap for gap in said if gap["reason"] != "EXCLUDED_BY_CONFIG"]) == len(gaps)
    assert day.program.staged() == 0
    assert day.program.wrong() == []


def _chosen(day: Deployment, slot: int) -> int:
    """How many gaps of a run are there by choice."""
    with day.store.read() as conn:
        found = [each.gap.reason for each in reads.gaps(conn) if day.number(each.slot) == slot]
    return found.count("EXCLUDED_BY_CONFIG")


def _check_logs_and_secrets(day: Deployment, hook: WebhookSink) -> None:
    """No process logged an error of ours, and no secret is in a log, a message or the database."""
    logs = "".join(process.text for process in day.processes)
    assert "Traceback" not in logs
    for process in day.processes:
        assert [line for line in process.lines() if line["level"] in ("error", "critical") or "exception" in line] == []
    assert len(day.processes) == 3
    sealed = re.findall(r'"event": ?"run\.sealed"', logs)
    assert len(sealed) == 22, logs
    with day.store.read() as conn:
        kept = _whole(conn)
    messages = b"".join(post.body for post in hook.posts)
    for secret in (SECRET, LockedMailSink.PASSWORD):
        assert secret not in logs
        assert secret.encode() not in kept
        assert secret.encode() not in messages
    assert b"object_store_public" in kept


def _whole(conn: Connection) -> bytes:
    """All that the database holds, its contents unpacked."""
    parts: list[bytes] = list(blobs.load(conn, list(conn.scalars(select(blob.c.bid)))).values())
    for table in metadata.sorted_tables:
        for row in conn.execute(select(table)):
            parts += [value if isinstance(value, bytes) else str(value).encode() for value in row]
    return b"\n".join(parts)


def _moment(day: Deployment, slot: int) -> str:
    """When the run of a slot was made."""
    return clock.iso(day.clock.start + (slot * 3600 + 60) * SECOND)


def _said(mail: EmailMessage, name: str) -> str:
    """What a mail says on the line of that name."""
    (found,) = [line for line in text_of(mail).splitlines() if line.startswith(f"{name}: ")]
    return found.removeprefix(f"{name}: ")


def _everybody(bucket: str) -> dict[str, Any]:
    """A policy that lets the whole internet read a bucket."""
    opened = {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": f"arn:aws:s3:::{bucket}/*"}
    return {"Version": "2012-10-17", "Statement": [opened]}
