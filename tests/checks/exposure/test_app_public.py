"""exposure.app_public"""

from __future__ import annotations

import pytest

from checks.api import Outcome
from checks.exposure.app_public import CHECK
from checks.testing import DENIED, fact, outcome
from collectors.facts.apps import WebApp


@pytest.mark.parametrize(
    ("ranges", "expected"),
    [
        ((), Outcome.PASS),
        (("203.0.113.0/24",), Outcome.PASS),
        (("203.0.113.0/24", "0.0.0.0/0"), Outcome.FAIL),
        (("::/0",), Outcome.FAIL),
        (DENIED, Outcome.UNKNOWN),
    ],
)
def test_functions_are_not_open(ranges: object, expected: Outcome) -> None:
    """Over either version of IP."""
    assert outcome(CHECK, fact(WebApp, what="function app", open_ranges=ranges)) is expected


def test_web_apps_are_made_to_be_open() -> None:
    """Unless the company asks for them too."""
    app = fact(WebApp, what="web app", open_ranges=("0.0.0.0/0",))
    assert outcome(CHECK, app) is Outcome.NOT_APPLICABLE
    assert outcome(CHECK, app, kinds=("web app",)) is Outcome.FAIL
    assert outcome(CHECK, app, kinds=("web app",), networks=("0.0.0.0/0",)) is Outcome.PASS
