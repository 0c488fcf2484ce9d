"""A loopback account with the demo's estate, and the program set up to read it into a real database."""

from __future__ import annotations

import logging
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from agent.demo.estate import Estate
from agent.demo.loopback import Faults, loopback_aws
from tests.end_to_end.daemons import SECRET, Deployment, deployed
from tests.end_to_end.program import Account, Program
from tests.sinks import WebhookSink

_FOREIGN = ("AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_ENDPOINT_URL", "AWS_DEFAULT_REGION", "AWS_REGION")


@pytest.fixture(scope="module")
def estate() -> Iterator[Account]:
    """The account of all tests of a file; one that changes it works on things of its own."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    faults = Faults(whole_root=True)
    with loopback_aws(faults) as url:
        # The server's memory is the process's: another file's tests may have left something there.
        urllib.request.urlopen(urllib.request.Request(f"{url}/moto-api/reset", method="POST")).read()  # noqa: S310
        Estate(url).build()
        yield Account(url, faults)


@pytest.fixture
def account(estate: Account) -> Account:
    """The account with nothing wrong at first."""
    estate.faults.__init__(whole_root=True)  # type: ignore[misc]  # the server holds this very object
    return estate


@pytest.fixture
def program(
    account: Account,
    database_url: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Program:
    """The program with made-up credentials, on each kind of database."""
    for name in _FOREIGN:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.setenv(name, str(tmp_path / "none"))
    monkeypatch.chdir(tmp_path)
    made = Program(tmp_path, database_url, account, capsys)
    made.configure()
    return made


@pytest.fixture
def hook() -> Iterator[WebhookSink]:
    """A receiver of signed JSON."""
    with WebhookSink() as made:
        yield made


@pytest.fixture
def deployment(program: Program, hook: WebhookSink, monkeypatch: pytest.MonkeyPatch) -> Iterator[Deployment]:
    """A daemon's configuration: one target each hour, and one receiver of trouble with the collection."""
    with deployed(program, program.account, monkeypatch) as made:
        made.configure(
            schedule={"every": "1h"},
            daemon={"listen": ""},
            targets=[made.target()],
            alerts=[{"name": "hook", "webhook": hook.url, "secret": SECRET, "about": ["collection"]}],
        )
        made.go_to(0)
        yield made
