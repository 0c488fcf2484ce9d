"""Populations: who is in them, when each was seen, how complete they are, and that a frozen one stays as it was."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from agent import populations, record
from agent.config import Settings
from agent.errors import OperatorError
from agent.judge import Reading
from agent.population_kinds import ACCOUNTS, DEFINITIONS, GRANTS, listed
from agent.wiring import Wiring, wire
from collectors.provenance import Identity, Listing, Page
from storage import attachments, canon, views
from storage.engine import Store
from storage.errors import IntegrityError
from storage.rows import GapRow, Key, Target
from storage.seal import append_gap, append_policy
from tests.conftest import JANUARY, Clock
from tests.storage.builders import HOUR, LAB, PROD, run

USER, BUCKET = "aws.iam.user", "aws.s3.bucket"
POLICIES = "aws.iam_policies"
LISTED = (
    "aws.iam.policy",
    *(f"aws.iam.{who}_authorization" for who in ("user", "group", "role")),
    "aws.iam.provider_policy",
)
EVERYTHING = {"Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
NOTHING = {"Statement": [{"Effect": "Deny", "Action": "*", "Resource": "*"}]}


@pytest.fixture(scope="module")
def wiring() -> Wiring:
    """The real collectors."""
    return wire(Settings())


def denied(kind: str, collector: str, *, region: str = "global", uid: str | None = None) -> GapRow:
    """A gap of a listing, or of one document."""
    return GapRow("PERMISSION_DENIED", collector, region, kind, uid, "iam:ListUsers", "iam:ListUsers", "AccessDenied")


NO_USERS = denied(USER, "aws.iam_users")
NO_POLICIES = [denied(kind, POLICIES) for kind in LISTED[:4]]


def visit(
    store: Store,
    clock: Clock,
    hour: int,
    documents: Mapping[tuple[str, str], Mapping[str, Any] | None],
    *,
    who: Target = PROD,
    gaps: Sequence[GapRow] = (),
    unseen: Sequence[tuple[str, str, str | None]] = (),
    region: str = "global",
) -> None:
    """A run recorded on the hour, with these bodies by kind and uid."""
    clock.time = JANUARY + hour * HOUR
    page = Page(listings=[] if gaps else [Listing(POLICIES, kind, "global", "", 0, 0) for kind in LISTED])
    reading = Reading(Identity("aws", who.account, "arn:aws:iam::1:role/r", "aws"), ("us-east-1",), page)
    contents = {
        Key(kind, uid, region, uid.rpartition("/")[2]): None if body is None else canon.dumps(
            {"account": who.account, "body": body, "kind": kind, "region": region, "uid": uid}
        )
        for (kind, uid), body in documents.items()
    }  # fmt: skip
    kept = record.record(reading, {}, list(unseen), keep_all=False)
    run(store, clock, JANUARY + hour * HOUR, who, documents=contents, gaps=gaps, record=kept)


def user(name: str) -> tuple[str, str]:
    """Kind and uid of a user."""
    return USER, f"arn:aws:iam::{PROD.account}:user/{name}"


def body(name: str) -> dict[str, Any]:
    """What IAM lists of a user."""
    return {"UserName": name, "UserId": f"AIDA{name}", "CreateDate": "2025-06-01T00:00:00Z"}


def ask(
    store: Store, wiring: Wiring, name: str, begins: int, ends: int, only: str | None = None
) -> populations.Population:
    """A population over the period from one hour to another."""
    with store.read() as conn:
        return populations.population(conn, wiring, name, JANUARY + begins * HOUR, JANUARY + ends * HOUR, only=only)


def seen(found: populations.Population) -> list[tuple[str, int, int, int | None, bool | None]]:
    """(name, hours first and last seen and gone, still there) of each item."""

    def hour(at: int) -> int:
        return (at - JANUARY) // HOUR

    return [
        (item.name, hour(item.first_seen), hour(item.last_seen), None if item.gone is None else hour(item.gone),
         item.still_there)
        for item in found.items
    ]  # fmt: skip


@pytest.fixture
def lived(store: Store, clock: Clock) -> Store:
    """Ann stays, Bob is gone from hour 2, Cid is new in hour 3; in hour 4 nobody may list users."""
    visit(store, clock, 0, {user("ann"): body("ann"), user("bob"): body("bob")})
    visit(store, clock, 1, {})
    visit(store, clock, 2, {user("bob"): None})
    visit(store, clock, 3, {user("cid"): body("cid")})
    visit(store, clock, 4, {}, gaps=[NO_USERS])
    return store


def test_everybody_who_existed_is_in_it(lived: Store, wiring: Wiring) -> None:
    """Those who are gone too, with first and last seen; the hash is that of the sorted ids."""
    found = ask(lived, wiring, "users", 1, 4)
    assert seen(found) == [("ann", 0, 3, None, True), ("bob", 0, 1, 2, False), ("cid", 3, 3, None, True)]
    ids = [f"aws/{PROD.account}/{user(name)[1]}" for name in ("ann", "bob", "cid")]
    assert [item.id for item in found.items] == ids
    assert found.hash == hashlib.sha256("".join(f"{each}\n" for each in ids).encode()).hexdigest()
    assert found.items[0].shown == {"created": "2025-06-01T00:00:00Z", "id": "AIDAann"}
    assert [item.name for item in ask(lived, wiring, "users", 2, 3).items] == ["ann"]


def test_a_run_that_could_not_list_saw_nobody(lived: Store, wiring: Wiring) -> None:
    """Last seen is the run before, whether one is still there is unknown, and the reason stands beside."""
    found = ask(lived, wiring, "users", 3, 5)
    assert seen(found) == [("ann", 0, 3, None, None), ("cid", 3, 3, None, None)]
    assert not found.complete
    (cover,) = found.covers
    assert (cover.runs, cover.complete, cover.last_complete) == (2, 1, JANUARY + 3 * HOUR)
    assert [(gap.reason, gap.permission, gap.runs) for gap in cover.gaps] == [("PERMISSION_DENIED", "iam:ListUsers", 1)]
    assert ask(lived, wiring, "buckets", 3, 5).complete


def test_each_cloud_says_in_its_own_words_when_it_was_made(store: Store, clock: Clock, wiring: Wiring) -> None:
    """A column comes from the first of its fields that the document has, at any depth, and is empty without any."""
    made = "2025-06-01T00:00:00Z"
    listed_there: dict[tuple[str, str], dict[str, Any]] = {
        ("azure.entra.user", "1"): {"id": "1", "createdDateTime": made},
        ("gcp.admin.user", "2"): {"id": "2", "creationTime": made},
        ("azure.storage.account", "3"): {"properties": {"creationTime": made}},
        ("azure.storage.account", "4"): {"properties": {}},
    }
    visit(store, clock, 0, listed_there)

    assert [item.shown for item in ask(store, wiring, "users", 0, 1).items] == [
        {"created": made, "id": "1"},
        {"created": made, "id": "2"},
    ]
    assert [item.shown for item in ask(store, wiring, "buckets", 0, 1).items] == [{"created": made}, {}]


def test_what_a_listing_is_within_matters_too(lived: Store, wiring: Wiring) -> None:
    """Keys are listed user by user, so without the users no list of keys is complete."""
    assert not ask(lived, wiring, "access-keys", 3, 5).complete
    kinds = listed(DEFINITIONS["access-keys"], wiring).kinds
    assert {kind for kind in kinds if kind.startswith("aws.")} == {"aws.iam.access_key", USER}
    assert {"gcp.iam.service_account_key", "gcp.iam.service_account"} <= kinds


def test_completeness_needs_every_run(lived: Store, clock: Clock, wiring: Wiring) -> None:
    """A slot without a run, a beginning before the first run, and a period without runs are all told."""
    assert ask(lived, wiring, "users", 0, 4).complete
    early = ask(lived, wiring, "users", -1, 4)
    assert (early.complete, early.covers[0].read_since) == (False, JANUARY)
    assert not ask(lived, wiring, "users", 5, 6).complete
    clock.time = JANUARY + 6 * HOUR
    append_gap(lived, PROD, JANUARY + 2 * HOUR + 1, "AGENT_DOWN", "down")
    missed = ask(lived, wiring, "users", 0, 4)
    assert (missed.complete, [each.reason for each in missed.covers[0].missed]) == (False, ["AGENT_DOWN"])


def test_a_target_that_only_missed_slots_counts(store: Store, clock: Clock, wiring: Wiring) -> None:
    """An account that was never read in the period keeps the population from being complete."""
    visit(store, clock, 0, {user("ann"): body("ann")})
    assert ask(store, wiring, "users", 0, 1).complete
    append_gap(store, LAB, JANUARY, "AGENT_DOWN", "down")
    found = ask(store, wiring, "users", 0, 1)
    assert (found.complete, [(cover.target, cover.runs) for cover in found.covers]) == (False, [(LAB, 0), (PROD, 1)])
    assert ask(store, wiring, "users", 0, 1, only="prod").complete


def test_nothing_at_all_is_not_complete(store: Store, wiring: Wiring) -> None:
    """An empty store proves no empty population."""
    found = ask(store, wiring, "users", 0, 1)
    assert (found.items, found.complete, found.as_of) == ((), False, -1)


def test_regions_left_out_are_told(store: Store, clock: Clock, wiring: Wiring) -> None:
    """What the configuration leaves out is no gap, but it is disclosed."""
    left = [
        GapRow("EXCLUDED_BY_CONFIG", "agent", "eu-west-1", "*", None, "every read", "", ""),
        GapRow("EXCLUDED_BY_CONFIG", "agent", "global", "*", "111", "every read", "", ""),
        GapRow("EXCLUDED_BY_CONFIG", "agent", "global", "*", "222", "every read", "", ""),
    ]
    visit(store, clock, 0, {}, gaps=left)
    found = ask(store, wiring, "volumes", 0, 1)
    assert (found.complete, found.covers[0].left_out) == (True, ("2 accounts of the organization", "eu-west-1"))


def test_who_came_back_is_one_item(store: Store, clock: Clock, wiring: Wiring) -> None:
    """One id, first seen the first time, with the number of stretches; a renamed target makes no second one."""
    for hour, found in enumerate([body("ann"), None, body("ann")]):
        visit(store, clock, hour, {user("ann"): found})
    visit(store, clock, 3, {user("ann"): body("ann")}, who=Target("aws", "renamed", PROD.account))
    (item,) = ask(store, wiring, "users", 0, 4).items
    assert (item.first_seen, item.gone, item.still_there, item.stretches) == (JANUARY, None, True, 3)
    assert item.target.name == "renamed"


def test_a_second_source_counts_users(store: Store, clock: Clock, wiring: Wiring) -> None:
    """The provider's total is held against the listing; what was not read says why and agrees with nothing."""
    root = f"arn:aws:iam::{PROD.account}:root"
    summary = ("aws.iam.account_summary", root)
    visit(store, clock, 0, {user("ann"): body("ann"), summary: {"SummaryMap": {"Users": 1}}})
    found = ask(store, wiring, "users", 0, 1)
    total, report = found.second
    assert (total.source, total.listed, total.counted, total.why) == ("the provider's own total", 1, 1, "")
    assert (report.counted, "GetCredentialReport" in report.why) == (None, True)
    assert found.agrees is True
    visit(store, clock, 1, {summary: {"SummaryMap": {"Users": 2}}})
    assert ask(store, wiring, "users", 0, 2).agrees is False
    assert ask(store, wiring, "buckets", 0, 2).agrees is None


