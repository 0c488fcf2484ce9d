"""identity.one_active_key"""

from checks.api import Outcome
from checks.identity.one_active_key import CHECK
from checks.testing import DENIED, fact, judged, outcome
from collectors.facts.core import Reason, Unread
from collectors.facts.identity import AccessKey, User

CUT_OFF = Unread(Reason.PARTIAL_LISTING, "svc:ListKeys", "svc:ListKeys")
ANN = fact(User, "ann")


def key(name: str, *, active: bool | Unread, owner: str = "ann") -> AccessKey:
    """A key of ann's, unless said otherwise."""
    return fact(AccessKey, name, owner=owner, active=active)


def test_one_active_key_passes() -> None:
    """One key is what a workload needs."""
    assert outcome(CHECK, ANN, key("a", active=True), key("b", active=False)) is Outcome.PASS


def test_a_user_without_keys_passes() -> None:
    """None is fewer than two."""
    assert outcome(CHECK, ANN) is Outcome.PASS


def test_two_active_keys_fail_and_are_counted() -> None:
    """The second key that works is one too many, and the verdict rests on both keys' documents."""
    (finding,) = judged(CHECK, ANN, key("a", active=True), key("b", active=True))

    assert finding.outcome is Outcome.FAIL
    assert finding.reason == "user has more than one active access key: 2"
    assert [ref.uid for ref in finding.documents] == ["arn:ann", "arn:a", "arn:b"]


def test_where_nobody_lists_keys_of_users_nothing_is_judged() -> None:
    """No key in sight proves nothing there."""
    assert outcome(CHECK, fact(User, "ann", keys_told=False)) is Outcome.NOT_APPLICABLE


def test_keys_of_others_do_not_count() -> None:
    """Each user is judged by their own keys, whichever way the provider names the owner."""
    keys = (key("a", active=True), key("b", active=True, owner="bob"), key("c", active=True, owner="arn:bob"))

    findings = judged(CHECK, ANN, fact(User, "bob"), *keys)

    assert [it.outcome for it in findings] == [Outcome.PASS, Outcome.FAIL]


def test_a_second_key_of_unread_state_is_unknown_and_names_the_operation() -> None:
    """It may work."""
    (finding,) = judged(CHECK, ANN, key("a", active=True), key("b", active=DENIED))

    assert finding.outcome is Outcome.UNKNOWN
    assert finding.unread == (DENIED,)
    assert "svc:ReadIt" in finding.reason


def test_a_single_key_passes_when_its_state_was_not_read() -> None:
    """One key is never two."""
    assert outcome(CHECK, ANN, key("a", active=DENIED), key("b", active=False)) is Outcome.PASS


def test_an_incomplete_listing_is_unknown_and_names_the_operation() -> None:
    """A second key may be among those that were not listed."""
    (finding,) = judged(CHECK, ANN, key("a", active=True), unlisted={(AccessKey, "global"): CUT_OFF})

    assert finding.outcome is Outcome.UNKNOWN
    assert finding.unread == (CUT_OFF,)
    assert "svc:ListKeys" in finding.reason


def test_two_active_keys_fail_in_an_incomplete_listing() -> None:
    """What was listed is enough for a fail."""
    keys = (key("a", active=True), key("b", active=True))

    (finding,) = judged(CHECK, ANN, *keys, unlisted={(AccessKey, "global"): CUT_OFF})

    assert finding.outcome is Outcome.FAIL
