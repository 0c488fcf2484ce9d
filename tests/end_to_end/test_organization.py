"""An organization: every account is read as a target of its own, and none is missed, lost or silent."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.request import Request, urlopen

import boto3
import pytest

from storage import outbox, reads
from storage.rows import Target
from tests.collectors.aws.front import Front, serve
from tests.end_to_end.program import ACCOUNT, Program, on_sqlite

pytestmark = on_sqlite

MEMBER_ROLE = "ProofkeepRead"


@pytest.fixture
def front() -> Iterator[Front]:
    """A cloud whose roles can be closed."""
    with serve() as made:
        yield made


class Organization:
    """The organization of the loopback account."""

    def __init__(self, url: str) -> None:
        """Make it."""
        self._client: Any = boto3.client("organizations", region_name="us-east-1", endpoint_url=url)
        self._client.create_organization(FeatureSet="ALL")

    def add(self, name: str) -> str:
        """A new account; its id."""
        made = self._client.create_account(AccountName=name, Email=f"{name}@example.com")
        return str(made["CreateAccountStatus"]["AccountId"])

    def remove(self, account: str) -> None:
        """An account leaves."""
        self._client.remove_account_from_organization(AccountId=account)


@pytest.fixture
def organization(program: Program, front: Front) -> Organization:
    """The account of the program manages an organization; what other tests made is gone."""
    urlopen(Request(f"{front.url}/moto-api/reset", method="POST")).read()  # noqa: S310  # our own address
    return Organization(front.url)


def role(account: str) -> str:
    """The role that reads an account."""
    return f"arn:aws:iam::{account}:role/{MEMBER_ROLE}"


def reasons(program: Program, account: str) -> list[set[str]]:
    """Reasons of the gaps of each run of a member, oldest run first; EXCLUDED_BY_CONFIG of regions aside."""
    with program.store() as store, store.read() as conn:
        who = Target("aws", f"acme/{account}", account)
        return [
            {
                each.gap.reason
                for each in reads.gaps(conn, who)
                if each.seq == run.seq and each.gap.reason != "EXCLUDED_BY_CONFIG"
            }
            for run in reads.runs(conn, who)
        ]


def test_every_account_is_read_or_said_not_to_be(program: Program, front: Front, organization: Organization) -> None:
    """A new account is a gap until its role is there, an excluded one is disclosed, one that leaves is on record."""
    ready, fresh, out = (organization.add(name) for name in ("ready", "fresh", "out"))
    front.closed.add(role(fresh))
    program = program.with_target(endpoint=front.url, organization=True, exclude_accounts=[out], attempts=1)

    first = program.collect()

    assert first.code == 3
    targets = {each["target"]: each for each in first.json}
    assert set(targets) == {"acme", f"acme/{ready}", f"acme/{fresh}"}
    assert {name: each["account"] for name, each in targets.items()} == {
        "acme": ACCOUNT, f"acme/{ready}": ready, f"acme/{fresh}": fresh,
    }  # fmt: skip
    assert targets[f"acme/{ready}"]["documents"] > 0
    assert reasons(program, fresh) == [{"ACCOUNT_NOT_ONBOARDED"}]
    with program.store() as store, store.read() as conn:
        left_out = {each.gap.uid for each in reads.gaps(conn, Target("aws", "acme", ACCOUNT))}
        assert f"acme/{fresh}:target" in outbox.states(conn)
    assert out in left_out

    front.closed.clear()
    second = program.collect()

    assert {each["target"] for each in second.json} == set(targets)
    assert "ACCOUNT_NOT_ONBOARDED" not in reasons(program, fresh)[1]
    front.closed.add(role(fresh))
    program.collect()
    assert reasons(program, fresh)[2] == {"PERMISSION_DENIED"}, "it was read before, so this is a right that was lost"

    front.closed.clear()
    organization.remove(ready)
    last = program.collect()

    assert {each["target"] for each in last.json} == {"acme", f"acme/{fresh}"}
    members = [each.said for each in program.ledger("policy") if each.said["kind"] == "organization acme"]
    assert len(members) == 2, "the accounts as first found, and without the one that left"
    assert program.wrong() == []


def test_an_organization_that_cannot_be_listed_is_read_as_it_was(
    program: Program, front: Front, organization: Organization
) -> None:
    """The accounts known from before are read all the same, and `doctor` says what is missing."""
    member = organization.add("team")
    program = program.with_target(endpoint=front.url, organization=True, attempts=1)
    program.collect()
    front.refused["organizations:ListAccounts"] = "AccessDeniedException"

    again = program.collect()
    examined = program.run("doctor")

    assert {each["target"] for each in again.json} == {"acme", f"acme/{member}"}
    assert examined.code == 3
    assert "organizations:ListAccounts" in examined.out


def test_the_daemon_reads_new_accounts_without_a_restart(
    program: Program, front: Front, organization: Organization
) -> None:
    """Each slot asks for the accounts first; `run --once` reads all of them and is then done with the slot."""
    program = program.with_target(endpoint=front.url, organization=True, attempts=1)
    member = organization.add("team")

    first, second = program.run("run", "--once"), program.run("run", "--once")

    assert (first.code, second.code) == (3, 0)
    with program.store() as store, store.read() as conn:
        runs = [run.target.name for run in reads.runs(conn) if run.scheduled]
    assert sorted(runs) == ["acme", f"acme/{member}"]
    assert program.wrong() == []
