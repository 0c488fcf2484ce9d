"""The first law in the engine: what was not read is UNKNOWN, by name, for exactly what is concerned."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime

from hypothesis import given
from hypothesis import strategies as st

from agent.judge import Judged, Reading, Shaped, judge, shape
from checks.api import PASS, UNKNOWN, Check, Facts, Finding, Outcome, Params
from collectors.documents import Documents
from collectors.facts.core import Fact, Reason, Resource, Unread
from tests.agent.toys import (
    CHECK,
    COLLECTOR,
    DETAIL,
    EAST,
    IDENTITY,
    NOW,
    THING,
    WEST,
    Ghost,
    Thing,
    gap,
    listing,
    outcomes,
    pair,
    reading,
    renamed,
    resource,
)

BOTH = (EAST, WEST)
ACCOUNT, HERE = "toy:1", "toy:1:east"


def judged(read: Reading, *checks: Check, known: Iterable[Resource] = ()) -> list[Judged]:
    """Shape and judge with the toy collector; each check knew `known` before."""
    wanted = checks or (CHECK,)
    before = {check.id: list(known) for check in wanted}
    return list(judge(shape(read, [COLLECTOR]), wanted, {}, NOW, before))


def found(read: Reading, *, known: Iterable[Resource] = ()) -> dict[str, Finding]:
    """The toy check's findings by uid."""
    (one,) = judged(read, known=known)
    return {finding.resource.uid: finding for finding in one.findings.values()}


def test_a_denied_detail_leaves_a_population_open_that_it_bounds() -> None:
    """Where a detail may hold more things, one that was not read may hide some; other regions stay known."""
    read = reading(listings=[listing(EAST), listing(WEST)], gaps=[gap(DETAIL, uid="a")], regions=BOTH)
    bounded = replace(COLLECTOR, bounded_by={Thing: (DETAIL,)})

    assert shape(read, [COLLECTOR]).unlisted == {}
    (((type_, place), unread),) = shape(read, [bounded]).unlisted.items()
    assert (type_, place, unread.operation) == (Thing, EAST, DETAIL.call)


def test_what_a_population_only_names_is_lost_with_the_listing_of_its_own_kind() -> None:
    """A holder of roles is gone only once the people were listed; a role is gone once the roles were."""

    def nobody(_facts: Facts, _now: datetime, _params: Params) -> Iterator[Finding]:
        yield from ()

    check = renamed(CHECK, "toy.named", needs=(Ghost, Thing), judge=nobody)
    ghost = Ghost(resource=replace(resource("g"), type="ghost"), documents=())
    refused: dict[tuple[type[Fact], str], Unread] = {(Thing, EAST): gap(THING).unread}
    shaped = Shaped(IDENTITY, (ghost,), refused, {Ghost: (EAST,), Thing: (EAST,)}, {})
    before = [resource("a"), replace(resource("h"), type="ghost")]

    (one,) = judge(shaped, [check], {}, NOW, {check.id: before})

    assert {uid: finding.outcome for (_, uid), finding in one.findings.items()} == {"a": UNKNOWN}
    assert one.findings["thing", "a"].unread == (gap(THING).unread,)


def test_denied_listing_is_unknown_for_the_region_and_for_all_that_was_known() -> None:
    """Nothing in the region can be told, and each finding names operation and permission."""
    read = reading(gaps=[gap(THING)])

    findings = found(read, known=[resource("a"), resource("b")])

    assert outcomes(findings.values()) == {HERE: UNKNOWN, "a": UNKNOWN, "b": UNKNOWN}
    said = "toy:ListThings was not read: PERMISSION_DENIED (AccessDenied); needs toy:ListThings"
    assert {finding.reason for finding in findings.values()} == {said}


