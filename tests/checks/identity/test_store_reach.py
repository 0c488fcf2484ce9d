"""identity.store_reach"""

from typing import Any

import pytest

from checks.api import Outcome
from checks.identity.store_reach import CHECK
from checks.testing import DENIED, fact, judged, outcome
from collectors.facts.rights import EVERYBODY, IdentityKind, IdentityRights, Names, ReadingRight, StoreAccess


def store(name: str = "payroll", **values: Any) -> StoreAccess:
    """A bucket whose policy names nobody, but for `values`."""
    return fact(StoreAccess, name, **{"store": "object_store", "named": (), "by_identity": True, **values})


def reader(name: str = "ann", **values: Any) -> IdentityRights:
    """A user that may read every bucket, but for `values`."""
    known = {"kind": IdentityKind.USER, "provider_owned": False, "reads": (right("*"),)}
    return fact(IdentityRights, name, **{**known, **values})


def right(
    *those: str, but: tuple[str, ...] = (), denied: tuple[str, ...] = (), within: tuple[str, ...] | None = None
) -> ReadingRight:
    """The right to read these buckets."""
    bound = None if within is None else (Names(within),)
    return ReadingRight("object_store", (Names(those, but),), (Names(denied),), bound)


def test_few_readers_pass_and_are_counted() -> None:
    """Those whom the store names, and those whose own policies let them."""
    (finding,) = judged(CHECK, store(named=("arn:partner",)), reader(), reader("bob"))

    assert finding.outcome is Outcome.PASS
    assert finding.reason == "3 parties may read it, no more than 25"
    assert {document.uid for document in finding.documents} == {"arn:payroll", "arn:ann", "arn:bob"}


def test_one_reader_too_many_fails() -> None:
    """The reason names the first of them."""
    readers = [reader(name) for name in ("ann", "bob", "cid")]

    assert outcome(CHECK, store(), *readers, max_readers=3) is Outcome.PASS
    (finding,) = judged(CHECK, store(), *readers, max_readers=2)
    assert finding.outcome is Outcome.FAIL
    assert finding.reason == "more than 2 parties may read it: arn:ann, arn:bob, arn:cid"


@pytest.mark.parametrize(
    ("rights", "may"),
    [
        ((right("arn:payroll"),), True),
        ((right("arn:pay*"),), True),
        ((right("arn:payrol?"),), True),
        ((right("arn:other"),), False),
        ((right("*", but=("arn:payroll",)),), False),
        ((right("*", denied=("arn:payroll",)),), False),
        ((right("*", denied=("arn:other",)),), True),
        ((right("*", within=("arn:payroll",)),), True),
        ((right("*", within=("arn:other",)),), False),
        ((right("*", within=()),), False),
        ((ReadingRight("secret", (Names(("*",)),), (), None),), False),
        ((), False),
    ],
)
def test_whom_rights_let_read(rights: tuple[ReadingRight, ...], may: bool) -> None:
    """Allowed, not denied, and within the boundary, for this very type of store."""
    expected = Outcome.FAIL if may else Outcome.PASS

    assert outcome(CHECK, store(), reader(reads=rights), max_readers=0) is expected


def test_everybody_is_always_too_many() -> None:
    """Whatever is approved and whatever else was read."""
    wide_open = store(named=(EVERYBODY,), by_identity=DENIED)

    assert outcome(CHECK, wide_open, approved=("*",), max_readers=9) is Outcome.FAIL


def test_a_store_for_the_whole_account_has_all_its_identities() -> None:
    """Whatever their own policies say."""
    whole = store(named=("123456789012",), by_identity=False)

    (finding,) = judged(CHECK, whole, reader(reads=()), max_readers=1)

    assert finding.reason == "more than 1 parties may read it: 123456789012, arn:ann"


def test_only_the_approved_list_counts_when_there_is_one() -> None:
    """By patterns of uids, however many they are."""
    (finding,) = judged(CHECK, store(), reader(), reader("bob"), approved=("arn:a*",))

    assert finding.outcome is Outcome.FAIL
    assert finding.reason == "may be read by arn:bob, whom the approved list does not name"
    assert outcome(CHECK, store(), reader(), reader("bob"), approved=("arn:*",), max_readers=1) is Outcome.PASS


def test_services_and_closed_stores_let_no_identity_in() -> None:
    """A role of the provider's is none of the company's; a key may not let identities in at all."""
    assert outcome(CHECK, store(), reader(provider_owned=True), max_readers=0) is Outcome.PASS
    assert outcome(CHECK, store(by_identity=False), reader(), max_readers=0) is Outcome.PASS


def test_stores_that_are_not_confidential_are_not_applicable() -> None:
    """The company says by name which ones are."""
    assert outcome(CHECK, store("logs"), stores=("pay*",)) is Outcome.NOT_APPLICABLE
    assert outcome(CHECK, store("payroll"), stores=("pay*",)) is Outcome.PASS


@pytest.mark.parametrize(
    ("facts", "unlisted"),
    [
        ([store(named=DENIED)], {}),
        ([store(by_identity=DENIED), reader()], {}),
        ([store(), reader(reads=DENIED)], {}),
        ([store(), reader(provider_owned=DENIED)], {}),
        ([store()], {(IdentityRights, "global"): DENIED}),
    ],
)
def test_whatever_is_unread_is_unknown_and_names_the_operation(facts: list[Any], unlisted: dict[Any, Any]) -> None:
    """There may be more readers than are known."""
    (finding,) = judged(CHECK, *facts, unlisted=unlisted)

    assert (finding.outcome, finding.unread) == (Outcome.UNKNOWN, (DENIED,))
    assert "svc:ReadIt" in finding.reason


def test_too_many_known_readers_fail_whatever_is_unread() -> None:
    """More knowledge cannot make them fewer."""
    facts = (store(named=DENIED), reader(), reader("bob", reads=DENIED))

    assert outcome(CHECK, *facts, max_readers=0) is Outcome.FAIL
