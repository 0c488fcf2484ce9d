"""The program as people use it: run in this process, or started as one of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import orjson
import pytest

from agent import clock
from agent.__main__ import run
from agent.demo.loopback import Faults
from agent.verify import verify_at
from checks.registry import all_checks
from storage import ledger, reads, staging
from storage.engine import Store, open_store
from storage.rows import Key, Outcome, Target
from tests.house.tree import ROOT

NAME = "acme"
ACCOUNT = "123456789012"
on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
on_postgresql = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
"""For what has nothing to do with the kind of database: one of them is asked, and they take turns."""
SETTLED = frozenset(name for name, check in all_checks().items() if not check.exists_on("aws")) | {
    "detection.security_alert_owners"
}
"""Checks of what AWS has not, or does of its own accord: so it is, whatever was read."""
DECISIVE = frozenset({Outcome.PASS, Outcome.FAIL, Outcome.NOT_APPLICABLE})
Pair = tuple[str, str, str]
"""Check, resource type and uid."""


@dataclass(frozen=True, slots=True)
class Account:
    """A loopback account, and what goes wrong there."""

    endpoint: str
    faults: Faults


@dataclass(frozen=True, slots=True)
class Said:
    """What one command answered."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """The answer to `--json`."""
        return json.loads(self.out)

    @property
    def complaint(self) -> str:
        """The one line that an operator reads; fails when there is more or less."""
        assert "Traceback" not in self.out + self.err
        (line,) = self.err.splitlines()
        return line


@dataclass(frozen=True, slots=True)
class Verdict:
    """One verdict in force: outcome, reason, and what it rests on."""

    outcome: Outcome
    reason: str
    kinds: frozenset[str]
    """Kinds of the documents it rests on."""
    operations: frozenset[str]
    """Operations that were not read."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One ledger entry with its decoded content."""

    seq: int
    type: str
    ref: int | None
    at: int
    said: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Program:
    """The program with its settings, its database and the account that it reads."""

    folder: Path
    database: str
    account: Account
    capture: pytest.CaptureFixture[str]
    target: tuple[tuple[str, object], ...] = ()
    """Settings of the target beside name, cloud, region and endpoint."""
    every: str = "1h"

    def with_target(self, **settings: object) -> Program:
        """The same program with other settings of its target."""
        changed = replace(self, target=tuple(settings.items()))
        changed.configure()
        return changed

    def configure(self) -> None:
        """Write the settings file."""
        target = {"name": NAME, "cloud": "aws", "regions": ["us-east-1"], "endpoint": self.account.endpoint}
        lines = [f"{key} = {json.dumps(value)}" for key, value in {**target, **dict(self.target)}.items()]
        head = f'database = {json.dumps(self.database)}\n[schedule]\nevery = "{self.every}"\n[[targets]]\n'
        self.file.write_text(head + "\n".join(lines) + "\n", encoding="utf-8")

    @property
    def file(self) -> Path:
        """The settings file."""
        return self.folder / "proofkeep.toml"

    def run(self, command: str, *words: str) -> Said:
        """One command in this process."""
        self.capture.readouterr()
        code = run([command, *words, "--config", str(self.file)])
        out, err = self.capture.readouterr()
        return Said(code, out, err)

    def collect(self, *words: str) -> Said:
        """`collect --json`."""
        return self.run("collect", "--json", *words)

    def start(self, *words: str) -> subprocess.Popen[str]:
        """`collect --json` as a process of its own."""
        return subprocess.Popen(
            [sys.executable, "-m", "agent", "collect", "--json", *words, "--config", str(self.file)],
            cwd=self.folder,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def store(self) -> Store:
        """The database, opened beside the program."""
        return open_store(self.database, clock=clock.now)

    def verdicts(self, account: str = ACCOUNT) -> dict[Pair, Verdict]:
        """Every verdict in force."""
        with self.store() as store, store.read() as conn:
            rows = reads.results_at(conn, who=Target("aws", NAME, account))
        return {(row.check_id, row.subject.kind, row.subject.uid): _verdict(row.outcome, row.detail) for row in rows}

    def outcomes_of_reads(self, account: str = ACCOUNT) -> set[str]:
        """The outcomes in force of checks that need to read something."""
        return {verdict.outcome.value for pair, verdict in self.verdicts(account).items() if pair[0] not in SETTLED}

    def documents(self) -> dict[Key, bytes]:
        """SHA-256 of every document in force."""
        with self.store() as store, store.read() as conn:
            return reads.current_documents(conn, Target("aws", NAME, ACCOUNT))

    def ledger(self, type_: str | None = None) -> list[Entry]:
        """Every entry, or those of one type, oldest first."""
        with self.store() as store, store.read() as conn:
            return [
                Entry(entry.seq, entry.type, entry.ref, entry.recorded_at, orjson.loads(entry.entry))
                for entry in ledger.entries(conn)
                if type_ in (None, entry.type)
            ]

    def gaps(self) -> set[tuple[str, str]]:
        """Reason and operation of each gap of the newest run, chosen ones left out."""
        with self.store() as store, store.read() as conn:
            newest = max(run.seq for run in reads.runs(conn))
            found = [each.gap for each in reads.gaps(conn) if each.seq == newest]
        return {(gap.reason, gap.operation) for gap in found if gap.reason != "EXCLUDED_BY_CONFIG"}

    def staged(self) -> int:
        """Pages left in staging by any run of the ledger."""
        runs = [entry.said["run_id"] for entry in self.ledger("run-start")]
        with self.store() as store, store.read() as conn:
            return sum(1 for run_id in runs for _ in staging.pages(conn, run_id))

    def wrong(self) -> list[str]:
        """What `verify` finds wrong, with every checkpoint that was anchored; empty when all is well."""
        anchors = [Path(f"{self.database.removeprefix('sqlite:///')}.anchors"), self.folder / "proofkeep.anchors"]
        notes = [note.read_text(encoding="utf-8") for folder in anchors for note in folder.glob("*.note")]
        found = verify_at(self.database, checkpoints=notes)
        return [f"{finding.where}: {finding.what}" for finding in found.findings]


def _verdict(outcome: Outcome, detail: bytes) -> Verdict:
    kept = orjson.loads(detail)
    kinds = frozenset(kind for kind, _ in kept.get("documents", ()))
    operations = frozenset(unread["operation"] for unread in kept.get("unread", ()))
    return Verdict(outcome, kept["reason"], kinds, operations)


def outcomes(verdicts: dict[Pair, Verdict]) -> dict[Pair, Outcome]:
    """Only the outcomes."""
    return {pair: verdict.outcome for pair, verdict in verdicts.items()}


def finish(process: subprocess.Popen[str], seconds: float = 60) -> Said:
    """Wait for a process and take what it said; a process that does not end is killed, and fails the test."""
    try:
        out, err = process.communicate(timeout=seconds)
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()
        raise
    return Said(process.returncode, out, err)