def test_listing_cut_off_still_judges_what_arrived() -> None:
    """What was listed before the cut is judged; the rest, known or not, is UNKNOWN."""
    read = reading(pair("a", good=True), gaps=[gap(THING, reason=Reason.PARTIAL_LISTING)])

    assert outcomes(found(read, known=[resource("a"), resource("b")]).values()) == {
        "a": PASS, "b": UNKNOWN, HERE: UNKNOWN,
    }  # fmt: skip


def test_denied_detail_is_unknown_for_that_thing_alone() -> None:
    """One refused detail blinds one finding."""
    documents = [*pair("a", good=True), *pair("b", good=True)[:1]]
    read = reading(documents, [listing()], [gap(DETAIL, uid="b")])

    findings = found(read)

    assert outcomes(findings.values()) == {"a": PASS, "b": UNKNOWN}
    assert findings["b"].reason == "toy:GetThing was not read: PERMISSION_DENIED (AccessDenied); needs toy:ReadThing"
    assert [unread.permission for unread in findings["b"].unread] == ["toy:ReadThing"]


def test_detail_without_document_or_gap_is_unknown() -> None:
    """Even a reader that forgets to say why leaves no decision behind."""
    read = reading(pair("a", good=True)[:1], [listing()])

    assert found(read)["a"].outcome is UNKNOWN
    assert "never asked in this run" in found(read)["a"].reason


def test_listing_that_nobody_mentions_is_unknown() -> None:
    """Neither a listing nor a gap: that is no proof of emptiness."""
    assert outcomes(found(reading(), known=[resource("a")]).values()) == {HERE: UNKNOWN, "a": UNKNOWN}


def test_complete_empty_listing_is_not_applicable() -> None:
    """The only way to NOT_APPLICABLE: every region was listed to its end."""
    (finding,) = found(reading(listings=[listing(EAST), listing(WEST)], regions=BOTH)).values()

    assert finding.outcome is Outcome.NOT_APPLICABLE
    assert finding.resource.uid == ACCOUNT
    assert finding.reason == "a complete listing of east, west has no thing to judge"


def test_one_region_empty_and_one_denied_is_not_not_applicable() -> None:
    """Half a proof of emptiness is none."""
    read = reading(listings=[listing(EAST)], gaps=[gap(THING, WEST)], regions=BOTH)

    assert outcomes(found(read).values()) == {"toy:1:west": UNKNOWN}


def test_denied_region_leaves_the_other_decided() -> None:
    """A gap in the west blinds nothing in the east."""
    read = reading(pair("a", good=True), [listing(EAST)], [gap(THING, WEST)], BOTH)

    assert outcomes(found(read, known=[resource("a"), resource("w", WEST)]).values()) == {
        "a": PASS, "w": UNKNOWN, "toy:1:west": UNKNOWN,
    }  # fmt: skip


def test_vanished_thing_after_a_complete_listing_is_gone() -> None:
    """A complete listing without it proves that it is gone, so it has no finding any more."""
    read = reading(pair("a", good=True), [listing()])

    assert outcomes(found(read, known=[resource("a"), resource("gone")]).values()) == {"a": PASS}


def test_region_that_is_no_longer_read_is_unknown() -> None:
    """Taking a region out of the configuration does not make its things disappear."""
    read = reading(pair("a", good=True), [listing()])

    finding = found(read, known=[resource("w", WEST)])["w"]

    assert finding.outcome is UNKNOWN
    assert [unread.reason for unread in finding.unread] == [Reason.REGION_NOT_SCANNED]
    assert "west is not among the regions read" in finding.reason


def test_a_check_that_also_needs_what_lies_in_regions_loses_no_thing_of_the_whole_account() -> None:
    """A complete regional listing of another type proves nothing about what is listed once for the account."""
    check = renamed(CHECK, "toy.both", needs=(Thing, Ghost))
    refused: dict[tuple[type[Fact], str], Unread] = {(Thing, "global"): gap(THING, "global").unread}
    shaped = Shaped(IDENTITY, (), refused, {Thing: ("global",), Ghost: (EAST,)}, {})

    (one,) = judge(shaped, [check], {}, NOW, {check.id: [resource("a")]})

    assert one.findings["thing", "a"].outcome is UNKNOWN
    assert one.findings["thing", "a"].unread == (gap(THING, "global").unread,)


