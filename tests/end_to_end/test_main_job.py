"""The main job: read a whole account, keep it, judge it, seal it; and again, when nothing has changed."""

from __future__ import annotations

from collections import Counter

import pytest

from storage.rows import Outcome
from tests.end_to_end.program import ACCOUNT, NAME, Program, outcomes

DENIED = "kms:GetKeyRotationStatus"


def test_first_run_keeps_documents_and_each_kind_of_verdict(program: Program) -> None:
    """One run of a small account ends sealed and signed, with passes, failures, unknowns and nothing-to-judge."""
    program.account.faults.deny.add(DENIED)

    said = program.collect()

    (report,) = said.json
    verdicts = program.verdicts()
    counted = Counter(verdict.outcome for verdict in verdicts.values())
    assert said.code == 3
    assert report["target"] == NAME
    assert report["account"] == ACCOUNT
    assert report["status"] == "partial"
    assert report["findings"] == {outcome.value: counted[outcome] for outcome in Outcome}
    assert {outcome for outcome in Outcome if counted[outcome]} == set(Outcome) - {Outcome.ERROR}
    assert report["documents"] == report["changed"] == len(program.documents()) > 100
    assert [entry.type for entry in program.ledger()] == ["policy", "policy", "policy", "run-start", "run", "key"]
    assert ("PERMISSION_DENIED", DENIED) in program.gaps()
    assert program.wrong() == []


def test_well_known_things_of_the_estate_are_judged_right(program: Program) -> None:
    """What was built wrong fails, what was built right passes, by name."""
    program.collect()

    found = program.run("findings", "--json").json

    by_name = {(each["check"], each["resource"].rpartition("/")[2].rpartition(":")[2]): each for each in found}
    assert by_name["identity.user_mfa", "alice"]["outcome"] == "PASS"
    assert by_name["identity.user_mfa", "bob"]["outcome"] == "FAIL"
    assert by_name["identity.user_mfa", "deploy"]["outcome"] == "NOT_APPLICABLE"
    assert by_name["exposure.object_store_public", "acme-website"]["outcome"] == "FAIL"
    assert by_name["exposure.object_store_public", "acme-customer-data"]["outcome"] == "PASS"
    assert by_name["encryption.database_at_rest", "orders"]["outcome"] == "PASS"
    assert by_name["encryption.database_at_rest", "reports"]["outcome"] == "FAIL"
    failing = by_name["identity.user_mfa", "bob"]
    assert failing["reason"] == "user has a console password and no MFA device"
    assert failing["severity"] == "critical"
    assert failing["control_ids"]
    assert failing["evidence"]
    assert program.run("evidence", "show", failing["evidence"][0], "--json").code == 0


def test_second_run_of_an_unchanged_account_adds_only_its_own_entries(program: Program) -> None:
    """No version and no verdict is written twice, and the ledger still proves that the second run looked."""
    program.collect()
    before, documents = program.verdicts(), program.documents()
    entries = program.ledger()

    (report,) = program.collect().json

    (run,) = [entry for entry in program.ledger("run") if entry.seq == report["entry"]]
    assert report["changed"] == 0
    assert run.said["changes"] == run.said["result_changes"] == 0
    assert run.said["documents"] == len(documents)
    assert program.documents() == documents
    assert program.verdicts() == before
    assert [entry.type for entry in program.ledger()[len(entries) :]] == ["run-start", "run"]
    assert program.wrong() == []


def test_failures_can_fail_the_command(program: Program) -> None:
    """--fail-on turns failing findings into exit code 1, and only at the level asked for."""
    first = program.collect()
    failing = program.collect("--fail-on", "critical")

    assert any(
        verdict.outcome is Outcome.FAIL and pair[0] == "identity.user_mfa"
        for pair, verdict in program.verdicts().items()
    )
    assert first.code == 0
    assert failing.code == 1


def test_status_controls_and_gaps_answer_from_what_was_kept(program: Program) -> None:
    """The read commands agree with the run."""
    (report,) = program.collect().json

    status = program.run("status", "--json").json
    matrix = program.run("controls", "--json").json
    gaps = program.run("gaps", "--json").json

    assert status["targets"][0]["findings"] == report["findings"]
    assert status["ledger"]["checkpoint"] == status["ledger"]["entries"]
    assert status["late"] == []
    assert program.run("status", "--healthy").code == 0
    assert len(matrix) == 61
    assert {each["state"] for each in matrix} >= {"FAIL", "MANUAL"}
    assert {each["reason"] for each in gaps} == {"EXCLUDED_BY_CONFIG"}
    assert len(outcomes(program.verdicts())) == sum(report["findings"].values())


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_field_that_an_answer_lacks_is_a_gap(program: Program) -> None:
    """An answer that was read but does not hold what a check needs is missing evidence like any other."""
    program.account.faults.whole_root = False

    said = program.collect()
    missing = {
        entry["operation"] for entry in program.run("gaps", "--json").json if entry["reason"] == "PARTIAL_LISTING"
    }

    assert said.code == 3
    assert said.json[0]["status"] == "partial"
    assert "iam:GetCredentialReport" in missing
    assert program.wrong() == []
