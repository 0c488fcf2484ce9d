"""agent.demo.azure_estate"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from checks.api import Outcome
from checks.registry import all_checks
from collectors.api import Document, Kind
from collectors.azure.provider import SUBSCRIPTION
from collectors.provenance import Page
from tests.agent.azure_tenant import COLLECTORS, Findings, Tenant, serve

DECIDED = {Outcome.PASS, Outcome.FAIL}
NEVER_TOLD = {
    "identity.access_key_unused": "only a preview of Graph tells when a secret of an application was last used",
}
"""Checks of what is read that say UNKNOWN all the same, and why."""
NOTHING_TO_JUDGE = {
    "audit_trail.object_data_events": "each storage account logs by itself, whatever the exports of the activity log",
    "audit_trail.trail_delivers": "Azure tells nothing of single deliveries",
    "backup.database_snapshot_tags": "Azure has no such setting",
    "backup.file_system_backed_up": "only a vault makes backups of file shares, which another check judges",
    "identity.admin_inline_policy": "Azure has no policies inside of a user",
    "identity.rights_through_groups": "the directory gives a user no policies, only roles and memberships",
}
"""Checks that never pass or fail anything of Azure, and why."""

Round = tuple[dict[str, Page], Findings]


def whole_run(tenants: dict[str, Tenant]) -> Round:
    """Everything that is read of the directory and of the subscription, and what is judged by it."""
    pages = {name: tenant.read(*tenant.collectors) for name, tenant in tenants.items()}
    findings: Findings = {}
    for name, tenant in tenants.items():
        findings |= tenant.judge(pages[name], {})
    return pages, findings


@pytest.fixture(scope="module")
def tenants() -> Iterator[dict[str, Tenant]]:
    """The demo's tenant."""
    with serve() as found:
        yield found


@pytest.fixture(scope="module")
def clean(tenants: dict[str, Tenant]) -> Round:
    """One whole run of it."""
    return whole_run(tenants)


def tells(kind: Kind, document: Document) -> bool:
    """It holds something: a thing, or a list of things that is not empty."""
    gathered = kind.items and set(document.body) == {kind.items}
    return not document.absent and (not gathered or bool(document.body[kind.items]))


def test_something_of_each_kind_is_read(clean: Round) -> None:
    """No collector goes without an example, and none of what they all declare goes unasked."""
    pages, _ = clean
    read: dict[str, list[Document]] = defaultdict(list)
    for page in pages.values():
        for document in page.documents:
            read[document.kind].append(document)

    kinds = {kind.name: kind for collector in COLLECTORS.values() for kind in collector.kinds}
    assert {name for name, kind in kinds.items() if not any(tells(kind, each) for each in read[name])} == set()
    assert any(document.absent for document in read["azure.storage.lifecycle"])
    assert set(read) == set(kinds)


def test_everything_can_be_read_and_nothing_is_written(clean: Round, tenants: dict[str, Tenant]) -> None:
    """No gap, no call that failed, no question that is no read, none asked again too early."""
    pages, _ = clean
    estate = tenants["global"].estate

    assert [gap for page in pages.values() for gap in page.gaps] == []
    assert [call for page in pages.values() for call in page.calls if not call.complete] == []
    assert estate.writes == []
    assert estate.early == []


def test_nobody_else_asks_anything(clean: Round, tenants: dict[str, Tenant]) -> None:
    """Each request is on record as a page of a call, but for who we are and the one look at the subscription."""
    pages, _ = clean
    estate = tenants["global"].estate
    recorded = sum(call.pages + (not call.pages) for page in pages.values() for call in page.calls)

    assert SUBSCRIPTION.path.startswith("/subscriptions/")
    assert sum(estate.calls.values()) == recorded + 1


def test_each_check_that_can_judge_azure_decides_something(clean: Round) -> None:
    """PASS or FAIL for at least one resource; exceptions are few, and each has its reason.

    A check is able to when all is read that it needs and that exists in Azure.
    """
    _, findings = clean
    emitted = {type_ for collector in COLLECTORS.values() for type_ in collector.emits}
    able = {
        check.id
        for check in all_checks().values()
        if emitted & set(check.population) and all(each in emitted for each in check.needs if each.exists_in("azure"))
    }
    said: dict[str, set[Outcome]] = defaultdict(set)
    for (check, _, _), finding in findings.items():
        said[check].add(finding.outcome)

    assert {check for check in able if not said[check] & DECIDED} == set(NOTHING_TO_JUDGE)
    assert {check for check in able if Outcome.UNKNOWN in said[check]} == set(NEVER_TOLD)
    assert {check for check, outcomes in said.items() if Outcome.ERROR in outcomes} == set()


def test_the_estate_has_things_that_are_right_and_things_that_are_wrong(clean: Round) -> None:
    """Every area shows both, and some of it by name."""
    _, findings = clean
    areas: dict[str, set[Outcome]] = defaultdict(set)
    named = {}
    for (check, _, _), finding in findings.items():
        areas[check.partition(".")[0]].add(finding.outcome)
        named[check, finding.resource.name] = finding.outcome

    assert {area for area, outcomes in areas.items() if not outcomes >= DECIDED} == set()
    for check, right, wrong in (
        ("identity.user_mfa", "alice@acme.example", "bob@acme.example"),
        ("identity.app_credential_expiry", "shop: shop-2", "shop: shop-1"),
        ("exposure.object_store_public", "acmedata", "acmewebsite"),
        ("encryption.database_at_rest", "acme-orders/orders", "acme-reports/reports"),
        ("exposure.admin_ports", "web", "batch"),
        ("backup.recovery_point_fresh", "web-1", "contracts"),
        ("detection.protection_plans", "VirtualMachines", "KeyVaults"),
    ):
        assert (named[check, right], named[check, wrong]) == (Outcome.PASS, Outcome.FAIL), check


def test_years_change_nothing(clean: Round) -> None:
    """All dates are reckoned from the moment of building, so that the demo shows the same at any time."""
    _, findings = clean

    with serve(datetime(2031, 3, 1, 12, tzinfo=UTC)) as later:
        _, then = whole_run(later)

    assert {about: finding.outcome for about, finding in then.items()} == {
        about: finding.outcome for about, finding in findings.items()
    }