def test_a_listing_of_the_account_keeps_no_region_in_sight_that_is_not_read() -> None:
    """What lies in a region that is no longer read is not gone because something else was listed completely."""
    check = renamed(CHECK, "toy.both", needs=(Thing, Ghost))
    shaped = Shaped(IDENTITY, (), {}, {Thing: (EAST,), Ghost: ("global",)}, {})

    (one,) = judge(shaped, [check], {}, NOW, {check.id: [resource("w", WEST)]})

    assert [unread.reason for unread in one.findings["thing", "w"].unread] == [Reason.REGION_NOT_SCANNED]


def test_what_belongs_to_no_region_may_be_listed_in_one() -> None:
    """Where one collector lists such things for the account and another in a region, each can lose them from sight."""
    refused: dict[tuple[type[Fact], str], Unread] = {(Thing, EAST): gap(THING, EAST).unread}
    shaped = Shaped(IDENTITY, (), refused, {Thing: ("global", EAST)}, {})

    (one,) = judge(shaped, [CHECK], {}, NOW, {CHECK.id: [resource("a", "global"), resource("w", WEST)]})

    assert one.findings["thing", "a"].unread == (gap(THING, EAST).unread,)
    assert ("thing", "w") not in one.findings


def test_global_listing_speaks_for_things_of_every_region() -> None:
    """A thing that lies in a region but is listed once for the account is lost from sight with that listing."""
    everywhere = replace(COLLECTOR, scope="global")
    known = {CHECK.id: [resource("a", WEST)]}

    (denied,) = judge(shape(reading(gaps=[gap(THING, "global")]), [everywhere]), [CHECK], {}, NOW, known)
    (gone,) = judge(shape(reading(listings=[listing("global")]), [everywhere]), [CHECK], {}, NOW, known)

    assert [unread.operation for unread in denied.findings["thing", "a"].unread] == ["toy:ListThings"]
    assert outcomes(gone.findings.values()) == {ACCOUNT: Outcome.NOT_APPLICABLE}


def test_type_that_nothing_reads_is_unknown() -> None:
    """A check whose facts no collector emits cannot be passed, failed or left out."""
    (one,) = judged(reading(listings=[listing()]), renamed(CHECK, "toy.ghost", needs=(Ghost,), judge=silent))

    (finding,) = one.findings.values()
    assert finding.outcome is UNKNOWN
    assert [unread.reason for unread in finding.unread] == [Reason.SERVICE_UNSUPPORTED]
    assert "nothing reads any ghost here" in finding.reason


def test_no_region_at_all_is_unknown() -> None:
    """When nobody could tell the regions, their emptiness is not proven."""
    assert outcomes(found(reading(regions=()), known=[resource("a")]).values()) == {ACCOUNT: UNKNOWN, "a": UNKNOWN}


def silent(_facts: Facts, _now: datetime, _params: Params) -> Iterator[Finding]:
    """Find nothing."""
    yield from ()


def broken(facts: Facts, now: datetime, params: Params) -> Iterator[Finding]:
    """Judge some, then break."""
    yield from CHECK.judge(facts, now, params)
    message = "out of luck"
    raise LookupError(message)


def twice(facts: Facts, now: datetime, params: Params) -> Iterator[Finding]:
    """Say everything twice."""
    yield from CHECK.judge(facts, now, params)
    yield from CHECK.judge(facts, now, params)


