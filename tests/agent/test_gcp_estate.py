"""agent.demo.gcp_estate"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from agent.demo.gcp_estate import LAB
from checks.api import Outcome
from collectors.facts.core import Reason
from collectors.gcp.ancestry import PROJECT
from tests.agent.demo_account import (
    DECIDED,
    Account,
    Round,
    broken,
    disturbed,
    incomplete,
    named,
    one_sided,
    outcomes,
    recorded,
    uncertain,
    undecided,
    unexampled,
    verdicts,
    whole_run,
)
from tests.agent.gcp_organization import serve

NEVER_TOLD = {
    "identity.access_key_unused": "Google does not tell when an API key was last used",
    "identity.app_consent": "only a super administrator may read this setting of the directory",
    "identity.default_rights": "only a super administrator may read these settings of the directory",
    "identity.password_complexity": "only a super administrator may read the rules for passwords",
    "identity.password_length": "only a super administrator may read the rules for passwords",
    "identity.password_reuse": "only a super administrator may read the rules for passwords",
}
"""Checks of what is read that say UNKNOWN all the same, and why."""
NOTHING_TO_JUDGE = {
    "audit_trail.database_log_kept": "how long records of databases are kept is a setting of the log bucket",
    "audit_trail.function_calls": "each function logs its requests by itself, and a trail records none",
    "audit_trail.trail_delivers": "Google tells nothing of single deliveries",
    "backup.database_snapshot_tags": "Google has no such setting",
    "backup.file_system_backed_up": "only the central service backs up file systems, which another check judges",
    "backup.vault_soft_delete": "what a vault keeps is told by its shortest time, which another check judges",
    "detection.security_alert_owners": "owners are told only where there is no contact, which there is",
    "encryption.object_store_twice": "Google has no second layer that could be chosen",
    "exposure.private_endpoint": "the services that it is about are those of Azure",
    "identity.admin_inline_policy": "Google has no policies inside of a user",
    "identity.guest_invitation": "a directory of Google's holds nobody from outside",
    "identity.one_active_key": "people have no keys that a listing names",
    "identity.user_list_complete": "only reports count users, and these are days old",
}
"""Checks that never pass or fail anything of Google, and why; those that only say UNKNOWN beside."""
PASSED_OVER = "gcp.cloudkms.location"
"""The places of the service for keys are asked for and not kept: only what is in them is evidence."""
EXPECTED = {
    "audit_trail.database_connections": ({"orders"}, {"reports", "test"}),
    "audit_trail.dns_queries": ({"main"}, {"default"}),
    "audit_trail.flow_logs": ({"main"}, {"default"}),
    "audit_trail.load_balancer_access_log": ({"shop"}, {"legacy"}),
    "audit_trail.log_retention": ({"_Required", "search"}, {"_Default"}),
    "audit_trail.trail_encrypted": ({"archive", "search"}, {"Cloud Audit Logs", "changes"}),
    "audit_trail.trail_store_kept": ({"archive"}, {"changes"}),
    "backup.disk_snapshot_fresh": ({"web-1"}, {"batch", "spare"}),
    "backup.object_store_soft_delete": (
        {"acme-access-logs", "acme-audit-logs", "acme-changes", "acme-customer-data"},
        {"acme-website"},
    ),
    "backup.plan_copies_elsewhere": ({"daily", "nightly"}, {"shortly", "briefly"}),
    "backup.plan_retention": ({"daily", "nightly"}, {"shortly", "briefly"}),
    "backup.recovery_point_fresh": ({"web-1"}, {"batch"}),
    "backup.stream_retention": ({"orders"}, {"clicks"}),
    "backup.vault_locked": ({"acme-far"}, {"acme-near"}),
    "backup.restore_succeeded": ({"drill"}, {"broken"}),
    "detection.alert_receivers": ({"incidents", "owners", "slow"}, {"nobody hears"}),
    "detection.availability_level": ({"shop"}, {"legacy"}),
    "detection.baseline_kept": (set(), {"security-health-analytics"}),
    "detection.change_alerts": (set(), {"acme-prod"}),
    "detection.image_scanning": ({"apps"}, {"samples"}),
    "detection.image_vulnerabilities": ({"shop@sha256:00"}, {"jobs@sha256:00"}),
    "detection.inventory_complete": ({"log_store", "network"}, {"object_store"}),
    "detection.open_findings": (set(), {"f1"}),
    "detection.system_updates": ({"web-1"}, {"batch"}),
    "encryption.certificate_expiry": ({"api", "shop"}, {"legacy"}),
    "encryption.dns_algorithms": ({"acme"}, {"acme-old"}),
    "encryption.dns_signed": ({"acme", "acme-old"}, {"acme-shop"}),
    "encryption.key_deletion": ({"data"}, {"legacy"}),
    "encryption.key_rotation": ({"data"}, {"legacy"}),
    "encryption.listener_no_plaintext": ({"mail:993", "shop-plain:80", "shop:443"}, {"legacy:80"}),
    "encryption.listener_tls": ({"shop:443"}, {"mail:993"}),
    "encryption.secret_rotation": ({"payment-api"}, {"smtp"}),
    "encryption.topic_customer_key": ({"orders"}, {"clicks", "jobs"}),
    "exposure.admin_ports": ({"main"}, {"default"}),
    "exposure.app_public": ({"thumbnails"}, {"export"}),
    "exposure.cluster_api_private": ({"shop"}, {"trial"}),
    "exposure.cluster_nodes_private": ({"shop"}, {"trial"}),
    "exposure.object_store_public": (
        {"acme-access-logs", "acme-audit-logs", "acme-changes", "acme-customer-data"},
        {"acme-website"},
    ),
    "exposure.shared_with_everybody": ({"data", "golden", "sales"}, {"legacy", "open_data", "trial"}),
    "exposure.unwanted_services": (set(), {"acme-prod"}),
    "exposure.waf_blocking": ({"shop"}, {"legacy"}),
    "identity.admin_customer_policy": (
        {"projects/acme-prod/roles/deployer", "projects/acme-prod/roles/logKeeper"},
        {"projects/acme-prod/roles/helper"},
    ),
    "identity.admin_mfa": ({"alice@acme.example", "carol@acme.example"}, {"bob@acme.example"}),
    "identity.api_key_limited": ({"maps"}, {"trial"}),
    "identity.audit_trail_control": (
        {"projects/acme-prod/roles/deployer", "projects/acme-prod/roles/helper"},
        {"projects/acme-prod/roles/logKeeper"},
    ),
    "identity.password_unused": (
        {"alice@acme.example", "bob@acme.example", "carol@acme.example"},
        {"dora@acme.example"},
    ),
    "identity.service_account_admin": (
        {"deploy@acme-prod.iam.gserviceaccount.com", "web@acme-prod.iam.gserviceaccount.com"},
        {"415104041262-compute@developer.gserviceaccount.com"},
    ),
    "identity.service_account_keys": (
        {"415104041262-compute@developer.gserviceaccount.com", "web@acme-prod.iam.gserviceaccount.com"},
        {"deploy@acme-prod.iam.gserviceaccount.com"},
    ),
    "identity.sign_in_mfa": (set(), {"organizations/567890123456"}),
    "identity.top_admin_count": ({"Super Admin"}, set()),
    "identity.user_mfa": (
        {"alice@acme.example", "carol@acme.example", "dora@acme.example"},
        {"bob@acme.example"},
    ),
    "machines.directory_sign_in": ({"web-1"}, {"batch"}),
    "machines.limited_identity": ({"web-1"}, {"batch"}),
    "machines.public_address": ({"web-1"}, {"batch"}),
    "machines.shared_ssh_keys": ({"web-1"}, {"batch"}),
    "machines.trusted_boot": ({"web-1"}, {"batch"}),
}
"""By check, the names of what passes and of what fails."""


@pytest.fixture(scope="module")
def accounts() -> Iterator[dict[str, Account]]:
    """The demo's organization."""
    with serve() as found:
        yield found


