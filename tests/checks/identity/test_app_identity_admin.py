"""identity.app_identity_admin"""

from __future__ import annotations

from typing import Any

import pytest

from checks.api import Outcome
from checks.identity.app_identity_admin import CHECK
from checks.testing import DENIED, fact, judged, outcome
from collectors.facts.apps import WebApp
from collectors.facts.core import Unread
from collectors.facts.identity import AccessPolicy, PolicyOrigin


def role(name: str, *holders: str, everything: bool | Unread = False, **values: Any) -> AccessPolicy:
    """A role and who holds it."""
    given = {"attached_to": holders, "allows_everything": everything, "origin": PolicyOrigin.PROVIDER}
    return fact(AccessPolicy, name, **(given | values))


def app(**values: Any) -> WebApp:
    """A function with one identity, unless said otherwise."""
    given: dict[str, Any] = {"what": "function app", "identity": ("me",)}
    return fact(WebApp, "app", **(given | values))


@pytest.mark.parametrize(
    ("policies", "expected"),
    [
        ([], Outcome.PASS),
        ([role("Reader", "me")], Outcome.PASS),
        ([role("Owner", "you")], Outcome.PASS),
        ([role("Owner", "you", "me")], Outcome.FAIL),
        ([role("Contributor", "me")], Outcome.FAIL),
        ([role("Own", "me", everything=True)], Outcome.FAIL),
        ([role("Own", "me", everything=DENIED)], Outcome.UNKNOWN),
        ([role("Own", "you", everything=DENIED)], Outcome.PASS),
        ([role("Owner", attached_to=DENIED)], Outcome.UNKNOWN),
        ([role("Reader", attached_to=DENIED)], Outcome.PASS),
        ([role("Owner", attached_to=DENIED), role("Contributor", "me")], Outcome.FAIL),
    ],
)
def test_an_identity_holds_no_administrator_role(policies: list[AccessPolicy], expected: Outcome) -> None:
    """By its name, or because it allows everything; one that is held for certain decides."""
    assert outcome(CHECK, app(), *policies) is expected


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"identity": ()}, Outcome.NOT_APPLICABLE),
        ({"identity": DENIED}, Outcome.UNKNOWN),
        ({"what": "web app"}, Outcome.NOT_APPLICABLE),
    ],
)
def test_only_functions_with_an_identity_can_hold_one(values: dict[str, Any], expected: Outcome) -> None:
    """Whether there is an identity must be known."""
    assert outcome(CHECK, app(**values), role("Owner", "me")) is expected


def test_roles_that_were_not_listed_may_be_held() -> None:
    """The listing did not reach its end."""
    (finding,) = judged(CHECK, app(), role("Reader", "me"), unlisted={(AccessPolicy, "global"): DENIED})

    assert finding.outcome is Outcome.UNKNOWN
    assert "svc:ReadIt" in finding.reason


def test_kinds_and_roles_are_the_company_s() -> None:
    """More kinds may be asked for, and other names count."""
    assert outcome(CHECK, app(what="web app"), role("Owner", "me"), kinds=("web app",)) is Outcome.FAIL
    assert outcome(CHECK, app(), role("Contributor", "me"), roles=("Owner",)) is Outcome.PASS
