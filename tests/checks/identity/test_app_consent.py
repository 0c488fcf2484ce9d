"""identity.app_consent"""

from __future__ import annotations

from checks.api import Outcome
from checks.identity.app_consent import CHECK
from checks.testing import DENIED, fact, judged
from collectors.facts.directory import DirectorySettings

LOW, LEGACY = "microsoft-user-default-low", "microsoft-user-default-legacy"


def test_a_directory_without_consent_of_users_passes() -> None:
    """Administrators decide."""
    (finding,) = judged(CHECK, fact(DirectorySettings, consent_rules=()))

    assert (finding.outcome, finding.reason) == (Outcome.PASS, "only administrators consent to applications")


def test_any_rule_fails_by_default() -> None:
    """Whatever it is called."""
    (finding,) = judged(CHECK, fact(DirectorySettings, consent_rules=(LEGACY,)))

    assert (finding.outcome, finding.reason) == (Outcome.FAIL, f"users consent to applications by {LEGACY}")


def test_a_rule_on_the_list_passes_and_no_other() -> None:
    """A company may trust verified publishers."""
    both = fact(DirectorySettings, consent_rules=(LOW, LEGACY))

    (passed,) = judged(CHECK, fact(DirectorySettings, consent_rules=(LOW,)), allowed=(LOW,))
    assert passed.outcome is Outcome.PASS
    (failed,) = judged(CHECK, both, allowed=(LOW,))
    assert failed.reason == f"users consent to applications by {LEGACY}"


def test_rules_that_were_not_read_are_unknown() -> None:
    """A denied read is never a verdict."""
    (finding,) = judged(CHECK, fact(DirectorySettings))

    assert (finding.outcome, finding.unread) == (Outcome.UNKNOWN, (DENIED,))


def test_a_cloud_without_a_directory_is_not_applicable() -> None:
    """There is nothing to judge."""
    assert judged(CHECK) == []
    assert not any(type_.exists_in("aws") for type_ in CHECK.population)