@pytest.fixture(scope="module")
def clean(accounts: dict[str, Account]) -> Round:
    """One whole run of its directory and of the project that has everything in it."""
    return whole_run({name: account for name, account in accounts.items() if name != LAB})


def test_something_of_each_kind_is_read(clean: Round) -> None:
    """No collector goes without an example, and none of what they all declare goes unasked."""
    pages, _ = clean

    assert unexampled(pages.values(), "gcp") == ({PASSED_OVER}, {PASSED_OVER})


def test_everything_can_be_read_and_nothing_is_written(clean: Round, accounts: dict[str, Account]) -> None:
    """No gap, no call that failed, no question that is no read, none asked again too early."""
    pages, _ = clean

    assert disturbed(pages.values(), accounts["global"].estate) == []


def test_each_request_is_on_record(clean: Round, accounts: dict[str, Account]) -> None:
    """Each is a page of a call, but for the one look at the project by which we know that it is there."""
    pages, _ = clean
    project = PROJECT.path.format(project="acme-prod")
    estate = accounts["global"].estate
    ours = {asked: number for asked, number in estate.calls.items() if LAB not in asked}

    assert estate.calls[f"GET cloudresourcemanager{project}"] == 2
    assert sum(ours.values()) == recorded(pages.values()) + 1