def test_accounts_and_the_organization_that_lists_them(store: Store, clock: Clock, wiring: Wiring) -> None:
    """Each account that was read, and how many of an organization's accounts those are."""
    own, member = Target("aws", "org", "1"), Target("aws", "org/2", "2")
    named = canon.canonical({"target": "org", "accounts": ["org", "org/2", "org/3"], "excluded": []})
    append_policy(store, "organization org", named)
    visit(store, clock, 0, {user("ann"): body("ann")}, who=own)
    visit(store, clock, 1, {user("bob"): body("bob")}, who=member)
    visit(store, clock, 1, {}, who=Target("aws", "org/3", "unknown"), gaps=[denied("*", "aws.iam_users")])
    found = ask(store, wiring, ACCOUNTS, 0, 2)
    assert [item.id for item in found.items] == ["aws/1", "aws/2"]
    assert [(each.listed, each.counted) for each in found.second] == [(2, 3)]
    assert found.agrees is False


HOLDER = f"arn:aws:iam::{PROD.account}:user/ann"
ADMIN = f"arn:aws:iam::{PROD.account}:policy/all"


def policy(text: Mapping[str, Any]) -> dict[str, Any]:
    """A policy of the company with one version."""
    return {"PolicyVersionList": [{"Document": text, "IsDefaultVersion": True}]}


