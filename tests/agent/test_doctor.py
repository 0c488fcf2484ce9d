"""The preflight: what is there, what may be read, and what a missing right would blind."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from agent import config, doctor
from agent.target_sections import AwsTarget
from agent.wiring import Wiring, wire
from storage.engine import upgrade
from tests.agent.conftest import ACCOUNT, REGION, Account, furnish


@pytest.fixture(scope="module")
def wiring() -> Wiring:
    """All checks, the default library."""
    return wire(config.Settings())


def target(account: Account, **changed: object) -> AwsTarget:
    """The loopback account as a target."""
    given = {"name": "acme", "cloud": "aws", "regions": (REGION,), "endpoint": account.url, "attempts": 1}
    return AwsTarget.model_validate({**given, **changed})


def rights(found: doctor.Examined) -> dict[str, doctor.Right]:
    """By permission."""
    return {right.permission: right for right in found.rights}


def test_what_can_be_read_is_granted(account: Account, wiring: Wiring) -> None:
    """Identity, regions, clock, and every right of the policy with what became of it."""
    furnish(account)
    found = doctor.examine(target(account), wiring)

    assert found.identity is not None
    assert (found.identity.account, found.identity.partition) == (ACCOUNT, "aws")
    assert ":assumed-role/" in found.identity.caller or ":user/" in found.identity.caller
    assert (found.regions, found.fault, found.skewed) == ((REGION,), "", False)
    declared = {permission for each in wiring.collectors_for("aws") for permission in each.permissions}
    assert set(rights(found)) == declared
    assert rights(found)["s3:GetBucketVersioning"].state is doctor.State.GRANTED
    assert rights(found)["s3:GetBucketVersioning"].answered == 2


def test_nothing_to_read_leaves_a_right_unexercised(account: Account, wiring: Wiring) -> None:
    """Without a queue nobody asked for its attributes, so nobody knows."""
    right = rights(doctor.examine(target(account), wiring))["sqs:GetQueueAttributes"]

    assert (right.state, right.answered, right.blinds) == (doctor.State.NOT_EXERCISED, 0, ())


def test_a_missing_right_is_named_with_what_it_blinds(account: Account, wiring: Wiring) -> None:
    """The operation was refused; the right has another name, and two checks rest on it."""
    furnish(account)
    account.faults.deny.add("s3:GetBucketEncryption")
    found = doctor.examine(target(account), wiring)
    right = rights(found)["s3:GetEncryptionConfiguration"]

    assert (right.state, right.answered, right.failed) == (doctor.State.DENIED, 0, 2)
    assert right.said == ("PERMISSION_DENIED: AccessDenied",)
    assert right.blinds == ("encryption.object_store_at_rest", "encryption.object_store_customer_key")
    assert right in found.missing


def test_a_failure_of_another_kind_is_no_missing_right(account: Account, wiring: Wiring) -> None:
    """An internal error says nothing about rights, and is missing evidence all the same."""
    account.faults.break_down.add("sqs:ListQueues")
    right = rights(doctor.examine(target(account), wiring))["sqs:ListQueues"]

    assert right.state is doctor.State.UNREAD
    assert right.said[0].startswith("ACCOUNT_UNREACHABLE")
    assert "encryption.queue_at_rest" in right.blinds


def test_a_target_that_lets_nobody_in(account: Account, wiring: Wiring) -> None:
    """The provider's own word stands in the fault, and it is not the configuration."""
    account.faults.deny.add("sts:GetCallerIdentity")
    found = doctor.examine(target(account), wiring)

    assert (found.identity, found.rights, found.misconfigured) == (None, (), False)
    assert found.fault == "sts:GetCallerIdentity: PERMISSION_DENIED (AccessDenied)"


def test_a_target_that_is_misspelled(account: Account, wiring: Wiring) -> None:
    """A region that does not exist is for the operator to fix."""
    found = doctor.examine(target(account, regions=("us-east-11",)), wiring)

    assert found.misconfigured
    assert "did you mean 'us-east-1'" in found.fault


def our_side(folder: Path, **integrity: object) -> dict[str, doctor.Setting]:
    """What is said about an agent whose files are all in `folder`."""
    settings = config.Settings.model_validate(
        {
            "database": f"sqlite:///{folder}/evidence.db",
            "integrity": {"key_file": folder / "signing.key", "anchors": folder / "anchors", **integrity},
        }
    )
    return {each.name: each for each in doctor.settings(settings)}


def test_a_new_installation_has_nothing_and_that_is_fine(tmp_path: Path) -> None:
    """What the first run makes is said, and nothing is made."""
    said = our_side(tmp_path)

    assert [(each.name, each.ok) for each in said.values()] == [
        ("database", True),
        ("signing key", True),
        ("anchor folder", True),
        ("alerts", True),
    ]
    assert "first `proofkeep collect`" in said["database"].said
    assert list(tmp_path.iterdir()) == []


def test_a_database_with_the_tables_is_reachable(database_url: str) -> None:
    """On either kind of server."""
    settings = config.Settings.model_validate({"database": database_url})
    (said, *_) = doctor.settings(settings)

    assert said.ok
    assert said.said.endswith("reachable, schema is current")


def test_an_empty_database_is_reachable(empty_database_url: str) -> None:
    """Tables come with the first run."""
    settings = config.Settings.model_validate({"database": empty_database_url})
    (said, *_) = doctor.settings(settings)

    assert said.ok


def test_a_database_that_nobody_understands_is_wrong() -> None:
    """The answer says how to write it, and never repeats a password."""
    settings = config.Settings.model_validate({"database": "mysql://me:hunter2@host/db"})
    (said, *_) = doctor.settings(settings)

    assert not said.ok
    assert "hunter2" not in said.said


def test_a_key_that_others_can_read_is_wrong(tmp_path: Path) -> None:
    """The file is named, with the command that mends it."""
    (tmp_path / "signing.key").write_text("nothing")
    (tmp_path / "signing.key").chmod(0o644)
    said = our_side(tmp_path)["signing key"]

    assert not said.ok
    assert "chmod 600" in said.said


def test_a_folder_that_cannot_be_made_is_wrong(tmp_path: Path) -> None:
    """A file stands where a folder would have to be."""
    (tmp_path / "file").write_text("in the way")
    said = our_side(tmp_path, anchors=tmp_path / "file" / "anchors")["anchor folder"]

    assert not said.ok
    assert f"{tmp_path}/file cannot be written" in said.said


def test_the_files_of_a_run_are_found(tmp_path: Path) -> None:
    """After the first run all three are there."""
    upgrade(f"sqlite:///{tmp_path}/evidence.db")
    (tmp_path / "anchors").mkdir()
    said = our_side(tmp_path)

    assert said["database"].said.endswith("schema is current")
    assert said["anchor folder"].said == f"{tmp_path}/anchors: can be written"
    assert os.access(tmp_path / "anchors", os.W_OK)
