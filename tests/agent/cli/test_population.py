"""`population`: on an account that three runs read, one of them not allowed to list its users."""

from __future__ import annotations

import csv
import hashlib
import json
from pathlib import Path

import pytest

from agent.cli.population import COLUMNS
from agent.population_kinds import DEFINITIONS
from checks.library import POPULATIONS
from storage.engine import open_store
from tests.agent.conftest import Account, Agent, History


def test_buckets_that_are_gone_too(history: History) -> None:
    """The bucket that was deleted before the last run is in it, with the run that missed it."""
    said = history.agent("population", "buckets", "--from", history.times[0], "--json")
    assert (said.code, said.err) == (0, "")
    told = said.json
    found = {item["name"]: item for item in told["items"]}
    assert set(found) == {"ledger", "scratch"}
    assert (found["scratch"]["gone"], found["scratch"]["still_there"]) == (history.times[2], False)
    assert (found["scratch"]["last_seen"], found["ledger"]["last_seen"]) == (history.times[1], history.times[2])
    assert found["ledger"]["shown"]["created"].startswith("20")
    assert (told["count"], told["complete"], told["frozen"]) == (2, True, None)
    ids = sorted(item["id"] for item in told["items"])
    assert told["hash"] == hashlib.sha256("".join(f"{each}\n" for each in ids).encode()).hexdigest()


def test_users_and_why_they_are_not_proven_complete(history: History) -> None:
    """The run that could not list users is told with the right that it lacked, and the provider's count beside."""
    said = history.agent("population", "users", "--from", history.times[0])
    assert said.code == 0
    assert "complete: NOT PROVEN" in said.out
    assert "acme: 2 of 3 runs were complete" in said.out
    assert "PERMISSION_DENIED in global, iam:ListUsers needs iam:ListUsers: 1 runs" in said.out
    assert "second source, acme, the provider's own total: 2 against 2 listed" in said.out
    assert "alice" in said.out
    assert "bob" in said.out


def test_each_kind_that_is_offered_can_be_asked_for(history: History) -> None:
    """Without a kind all are listed, and each of them has an answer."""
    offered = [each["population"] for each in history.agent("population", "--json").json]
    assert offered == [*DEFINITIONS, *POPULATIONS]
    assert all(name in history.agent("population").out for name in offered)
    for name in DEFINITIONS:
        told = history.agent("population", name, "--from", "2020-01-01", "--json").json
        assert (told["population"], told["complete"], len(told["completeness"])) == (name, False, 1)


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (("users",), "--from: is missing"),
        (("uesrs", "--from", "2020-01-01"), "there is no such population"),
        (("users", "--from", "2020-01-01", "--to", "2019-01-01"), "does not come after --from"),
        (("users", "--from", "2020-01-01", "--target", "nobody"), "nothing was ever kept"),
        (("users", "--from", "2020-01-01", "--to", "2999-01-01", "--freeze"), "lies in the future"),
    ],
)
def test_what_cannot_be_asked(history: History, words: tuple[str, ...], complaint: str) -> None:
    """One line says what is wrong, and the exit code that somebody can fix it."""
    said = history.agent("population", *words)
    assert (said.code, said.out) == (2, "")
    assert complaint in said.err
    assert len(said.err.splitlines()) == 1


def test_csv_for_a_spreadsheet(history: History, tmp_path: Path) -> None:
    """Each item is a line with its own fields last, and a file that exists is left alone."""
    path = tmp_path / "buckets.csv"
    words = ("population", "buckets", "--from", history.times[0], "--out", str(path))
    assert history.agent(*words).code == 0
    first, *lines = csv.reader(path.read_text(encoding="utf-8").splitlines())
    assert first == [*COLUMNS, "shown_created"]
    assert [line[first.index("still_there")] for line in lines] == ["yes", "no"]
    again = history.agent(*words)
    assert (again.code, "cannot be written" in again.err) == (2, True)


def test_a_frozen_population_and_its_formulas(agent: Agent, account: Account, tmp_path: Path) -> None:
    """A grant goes on record with its ids, verify accounts for them, and no cell of the file is a formula."""
    everything = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
    iam = account.client("iam")
    iam.put_user_policy(UserName="bob", PolicyName="=cmd", PolicyDocument=json.dumps(everything))
    iam.create_user(UserName="@sum")
    assert agent("collect").code in (0, 1, 3)
    told = agent("population", "admin-grants", "--from", "2020-01-01", "--freeze", "--json").json
    (item,) = told["items"]
    assert item["shown"]["holder"].endswith("user/bob")
    assert item["shown"]["policy"].endswith("/inline/=cmd")
    assert told["frozen"]["id"] == "P-0001"
    verified = agent("verify", "--json")
    assert (verified.code, verified.json["clean"]) == (0, True)
    path = tmp_path / "users.csv"
    assert agent("population", "users", "--from", "2020-01-01", "--out", str(path)).code == 0
    rows = list(csv.DictReader(path.read_text(encoding="utf-8").splitlines()))
    assert "'@sum" in {row["name"] for row in rows}


def test_rights_that_ended(agent: Agent, account: Account) -> None:
    """A grant that was taken away between two runs is gone, and was there."""
    everything = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
    iam = account.client("iam")
    iam.put_user_policy(UserName="bob", PolicyName="all", PolicyDocument=json.dumps(everything))
    agent("collect")
    iam.delete_user_policy(UserName="bob", PolicyName="all")
    agent("collect")
    (item,) = agent("population", "admin-grants", "--from", "2020-01-01", "--json").json["items"]
    assert (item["name"], item["still_there"]) == ("user/bob holds bob/all", False)
    assert item["gone"] > item["last_seen"]


def test_asking_adds_nothing(history: History, tmp_path: Path) -> None:
    """Without --freeze, the ledger stays as it is."""
    with open_store(history.agent.database) as store, store.read() as conn:
        before = conn.exec_driver_sql("SELECT COUNT(*) FROM ledger").scalar()
    history.agent("population", "keys", "--from", "2020-01-01", "--out", str(tmp_path / "keys.csv"))
    with open_store(history.agent.database) as store, store.read() as conn:
        assert conn.exec_driver_sql("SELECT COUNT(*) FROM ledger").scalar() == before
