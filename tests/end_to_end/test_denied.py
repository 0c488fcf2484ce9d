"""The first law, end to end: whatever read is denied, nothing is decided by it, forgotten or deleted."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

import boto3
import pytest

from storage.rows import Outcome
from tests.agent.aws_account import COLLECTORS, served_as
from tests.end_to_end.program import ACCOUNT, DECISIVE, SETTLED, Account, Program, on_postgresql, on_sqlite, outcomes

HARMLESS = (Outcome.NOT_APPLICABLE, Outcome.PASS)
"""What is right wherever it stands is right, too, where it is not known whether it stands anywhere."""
KINDS = {kind for collector in COLLECTORS.values() for kind in collector.kinds}


@pytest.fixture(scope="module", autouse=True)
def _more(estate: Account) -> None:
    """What the demo's account has none of, so that the reads of its details happen, too."""

    def client(service: str) -> Any:
        return boto3.client(
            service,
            region_name="us-east-1",
            endpoint_url=estate.endpoint,
            aws_access_key_id="testing",
            aws_secret_access_key="testing",
        )

    client("efs").create_file_system(CreationToken="files")
    client("secretsmanager").create_secret(Name="secret", SecretString="made-up")
    client("config").put_configuration_recorder(
        ConfigurationRecorder={"name": "default", "roleARN": f"arn:aws:iam::{ACCOUNT}:role/recorder"}
    )
    backup = client("backup")
    backup.create_backup_vault(BackupVaultName="vault")
    rule = {"RuleName": "daily", "TargetBackupVaultName": "vault", "Lifecycle": {"DeleteAfterDays": 35}}
    backup.create_backup_plan(BackupPlan={"BackupPlanName": "plan", "Rules": [rule]})


def groups(asked: Iterable[str]) -> list[dict[frozenset[str], set[str]]]:
    """Reads to deny together, at most one of each collector: by the server's names of an operation, ours.

    Two of one collector would hide each other: what is never listed is not asked for its details.  Both generations
    of load balancers have operations of one name, which the server cannot tell apart.
    """
    asked = set(asked)
    calls: dict[frozenset[str], set[str]] = defaultdict(set)
    users: dict[frozenset[str], set[str]] = defaultdict(set)
    for collector in COLLECTORS.values():
        for kind in collector.kinds:
            served = frozenset(served_as(kind, asked))
            if served:
                calls[served].add(kind.call)
                users[served].add(collector.id)
    assert set().union(*users.values()) == set(COLLECTORS), "a collector asked nothing"
    found: list[dict[frozenset[str], set[str]]] = []
    busy: list[set[str]] = []
    for served in sorted(calls, key=lambda served: (-len(users[served]), min(served))):
        fits = next((at for at, taken in enumerate(busy) if not taken & users[served]), len(found))
        if fits == len(found):
            found.append({})
            busy.append(set())
        found[fits][served] = calls[served]
        busy[fits] |= users[served]
    return found


@on_sqlite
def test_every_operation_that_was_asked_belongs_to_a_collector(program: Program) -> None:
    """The server saw nothing that no collector declares, so denying the declared ones leaves none out."""
    program.collect()
    asked = set(program.account.faults.calls)

    known = {name for kind in KINDS for name in served_as(kind, asked)}

    assert asked - known == {"sts:GetCallerIdentity"}


@on_postgresql
def test_denied_reads_decide_nothing_and_delete_nothing(program: Program) -> None:
    """Each operation in turn is denied; verdicts become UNKNOWN and name it, or stay; no document is lost."""
    program.collect()
    clean, documents, lacking = program.verdicts(), program.documents(), program.gaps()
    faults = program.account.faults

    together = groups(faults.calls)
    if program.database.startswith("postgresql"):
        together = together[:: len(together) // 3]  # reading is the same on both; a few show that keeping is, too
    for group in together:
        faults.deny = {name for names in group for name in names}
        denied = {call for calls in group.values() for call in calls}
        said = program.collect()

        verdicts = program.verdicts()
        kinds = {kind.name for kind in KINDS if kind.call in denied}
        assert said.code == 3, denied
        fresh = program.gaps() - lacking
        refused = {operation for _, operation in fresh}
        assert {reason for reason, _ in fresh} == {"PERMISSION_DENIED"}, fresh
        assert refused <= denied
        assert all(refused & calls for calls in group.values())
        assert program.documents() == documents, "a document changed or went although it was only not read"
        for pair, before in clean.items():
            check, type_, _ = pair
            after = verdicts.get(pair)
            if after is None:
                assert type_ == "scope", f"{pair} is gone"
                assert any(
                    each[:2] == (check, "scope") and verdict.outcome is Outcome.UNKNOWN
                    for each, verdict in verdicts.items()
                ), f"{pair} is gone, and nothing says why"
            elif after.outcome is not before.outcome and (before.outcome, after.outcome) != HARMLESS:
                assert after.outcome is Outcome.UNKNOWN, f"{pair} went from {before} to {after} with {denied}"
        for pair, verdict in verdicts.items():
            if verdict.outcome is Outcome.UNKNOWN and (pair not in clean or clean[pair].outcome in DECISIVE):
                assert verdict.operations & denied, f"{pair}: {verdict.reason}"
                assert all(operation in verdict.reason for operation in verdict.operations)
            if verdict.outcome in DECISIVE:
                assert not verdict.kinds & kinds, f"{pair} is {verdict.outcome}, resting on what was denied"

    faults.deny = set()
    program.collect()
    assert program.verdicts() == clean
    assert program.documents() == documents
    assert program.wrong() == []


@on_sqlite
@pytest.mark.parametrize(
    ("denied", "subject"),
    [("s3:GetBucketEncryption", "object_store"), ("kms:GetKeyRotationStatus", "encryption_key")],
)
def test_a_denied_detail_blinds_only_what_needs_it(program: Program, denied: str, subject: str) -> None:
    """UNKNOWN falls on exactly the resources concerned, and on no other."""
    program.collect()
    clean = outcomes(program.verdicts())
    program.account.faults.deny = {denied}

    assert program.collect().code == 3

    changed = {pair for pair, outcome in outcomes(program.verdicts()).items() if clean.get(pair) is not outcome}
    assert changed
    assert {type_ for _, type_, _ in changed} == {subject}
    assert {outcomes(program.verdicts())[pair] for pair in changed} == {Outcome.UNKNOWN}


@on_postgresql
def test_an_account_that_denies_everything_from_the_start(program: Program) -> None:
    """A first run that may read nothing decides nothing, about nobody, and says so for each check.

    What AWS has not, or does of its own accord, is so whatever was read.
    """
    program.collect()
    checks = {check for check, _, _ in program.verdicts()}
    asked = set(program.account.faults.calls) - {"sts:GetCallerIdentity"}
    program.account.faults.deny = asked
    other = program.with_target(name="other")

    said = other.collect()

    (report,) = said.json
    found = other.run("findings", "--target", "other", "--json").json
    assert said.code == 3
    assert report["documents"] == 0
    assert {each["outcome"] for each in found if each["check"] not in SETTLED} == {"UNKNOWN"}
    assert {each["outcome"] for each in found if each["check"] in SETTLED} == {"NOT_APPLICABLE"}
    assert {each["check"] for each in found} == checks
