"""identity.escalation"""

from typing import Any

import pytest

from checks.api import Outcome
from checks.identity.escalation import CHECK
from checks.testing import DENIED, fact, judged, outcome
from collectors.facts.rights import IdentityKind, IdentityRights


def identity(**values: Any) -> IdentityRights:
    """A user that is no administrator, but for `values`."""
    known = {"kind": IdentityKind.USER, "provider_owned": False, "unlimited": False}
    return fact(IdentityRights, "ann", **{**known, **values})


def test_an_identity_without_a_way_passes() -> None:
    """Whatever else was not read about it."""
    assert outcome(CHECK, identity(escalations=())) is Outcome.PASS
    assert outcome(CHECK, identity(escalations=(), unlimited=DENIED)) is Outcome.PASS


def test_a_way_fails_and_is_named() -> None:
    """The reason tells which actions to take away."""
    (finding,) = judged(CHECK, identity(escalations=("iam:PassRole + ec2:RunInstances", "iam:PutUserPolicy")))

    assert finding.outcome is Outcome.FAIL
    assert finding.reason == "its policies together open iam:PassRole + ec2:RunInstances, iam:PutUserPolicy"


@pytest.mark.parametrize("values", [{"unlimited": True}, {"provider_owned": True}])
def test_who_has_no_further_rights_to_take_is_not_applicable(values: dict[str, Any]) -> None:
    """An administrator has them all, and a service of the provider is not the company's to limit."""
    assert outcome(CHECK, identity(escalations=("iam:PutUserPolicy",), **values)) is Outcome.NOT_APPLICABLE


@pytest.mark.parametrize("lost", ["escalations", "unlimited", "provider_owned"])
def test_an_unread_value_is_unknown_and_names_the_operation(lost: str) -> None:
    """It may be an administrator, or one of the provider's, or there may be more policies."""
    (finding,) = judged(CHECK, identity(**{"escalations": ("iam:PutUserPolicy",), lost: DENIED}))

    assert (finding.outcome, finding.unread) == (Outcome.UNKNOWN, (DENIED,))
    assert "svc:ReadIt" in finding.reason
