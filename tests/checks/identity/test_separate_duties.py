"""identity.separate_duties"""

from __future__ import annotations

import pytest

from checks.api import Outcome
from checks.identity.separate_duties import CHECK, PAIRS
from checks.testing import DENIED, fact, judged, outcome
from collectors.facts.core import Unread
from collectors.facts.identity import BoundMember, MemberKind
from collectors.facts.stores import EncryptionKey

ADMIN, USER = "roles/cloudkms.admin", "roles/cloudkms.cryptoKeyDecrypter"


def ann(*roles: str, complete: bool | Unread = True, kind: MemberKind = MemberKind.PERSON) -> BoundMember:
    """Ann with her roles."""
    return fact(BoundMember, "user:ann", kind=kind, roles=roles, complete=complete)


@pytest.mark.parametrize("pair", PAIRS)
def test_each_pair_fails_in_any_order_and_each_half_passes(pair: str) -> None:
    """Order of bindings does not matter."""
    one, other = pair.split(" + ")

    assert outcome(CHECK, ann(one, other)) is Outcome.FAIL
    assert outcome(CHECK, ann(other, "roles/viewer", one)) is Outcome.FAIL
    assert outcome(CHECK, ann(one)) is Outcome.PASS
    assert outcome(CHECK, ann(other)) is Outcome.PASS


def test_the_use_of_a_key_by_its_own_policy_counts() -> None:
    """The other half is on the key itself; the verdict rests on both documents."""
    (finding,) = judged(CHECK, ann(ADMIN), fact(EncryptionKey, "k", users=("user:bob", "user:ann")))

    assert finding.outcome is Outcome.FAIL
    assert {document.uid for document in finding.documents} == {"arn:user:ann", "arn:k"}
    assert outcome(CHECK, ann(ADMIN), fact(EncryptionKey, "k", users=("user:bob",))) is Outcome.PASS
    assert outcome(CHECK, ann(ADMIN), fact(EncryptionKey, "k", users=None)) is Outcome.PASS


def test_a_policy_that_was_not_read_may_complete_a_pair() -> None:
    """A pair that is known already fails all the same."""
    (finding,) = judged(CHECK, ann(ADMIN, complete=DENIED))

    assert (finding.outcome, finding.unread) == (Outcome.UNKNOWN, (DENIED,))
    assert outcome(CHECK, ann(ADMIN, USER, complete=DENIED)) is Outcome.FAIL


def test_a_key_that_was_not_read_matters_to_whoever_manages_keys() -> None:
    """Nobody else can complete a pair with it."""
    key = fact(EncryptionKey, "k", users=DENIED)

    assert outcome(CHECK, ann(ADMIN), key) is Outcome.UNKNOWN
    assert outcome(CHECK, ann("roles/viewer"), key) is Outcome.PASS
    (finding,) = judged(CHECK, ann(ADMIN), unlisted={(EncryptionKey, "global"): DENIED})
    assert finding.outcome is Outcome.UNKNOWN


def test_a_program_of_the_provider_s_own_is_not_judged() -> None:
    """Nobody can take its roles away."""
    assert outcome(CHECK, ann(ADMIN, USER, kind=MemberKind.PROVIDER)) is Outcome.NOT_APPLICABLE


def test_a_parameter_without_a_pair_is_refused() -> None:
    """It would check nothing."""
    with pytest.raises(ValueError, match="pairs"):
        judged(CHECK, ann(ADMIN), pairs=("roles/x",))