def holding(*policies: str) -> dict[str, Any]:
    """A user who holds these policies."""
    return {"AttachedManagedPolicies": [{"PolicyArn": each} for each in policies]}


def test_grants_of_everything(store: Store, clock: Clock, wiring: Wiring) -> None:
    """A pair of holder and policy, from the run that saw both until the one that was sure that it ended."""
    held = ("aws.iam.user_authorization", HOLDER)
    visit(store, clock, 0, {("aws.iam.policy", ADMIN): policy(NOTHING), held: holding(ADMIN)})
    visit(store, clock, 1, {("aws.iam.policy", ADMIN): policy(EVERYTHING)})
    visit(store, clock, 2, {})
    visit(store, clock, 3, {held: holding()})
    visit(store, clock, 4, {held: holding(ADMIN)})
    visit(store, clock, 5, {("aws.iam.policy", ADMIN): None, held: holding()})
    found = ask(store, wiring, GRANTS, 0, 6)
    assert seen(found) == [("user/ann holds all", 1, 4, 5, False)]
    assert found.items[0].shown == {"holder": HOLDER, "policy": ADMIN, "origin": "customer"}
    assert found.items[0].stretches == 2
    assert seen(ask(store, wiring, GRANTS, 2, 3)) == [("user/ann holds all", 1, 2, None, True)]
    assert ask(store, wiring, GRANTS, 0, 1).items == ()


