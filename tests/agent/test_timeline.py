"""What happened to one resource."""

from __future__ import annotations

import pytest

from agent.errors import OperatorError
from agent.timeline import Step, timeline
from storage.engine import open_store
from tests.agent.conftest import ACCOUNT, History


def steps(history: History, wanted: str) -> list[Step]:
    """The timeline of a resource."""
    with open_store(history.agent.database) as store:
        return timeline(store, wanted)[1]


def documents(step: Step) -> dict[str, tuple[str, tuple[str, ...]]]:
    """Change and changed fields by kind."""
    return {each.kind: (each.change, each.paths) for each in step.documents}


def verdicts(step: Step) -> dict[str, tuple[str | None, str | None]]:
    """Outcome before and after by check."""
    return {each.check: (each.before, each.after) for each in step.verdicts}


def test_a_bucket_that_stays(history: History) -> None:
    """New in run 0, versioned and unreadable in part in run 1, readable again in run 2."""
    first, second, third = steps(history, "arn:aws:s3:::ledger")

    assert [step.seq for step in (first, second, third)] == history.entries
    assert set(documents(first).values()) == {("new", ())}
    assert documents(second) == {"aws.s3.versioning": ("changed", ("Status",))}
    assert verdicts(second)["backup.object_store_versioning"] == ("FAIL", "PASS")
    assert verdicts(second)["encryption.object_store_at_rest"] == ("PASS", "UNKNOWN")
    assert documents(third) == {}
    assert verdicts(third)["encryption.object_store_at_rest"] == ("UNKNOWN", "PASS")


def test_a_bucket_that_goes(history: History) -> None:
    """A complete listing without it is a tombstone, and ends its verdicts."""
    last = steps(history, "arn:aws:s3:::scratch")[-1]

    assert last.seq == history.entries[2]
    assert documents(last)["aws.s3.bucket"] == ("gone", ())
    assert {after for _, after in verdicts(last).values()} == {None}


def test_reasons_are_told(history: History) -> None:
    """A transition says why, with the operation and the right."""
    (verdict,) = [
        each
        for each in steps(history, "arn:aws:s3:::ledger")[1].verdicts
        if each.check == "encryption.object_store_at_rest"
    ]

    assert "s3:GetBucketEncryption was not read: PERMISSION_DENIED" in verdict.reason
    assert "needs s3:GetEncryptionConfiguration" in verdict.reason


def test_a_name_will_do_when_it_is_unique(history: History) -> None:
    """`bob` is one user."""
    with open_store(history.agent.database) as store:
        uid, found = timeline(store, "bob")

    assert uid == f"arn:aws:iam::{ACCOUNT}:user/bob"
    assert verdicts(found[-1])["identity.user_mfa"] == ("UNKNOWN", "PASS")


def test_a_name_that_two_things_have_is_refused(history: History) -> None:
    """Everything about the account as a whole bears its number; the message lists candidates."""
    with (
        open_store(history.agent.database) as store,
        pytest.raises(OperatorError, match=r"is the name of \d resources; say which: 'arn"),
    ):
        timeline(store, ACCOUNT)


def test_an_unknown_name_is_refused_with_the_nearest(history: History) -> None:
    """Nothing is not an empty history."""
    with open_store(history.agent.database) as store, pytest.raises(OperatorError, match="did you mean 'alice'"):
        timeline(store, "alicia")
