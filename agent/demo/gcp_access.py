"""Who is who and may do what in the demo's company at Google: people, roles, programs with their keys, audit logs."""

from __future__ import annotations

from typing import Any

from agent.demo.gcp_company import FOLDER, KEY, REGION, Company, policy
from agent.demo.gcp_loopback import ORGANIZATION

ALICE, BOB, CAROL = (f"user:{name}@acme.example" for name in ("alice", "bob", "carol"))
ENGINEERS, AUDITORS = "group:engineers@acme.example", "group:auditors@acme.example"
GRANTING = "resourcemanager.projects.setIamPolicy"
SINKS = ("logging.sinks.get", "logging.sinks.update", "logging.sinks.delete")
ROLES = {
    "roles/owner": (GRANTING, *SINKS, "storage.objects.get"),
    "roles/editor": ("compute.instances.create", "storage.objects.get"),
    "roles/viewer": ("compute.instances.list",),
    "roles/cloudkms.admin": ("cloudkms.cryptoKeys.update",),
    "roles/cloudkms.cryptoKeyEncrypterDecrypter": ("cloudkms.cryptoKeyVersions.useToDecrypt",),
    "roles/resourcemanager.organizationViewer": ("resourcemanager.organizations.get",),
}
OWN_ROLES = {
    "deployer": ("run.services.update", "cloudfunctions.functions.update"),
    "logKeeper": SINKS,
    "helper": (GRANTING,),
}
CHANGES = 'log_id("cloudaudit.googleapis.com/activity")'


def directory(company: Company) -> None:
    """Fill the directory of people, and say what holds in the organization and the folder."""
    people = (
        _person(company, "alice", isAdmin=True),
        _person(company, "bob", isDelegatedAdmin=True, isEnrolledIn2Sv=False, isEnforcedIn2Sv=False),
        _person(company, "carol", isAdmin=True),
        _person(company, "dora", lastLoginTime=company.day(-200)),
        _person(company, "erik", suspended=True, isEnrolledIn2Sv=False, isEnforcedIn2Sv=False),
    )
    company.below("admin/admin/directory/v1/users", "users", *people)
    crm, organization = "cloudresourcemanager/v3", f"organizations/{ORGANIZATION}"
    logs = [{"logType": each} for each in ("ADMIN_READ", "DATA_READ", "DATA_WRITE")]
    company.say(
        f"{crm}/{organization}:getIamPolicy",
        policy(("roles/resourcemanager.organizationViewer", (AUDITORS,)))
        | {"auditConfigs": [{"service": "allServices", "auditLogConfigs": logs}]},
    )
    company.say(f"{crm}/{FOLDER}:getIamPolicy", policy(("roles/viewer", (AUDITORS,))))
    for name, permissions in ROLES.items():
        company.say(f"iam/v1/{name}", {"name": name, "title": name, "includedPermissions": list(permissions)})
    company.below(
        f"logging/v2/{FOLDER}/sinks",
        "sinks",
        {"name": "folder", "destination": "storage.googleapis.com/acme-changes", "filter": CHANGES},
    )
    company.below(
        f"logging/v2/{organization}/sinks",
        "sinks",
        {
            "name": "changes",
            "destination": "storage.googleapis.com/acme-changes",
            "filter": CHANGES,
            "includeChildren": True,
        },
    )


def _person(company: Company, name: str, **changed: Any) -> dict[str, Any]:
    """Somebody with a second step, who was there yesterday."""
    return {
        "id": f"1000{int.from_bytes(name[:4].encode()):013}",
        "primaryEmail": f"{name}@acme.example",
        "isAdmin": False,
        "isDelegatedAdmin": False,
        "suspended": False,
        "archived": False,
        "isEnrolledIn2Sv": True,
        "isEnforcedIn2Sv": True,
        "creationTime": company.day(-900),
        "lastLoginTime": company.day(-1),
        **changed,
    }