def test_a_grant_does_not_end_where_nobody_could_look(store: Store, clock: Clock, wiring: Wiring) -> None:
    """Without the list of policies it stays, unknown; the first run that lists them again tells that it ended."""
    held = ("aws.iam.user_authorization", HOLDER)
    visit(store, clock, 0, {("aws.iam.policy", ADMIN): policy(EVERYTHING), held: holding(ADMIN)})
    visit(store, clock, 1, {held: holding()}, gaps=NO_POLICIES, unseen=[("aws.iam.policy", "global", None)])
    assert seen(ask(store, wiring, GRANTS, 0, 2)) == [("user/ann holds all", 0, 0, None, None)]
    visit(store, clock, 2, {})
    assert seen(ask(store, wiring, GRANTS, 0, 3)) == [("user/ann holds all", 0, 0, 2, False)]


def test_freezing(lived: Store, clock: Clock, wiring: Wiring) -> None:
    """A frozen population keeps ids, hash and what was asked, and later runs change nothing of it."""
    clock.time = JANUARY + 5 * HOUR
    found = ask(lived, wiring, "users", 1, 4)
    kept = populations.put_on_record(lived, found)
    assert (kept.id, kept.population.hash, len(kept.population)) == ("P-0001", found.hash, 3)
    assert kept.said["parameters"] == found.parameters
    visit(lived, clock, 6, {user("dan"): body("dan")})
    assert populations.put_on_record(lived, ask(lived, wiring, "users", 1, 4)).population.ids == kept.population.ids
    with lived.read() as conn:
        assert [each.id for each in populations.frozen(conn)] == ["P-0001", "P-0002"]


def test_a_period_that_is_not_over_is_not_frozen(lived: Store, wiring: Wiring) -> None:
    """It may still grow."""
    with pytest.raises(OperatorError, match="lies in the future"):
        populations.put_on_record(lived, ask(lived, wiring, "users", 1, 99))


@pytest.mark.parametrize("change", [{"hash": "0" * 64}, {"count": 2}, {"form": 2}])
def test_a_frozen_population_must_be_as_written(lived: Store, clock: Clock, change: dict[str, Any]) -> None:
    """Ids that are not the ones of the hash, or a body of another form, are an integrity error."""
    ids = attachments.Attachment("ids.txt", "text/plain", clock.time, b"a\n")
    said = {"form": 1, "hash": hashlib.sha256(b"a\n").hexdigest(), "count": 1}
    attachments.append(lived, "population", said | change, [ids])
    with lived.read() as conn, pytest.raises(IntegrityError, match="none that proofkeep writes"):
        populations.frozen(conn)


def test_what_cannot_be_asked_is_refused(lived: Store, wiring: Wiring) -> None:
    """A strange kind, a strange target and a period that ends before it begins are named."""
    for name, begins, ends, only, said in [
        ("usres", 0, 1, None, "no such population"), ("users", 1, 1, None, "does not come after"),
        ("users", 0, 1, "nobody", "nothing was ever kept"),
    ]:  # fmt: skip
        with pytest.raises(OperatorError, match=said):
            ask(lived, wiring, name, begins, ends, only)


def test_every_population_is_listed_by_something(wiring: Wiring) -> None:
    """Each kind of document is read by a collector, and stands for items by a listing of its own."""
    for definition in DEFINITIONS.values():
        for name in definition.kinds:
            kinds = [kind for each in wiring.collectors.values() for kind in each.kinds if kind.name == name]
            assert kinds, name
            assert definition.name == GRANTS or all(kind.items for kind in kinds), name


def test_the_public_views_know_the_same_populations(lived: Store, wiring: Wiring) -> None:
    """Each population that documents list has its view, which has the ids that the command has."""
    assert {each.view for each in DEFINITIONS.values() if each.view} == set(views.POPULATIONS)
    append_policy(lived, "populations", populations.declared())
    with lived.read() as conn:
        ids = list(conn.exec_driver_sql("SELECT DISTINCT id FROM v_population_users ORDER BY id").scalars())
    assert ids == [item.id for item in ask(lived, wiring, "users", 0, 9).items]
