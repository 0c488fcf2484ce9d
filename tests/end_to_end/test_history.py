"""Five runs of an account that changes: what was true when, who is gone, and what a denied read leaves alone."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import boto3
import pytest

from agent import clock
from tests.end_to_end.program import ACCOUNT, Account, Program, on_postgresql

pytestmark = on_postgresql

CHECK = "identity.user_mfa"
CODES = {"AuthenticationCode1": "123456", "AuthenticationCode2": "654321"}


@pytest.fixture
def iam(account: Account) -> Iterator[Any]:
    """A client to change the account with."""
    client = boto3.client(
        "iam",
        region_name="us-east-1",
        endpoint_url=account.endpoint,
        aws_access_key_id="testing",
        aws_secret_access_key="testing",
    )
    yield client
    client.close()


class People:
    """Two users of one test: one who loses the second factor and gets another, and one who leaves."""

    def __init__(self, iam: Any, mark: str) -> None:
        """Make both, each with a password and a second factor."""
        self._iam = iam
        self._device = ""
        self.changing, self.leaving = f"changing-{mark}", f"leaving-{mark}"
        for name in (self.changing, self.leaving):
            iam.create_user(UserName=name)
            iam.create_login_profile(UserName=name, Password="Corr3ct-Horse-Battery")
        self.gain(self.changing)

    def gain(self, name: str) -> None:
        """Give a user a second factor."""
        device = self._iam.create_virtual_mfa_device(VirtualMFADeviceName=name)["VirtualMFADevice"]
        self._device = device["SerialNumber"]
        self._iam.enable_mfa_device(UserName=name, SerialNumber=self._device, **CODES)

    def lose(self, name: str) -> None:
        """Take the second factor away."""
        self._iam.deactivate_mfa_device(UserName=name, SerialNumber=self._device)
        self._iam.delete_virtual_mfa_device(SerialNumber=self._device)

    def leave(self, name: str) -> None:
        """Delete a user."""
        self._iam.delete_login_profile(UserName=name)
        self._iam.delete_user(UserName=name)


def test_five_runs_tell_what_was_true_when(program: Program, iam: Any) -> None:
    """As-of answers and timelines name exactly the runs in which something changed."""
    people = People(iam, program.database.partition(":")[0])
    changing, leaving = (f"arn:aws:iam::{ACCOUNT}:user/{name}" for name in (people.changing, people.leaving))
    entries, times = [0], [clock.now()]

    def collect() -> None:
        (report,) = program.collect().json
        entries.append(report["entry"])
        times.append(clock.now())

    collect()
    people.lose(people.changing)
    collect()
    people.leave(people.leaving)
    collect()
    people.gain(people.changing)
    program.account.faults.deny = {"iam:ListUsers"}
    collect()
    program.account.faults.deny = set()
    collect()

    def at(run: int, uid: str) -> tuple[str, int] | None:
        """Outcome of the check after a run, and the run since which it holds."""
        moment = clock.iso(times[run])
        found = program.run("findings", "--as-of", moment, "--check", CHECK, "--resource", uid, "--json").json
        since = {entry.at: entry.seq for entry in program.ledger()}
        return next(((each["outcome"], entries.index(since[clock.parse(each["since"])])) for each in found), None)

    assert [at(run, changing) for run in range(6)] == [
        None, ("PASS", 1), ("FAIL", 2), ("FAIL", 2), ("UNKNOWN", 4), ("PASS", 5),
    ]  # fmt: skip
    assert [at(run, leaving) for run in range(6)] == [None, ("FAIL", 1), ("FAIL", 1), None, None, None]

    steps = program.run("timeline", changing, "--json").json["steps"]
    changes = [
        (entries.index(step["entry"]), verdict["before"], verdict["after"])
        for step in steps
        for verdict in step["verdicts"]
        if verdict["check"] == CHECK
    ]
    devices = [
        (entries.index(step["entry"]), document["change"])
        for step in steps
        for document in step["documents"]
        if document["kind"] == "aws.iam.user_mfa_devices"
    ]
    assert changes == [(1, None, "PASS"), (2, "PASS", "FAIL"), (4, "FAIL", "UNKNOWN"), (5, "UNKNOWN", "PASS")]
    assert devices == [(1, "new"), (2, "changed"), (5, "changed")]

    steps = program.run("timeline", people.leaving, "--json").json["steps"]
    changes = [
        (entries.index(step["entry"]), verdict["before"], verdict["after"])
        for step in steps
        for verdict in step["verdicts"]
        if verdict["check"] == CHECK
    ]
    kinds = {
        run: {
            (document["kind"], document["change"])
            for step in steps
            if entries.index(step["entry"]) == run
            for document in step["documents"]
        }
        for run in range(1, 6)
    }
    assert changes == [(1, None, "FAIL"), (3, "FAIL", None)]
    assert ("aws.iam.user", "new") in kinds[1]
    assert kinds[3] == {(kind, "gone") for kind, _ in kinds[1]}
    assert kinds[2] == kinds[4] == kinds[5] == set()
    assert program.wrong() == []


def test_evidence_of_the_past_is_still_there(program: Program, iam: Any) -> None:
    """The document of a deleted user can be read as it was, by the id that the old finding named."""
    people = People(iam, f"past-{program.database.partition(':')[0]}")
    program.collect()
    then = clock.iso(clock.now())
    people.leave(people.leaving)
    program.collect()

    words = ("findings", "--as-of", then, "--check", CHECK, "--resource", people.leaving, "--json")
    (finding,) = program.run(*words).json
    shown = [program.run("evidence", "show", id_, "--json") for id_ in finding["evidence"]]

    assert shown
    assert [each.code for each in shown] == [0] * len(shown)
    assert any(people.leaving in each.out for each in shown)