def build(company: Company) -> None:
    """Make the roles, the programs and the audit logs of the project."""
    company.say(
        "cloudresourcemanager/v3/~:getIamPolicy",
        policy(
            ("roles/owner", (ALICE, CAROL)),
            ("roles/editor", (f"serviceAccount:{company.number}-compute@developer.gserviceaccount.com",)),
            ("roles/viewer", (ENGINEERS,)),
            ("roles/cloudkms.admin", (BOB,)),
            ("roles/cloudkms.cryptoKeyEncrypterDecrypter", (BOB, f"serviceAccount:{company.robot('web')}")),
            (f"{company.p}/roles/deployer", (f"serviceAccount:{company.robot('deploy')}",)),
            (f"{company.p}/roles/helper", (BOB,)),
            (f"{company.p}/roles/logKeeper", (AUDITORS,)),
        ),
    )
    for name, permissions in OWN_ROLES.items():
        role = {"name": f"{company.p}/roles/{name}", "title": name, "includedPermissions": list(permissions)}
        company.put("iam/v1/~/roles", role)
    _programs(company)
    _api_keys(company)
    audit_logs(company)
    _more_logs(company)


def _programs(company: Company) -> None:
    for name, keys in (
        (f"{company.number}-compute@developer.gserviceaccount.com", {}),
        (company.robot("web"), {}),
        (company.robot("deploy"), {"0a1b": (-40, 1), "0c2d": (-500, 300)}),
    ):
        full = f"{company.p}/serviceAccounts/{name}"
        company.put("iam/v1/~/serviceAccounts", {"name": full, "email": name, "uniqueId": "1"})
        made = [
            {
                "name": f"{full}/keys/{id_}",
                "validAfterTime": company.day(born),
                "validBeforeTime": "9999-12-31T23:59:59Z",
                "keyType": "USER_MANAGED",
            }
            for id_, (born, _) in keys.items()
        ]
        company.below(f"iam/v1/{full}/keys", "keys", *made)
        for id_, (_, used) in keys.items():
            company.put(
                "policyanalyzer/v1/~/locations/global/activityTypes/serviceAccountKeyLastAuthentication"
                "/activities:query",
                {
                    "fullResourceName": f"//iam.googleapis.com/{full}/keys/{id_}",
                    "activity": {"lastAuthenticatedTime": company.day(-used)},
                },
            )


def _api_keys(company: Company) -> None:
    limits = {
        "apiTargets": [{"service": "maps-backend.googleapis.com"}],
        "browserKeyRestrictions": {"allowedReferrers": ["shop.acme.example/*"]},
    }
    for name, born, restrictions in (("maps", -30, {"restrictions": limits}), ("trial", -700, {})):
        made = {"name": company.at("global", f"keys/{name}"), "displayName": name, "createTime": company.day(born)}
        company.put("apikeys/v2/~/locations/global/keys", {**made, **restrictions})


def audit_logs(company: Company) -> None:
    """What every project has: Google's own sinks, and the log buckets that they lead to."""
    for name, text, days in (("_Required", CHANGES, 400), ("_Default", f"NOT {CHANGES}", 30)):
        bucket = company.at("global", f"buckets/{name}")
        company.put(
            "logging/v2/~/sinks", {"name": name, "destination": f"logging.googleapis.com/{bucket}", "filter": text}
        )
        locked = {"locked": True} if name == "_Required" else {}
        company.put(
            "logging/v2/~/locations/-/buckets",
            {"name": bucket, "retentionDays": days, "lifecycleState": "ACTIVE", **locked},
        )


def _more_logs(company: Company) -> None:
    company.put("logging/v2/~/sinks", {"name": "archive", "destination": "storage.googleapis.com/acme-audit-logs"})
    bucket = {
        "name": company.at(REGION, "buckets/search"),
        "retentionDays": 400,
        "lifecycleState": "ACTIVE",
        "locked": True,
        "cmekSettings": {"kmsKeyName": KEY},
    }
    company.put("logging/v2/~/locations/-/buckets", bucket)
    company.put(
        "logging/v2/~/sinks",
        {"name": "search", "destination": f"logging.googleapis.com/{bucket['name']}", "filter": CHANGES},
    )
