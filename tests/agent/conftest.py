"""A small AWS account on loopback, an agent that reads it, and a history of three runs to ask questions about."""

from __future__ import annotations

import io
import json
import logging
import os
import urllib.request
from collections.abc import Iterator
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import boto3
import pytest

from agent import clock
from agent.__main__ import run
from agent.demo.loopback import Faults, loopback_aws
from storage import ledger
from storage.engine import open_store

REGION = "us-east-1"
ACCOUNT = "123456789012"
TLS_ONLY = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Deny",
            "Principal": "*",
            "Action": "s3:*",
            "Resource": ["arn:aws:s3:::ledger", "arn:aws:s3:::ledger/*"],
            "Condition": {"Bool": {"aws:SecureTransport": "false"}},
        }
    ],
}
ENCRYPTED = {"Rules": [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}]}


@dataclass(frozen=True, slots=True)
class Said:
    """How one command ended and what it printed."""

    code: int
    out: str
    err: str
    raw: bytes

    @property
    def json(self) -> Any:
        """What it printed for programs."""
        return json.loads(self.out)


@dataclass(frozen=True, slots=True)
class Agent:
    """The command line with a settings file of its own."""

    folder: Path

    @classmethod
    def at(cls, folder: Path, endpoint: str, *, database: str = "") -> Agent:
        """Write the settings: one account at `endpoint`, everything else in `folder`."""
        (folder / "proofkeep.toml").write_text(
            f"""
            database = "{database or f"sqlite:///{folder}/evidence.db"}"
            [[targets]]
            name = "acme"
            cloud = "aws"
            regions = ["{REGION}"]
            endpoint = "{endpoint}"
            attempts = 2
            external_id = "told-to-nobody"
            [integrity]
            key_file = "{folder}/signing.key"
            anchors = "{folder}/anchors"
            """,
            encoding="utf-8",
        )
        return cls(folder)

    @property
    def database(self) -> str:
        """URL of its SQLite file."""
        return f"sqlite:///{self.folder}/evidence.db"

    def __call__(self, *words: str) -> Said:
        """Run one command with this agent's settings."""
        return say(*words, "--config", str(self.folder / "proofkeep.toml"))


def say(*words: str) -> Said:
    """Run one command in this process."""
    out, err = (io.TextIOWrapper(io.BytesIO(), encoding="utf-8", write_through=True) for _ in range(2))
    with redirect_stdout(out), redirect_stderr(err):
        code = run(list(words))
    raw, said = (stream.buffer.getvalue() for stream in (out, err))
    return Said(int(code), raw.decode(errors="replace"), said.decode(), raw)


@dataclass(frozen=True, slots=True)
class Account:
    """The loopback account of one test."""

    url: str
    faults: Faults

    def client(self, service: str) -> Any:
        """A plain SDK client to fill it with."""
        return boto3.client(
            service,
            region_name=REGION,
            endpoint_url=self.url,
            aws_access_key_id="testing",
            aws_secret_access_key="testing",
        )

    def reset(self) -> None:
        """Empty it, and let nothing go wrong."""
        request = urllib.request.Request(f"{self.url}/moto-api/reset", method="POST")  # noqa: S310  # loopback
        urllib.request.urlopen(request).close()  # noqa: S310  # loopback
        self.faults.__init__(whole_root=True)  # type: ignore[misc]  # the server holds this very object


@dataclass(frozen=True, slots=True)
class History:
    """An agent that ran three times, and the moment at which each run was sealed."""

    agent: Agent
    entries: list[int] = field(default_factory=list)
    """Ledger entry of each run."""
    times: list[str] = field(default_factory=list)


@pytest.fixture(scope="session")
def _loopback() -> Iterator[Account]:
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    faults = Faults(whole_root=True)
    with loopback_aws(faults) as url, pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith(("AWS_", "PROOFKEEP_"))]:
            patch.delenv(name)
        patch.setenv("AWS_ACCESS_KEY_ID", "testing")
        patch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
        yield Account(url, faults)


@pytest.fixture
def account(_loopback: Account) -> Account:
    """An empty account."""
    _loopback.reset()
    return _loopback


def furnish(account: Account) -> None:
    """Two users, two buckets and a key."""
    iam = account.client("iam")
    for name in ("alice", "bob"):
        iam.create_user(UserName=name)
        iam.create_login_profile(UserName=name, Password="made-up-Passw0rd")
    device = iam.create_virtual_mfa_device(VirtualMFADeviceName="alice")["VirtualMFADevice"]["SerialNumber"]
    iam.enable_mfa_device(
        UserName="alice", SerialNumber=device, AuthenticationCode1="123456", AuthenticationCode2="654321"
    )
    s3 = account.client("s3")
    for name in ("ledger", "scratch"):
        s3.create_bucket(Bucket=name)
    s3.put_bucket_encryption(Bucket="ledger", ServerSideEncryptionConfiguration=ENCRYPTED)
    s3.put_bucket_policy(Bucket="ledger", Policy=json.dumps(TLS_ONLY))
    account.client("kms").create_key(Description="rotate me, password=hunter2secret")


@pytest.fixture
def agent(account: Account, tmp_path: Path) -> Agent:
    """An agent that has not run yet, and a furnished account."""
    furnish(account)
    return Agent.at(tmp_path, account.url)


@pytest.fixture(scope="session")
def history(_loopback: Account, tmp_path_factory: pytest.TempPathFactory) -> History:
    """Three sealed runs.  Only read from it: every test shares it.

    Run 0 reads everything that can be read.  Before run 1 `ledger` gets versioning, and the encryption of buckets and
    the list of users are refused.  Before run 2 both are allowed again, `scratch` is deleted and `bob` gets a device.
    """
    _loopback.reset()
    furnish(_loopback)
    made = History(Agent.at(tmp_path_factory.mktemp("history"), _loopback.url))
    _collect(made)
    _loopback.client("s3").put_bucket_versioning(Bucket="ledger", VersioningConfiguration={"Status": "Enabled"})
    _loopback.faults.deny |= {"s3:GetBucketEncryption", "iam:ListUsers"}
    _collect(made)
    _loopback.faults.deny.clear()
    _loopback.client("s3").delete_bucket(Bucket="scratch")
    iam = _loopback.client("iam")
    device = iam.create_virtual_mfa_device(VirtualMFADeviceName="bob")["VirtualMFADevice"]["SerialNumber"]
    iam.enable_mfa_device(
        UserName="bob", SerialNumber=device, AuthenticationCode1="123456", AuthenticationCode2="654321"
    )
    _collect(made)
    return made


def _collect(history: History) -> None:
    said = history.agent("collect", "--json")
    assert said.err == ""
    (report,) = said.json
    history.entries.append(report["entry"])
    with open_store(history.agent.database) as store, store.read() as conn:
        (entry,) = ledger.entries(conn, report["entry"], report["entry"] + 1)
    history.times.append(clock.iso(entry.recorded_at))
