"""identity.default_rights"""

from __future__ import annotations

from typing import Any

import pytest

from checks.api import Outcome
from checks.identity.default_rights import CHECK
from checks.testing import DENIED, fact, judged, outcome
from collectors.facts.directory import DirectorySettings

FIELDS = {
    "users_create_applications": "applications",
    "users_create_groups": "groups",
    "users_create_mail_groups": "mail groups",
    "users_create_directories": "directories",
}


def settings(**changed: Any) -> DirectorySettings:
    """A directory in which ordinary users create nothing."""
    return fact(DirectorySettings, **{**dict.fromkeys(FIELDS, False), **changed})


def test_a_directory_that_allows_nothing_passes() -> None:
    """The reason names what was looked at."""
    (finding,) = judged(CHECK, settings())

    assert finding.outcome is Outcome.PASS
    assert finding.reason == "ordinary users cannot create applications, groups, mail groups, directories"


@pytest.mark.parametrize(("field", "what"), FIELDS.items())
def test_each_thing_too_many_fails(field: str, what: str) -> None:
    """One decides, whatever else was not read."""
    (finding,) = judged(CHECK, settings(**{**dict.fromkeys(FIELDS, DENIED), field: True}))

    assert (finding.outcome, finding.reason) == (Outcome.FAIL, f"ordinary users may create {what}")


@pytest.mark.parametrize("field", FIELDS)
def test_each_unread_setting_is_unknown(field: str) -> None:
    """A denied read is never a verdict."""
    (finding,) = judged(CHECK, settings(**{field: DENIED}))

    assert (finding.outcome, finding.unread) == (Outcome.UNKNOWN, (DENIED,))


@pytest.mark.parametrize("value", [True, DENIED])
def test_what_the_company_allows_is_not_judged(value: Any) -> None:
    """A company may let everybody make mail groups, and only these."""
    one = settings(users_create_mail_groups=value)

    assert outcome(CHECK, one, allowed=("mail groups",)) is Outcome.PASS
    assert outcome(CHECK, settings(users_create_groups=True), allowed=("mail groups",)) is Outcome.FAIL


def test_a_cloud_without_a_directory_is_not_applicable() -> None:
    """There is nothing to judge."""
    assert judged(CHECK) == []
    assert not any(type_.exists_in("aws") for type_ in CHECK.population)