def test_each_check_that_can_judge_google_decides_something(clean: Round) -> None:
    """PASS or FAIL for at least one resource; exceptions are few, and each has its reason."""
    _, findings = clean
    said = outcomes(findings)
    silent = {check for check in NEVER_TOLD if not said[check] & DECIDED}

    assert undecided(findings, "gcp") == set(NOTHING_TO_JUDGE) | silent
    assert uncertain(findings, "gcp") == set(NEVER_TOLD)
    assert broken(findings) == set()


def test_every_area_has_things_that_are_right_and_things_that_are_wrong(clean: Round) -> None:
    """The demo shows both."""
    _, findings = clean

    assert one_sided(findings) == set()


@pytest.mark.parametrize("check", EXPECTED)
def test_what_was_built_right_passes_and_what_was_built_wrong_fails(clean: Round, check: str) -> None:
    """By name, and nothing else is decided."""
    _, findings = clean
    found = [(finding.outcome, finding.resource.name) for (each, _, _), finding in findings.items() if each == check]

    assert {name for outcome, name in found if outcome is Outcome.PASS} == EXPECTED[check][0]
    assert {name for outcome, name in found if outcome is Outcome.FAIL} == EXPECTED[check][1]


def test_a_young_project_is_judged_by_itself(accounts: dict[str, Account]) -> None:
    """What is not there is no pass, and a store that lies in another project is UNKNOWN, with the reason."""
    pages, findings = whole_run({LAB: accounts[LAB]})
    found = named(findings)
    (store,) = [
        finding
        for (check, _, _), finding in findings.items()
        if (check, finding.resource.name) == ("audit_trail.trail_store_kept", "changes")
    ]

    assert incomplete(pages.values()) == []
    assert found["exposure.object_store_public", "acme-lab-scratch"] is Outcome.PASS
    assert found["backup.object_store_soft_delete", "acme-lab-scratch"] is Outcome.FAIL
    assert found["exposure.account_block", LAB] is Outcome.PASS
    assert found["detection.security_contact", LAB] is Outcome.FAIL
    assert outcomes(findings)["machines.trusted_boot"] == {Outcome.NOT_APPLICABLE}
    assert store.outcome is Outcome.UNKNOWN
    assert [(unread.reason, unread.permission) for unread in store.unread] == [
        (Reason.ACCOUNT_NOT_ONBOARDED, "storage.buckets.list")
    ]


def test_years_change_nothing(clean: Round) -> None:
    """All dates are reckoned from the moment of building, so that the demo shows the same at any time."""
    _, findings = clean

    with serve(datetime(2031, 3, 1, 12, tzinfo=UTC)) as later:
        _, then = whole_run({name: account for name, account in later.items() if name != LAB})

    assert verdicts(then) == verdicts(findings)
