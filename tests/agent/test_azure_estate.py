"""agent.demo.azure_estate"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from checks.api import Outcome
from collectors.azure.provider import SUBSCRIPTION
from tests.agent.azure_tenant import serve
from tests.agent.demo_account import (
    Account,
    Round,
    broken,
    disturbed,
    named,
    one_sided,
    recorded,
    uncertain,
    undecided,
    unexampled,
    verdicts,
    whole_run,
)

NEVER_TOLD = {
    "identity.access_key_unused": "only a preview of Graph tells when a secret of an application was last used",
}
"""Checks of what is read that say UNKNOWN all the same, and why."""
NOTHING_TO_JUDGE = {
    "audit_trail.function_calls": "no trail of Azure can record calls of functions",
    "audit_trail.object_data_events": "each storage account logs by itself, whatever the exports of the activity log",
    "audit_trail.trail_delivers": "Azure tells nothing of single deliveries",
    "backup.database_snapshot_tags": "Azure has no such setting",
    "backup.file_system_backed_up": "only a vault makes backups of file shares, which another check judges",
    "identity.admin_inline_policy": "Azure has no policies inside of a user",
    "identity.rights_through_groups": "the directory gives a user no policies, only roles and memberships",
}
"""Checks that never pass or fail anything of Azure, and why."""


@pytest.fixture(scope="module")
def tenants() -> Iterator[dict[str, Account]]:
    """The demo's tenant."""
    with serve() as found:
        yield found


@pytest.fixture(scope="module")
def clean(tenants: dict[str, Account]) -> Round:
    """One whole run of it."""
    return whole_run(tenants)


def test_something_of_each_kind_is_read(clean: Round) -> None:
    """No collector goes without an example, and none of what they all declare goes unasked."""
    pages, _ = clean

    assert unexampled(pages.values(), "azure") == (set(), set())
    assert any(
        document.absent
        for page in pages.values()
        for document in page.documents
        if document.kind == "azure.storage.lifecycle"
    )


def test_everything_can_be_read_and_nothing_is_written(clean: Round, tenants: dict[str, Account]) -> None:
    """No gap, no call that failed, no question that is no read, none asked again too early."""
    pages, _ = clean

    assert disturbed(pages.values(), tenants["global"].estate) == []


def test_nobody_else_asks_anything(clean: Round, tenants: dict[str, Account]) -> None:
    """Each request is on record as a page of a call, but for who we are and the one look at the subscription."""
    pages, _ = clean
    estate = tenants["global"].estate

    assert SUBSCRIPTION.path.startswith("/subscriptions/")
    assert sum(estate.calls.values()) == recorded(pages.values()) + 1


def test_each_check_that_can_judge_azure_decides_something(clean: Round) -> None:
    """PASS or FAIL for at least one resource; exceptions are few, and each has its reason."""
    _, findings = clean

    assert undecided(findings, "azure") == set(NOTHING_TO_JUDGE)
    assert uncertain(findings, "azure") == set(NEVER_TOLD)
    assert broken(findings) == set()


def test_the_estate_has_things_that_are_right_and_things_that_are_wrong(clean: Round) -> None:
    """Every area shows both, and some of it by name."""
    _, findings = clean
    found = named(findings)

    assert one_sided(findings) == set()
    for check, right, wrong in (
        ("identity.user_mfa", "alice@acme.example", "bob@acme.example"),
        ("identity.app_credential_expiry", "shop: shop-2", "shop: shop-1"),
        ("exposure.object_store_public", "acmedata", "acmewebsite"),
        ("encryption.database_at_rest", "acme-orders/orders", "acme-reports/reports"),
        ("exposure.admin_ports", "web", "batch"),
        ("backup.recovery_point_fresh", "web-1", "contracts"),
        ("detection.protection_plans", "VirtualMachines", "KeyVaults"),
    ):
        assert (found[check, right], found[check, wrong]) == (Outcome.PASS, Outcome.FAIL), check


def test_years_change_nothing(clean: Round) -> None:
    """All dates are reckoned from the moment of building, so that the demo shows the same at any time."""
    _, findings = clean

    with serve(datetime(2031, 3, 1, 12, tzinfo=UTC)) as later:
        _, then = whole_run(later)

    assert verdicts(then) == verdicts(findings)