def test_check_that_breaks_is_an_error_and_stops_no_other() -> None:
    """All that it had said counts for nothing; what it knew before is ERROR; the next check judges on."""
    read = reading(pair("a", good=True), [listing()])

    bad, good = judged(read, renamed(CHECK, "toy.bad", judge=broken), CHECK, known=[resource("a"), resource("b")])

    assert outcomes(bad.findings.values()) == dict.fromkeys((ACCOUNT, "a", "b"), Outcome.ERROR)
    assert {finding.reason for finding in bad.findings.values()} == {"toy.bad broke: LookupError out of luck"}
    assert outcomes(good.findings.values()) == {"a": PASS}
    assert bad.counts == {Outcome.ERROR: 3}


def test_two_findings_for_one_thing_are_an_error() -> None:
    """One would hide the other."""
    (one,) = judged(reading(pair("a", good=True), [listing()]), renamed(CHECK, "toy.twice", judge=twice))

    assert outcomes(one.findings.values()) == {ACCOUNT: Outcome.ERROR}
    assert "two findings for a" in one.findings["scope", ACCOUNT].reason


def test_shape_that_breaks_is_an_error_of_the_checks_that_need_it() -> None:
    """A bug in one collector says nothing about the facts of another."""

    def fall(docs: Documents) -> Iterator[Fact]:
        raise ZeroDivisionError(docs.account)

    other = renamed(CHECK, "toy.ghost", needs=(Ghost,), judge=silent)
    shaped = shape(reading(pair("a", good=True), [listing()]), [replace(COLLECTOR, shape=fall)])

    things, ghosts = judge(shaped, [CHECK, other], {}, NOW, {CHECK.id: [resource("a")]})

    assert outcomes(things.findings.values()) == {ACCOUNT: Outcome.ERROR, "a": Outcome.ERROR}
    assert "toy.things broke: ZeroDivisionError" in things.findings["thing", "a"].reason
    assert outcomes(ghosts.findings.values()) == {ACCOUNT: UNKNOWN}


places = st.sampled_from(BOTH)
uids = st.sampled_from("abcdef")


@given(
    present=st.dictionaries(uids, st.tuples(places, st.sampled_from(["good", "bad", "denied", "forgotten"]))),
    known=st.dictionaries(uids, places),
    lists=st.dictionaries(places, st.sampled_from(["complete", "denied", "forgotten"])),
    scanned=st.sets(places, min_size=1),
)
def test_nothing_known_is_ever_silent_or_decided_unseen(
    present: dict[str, tuple[str, str]], known: dict[str, str], lists: dict[str, str], scanned: set[str]
) -> None:
    """Whatever is denied or forgotten: each thing is judged by what was read, UNKNOWN, or proven gone."""
    things = {uid: (place, state) for uid, (place, state) in present.items() if place in scanned}
    documents = [
        each
        for uid, (place, state) in things.items()
        for each in pair(uid, state == "good", place)[: 2 if state in ("good", "bad") else 1]
    ]
    gaps = [gap(DETAIL, place, uid) for uid, (place, state) in things.items() if state == "denied"]
    gaps += [gap(THING, place) for place, state in lists.items() if state == "denied"]
    complete = {place for place, state in lists.items() if state == "complete"} & scanned
    read = reading(documents, [listing(place) for place in complete], gaps, tuple(sorted(scanned)))

    told = outcomes(found(read, known=[resource(uid, place) for uid, place in known.items()]).values())

    expected = {"good": Outcome.PASS, "bad": Outcome.FAIL, "denied": UNKNOWN, "forgotten": UNKNOWN}
    for uid, (_, state) in things.items():
        assert told.pop(uid) is expected[state]
    for uid, place in known.items():
        if uid not in things:
            assert told.pop(uid, None) is (None if place in complete else UNKNOWN)
    scopes = dict.fromkeys((f"toy:1:{place}" for place in scanned - complete), UNKNOWN)
    nothing = not (things or scopes or any(place not in complete for place in known.values()))
    assert told == (scopes or ({ACCOUNT: Outcome.NOT_APPLICABLE} if nothing else {}))
