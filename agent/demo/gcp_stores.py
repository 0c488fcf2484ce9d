"""The demo's data at Google: buckets, keys and secrets, machines with their disks, and the backups of all that."""

from __future__ import annotations

from typing import Any

from agent.demo.gcp_company import FAR, KEY, LINKS, REGION, ZONE, Company, policy

DAY_SECONDS = 86_400
EVERYTHING = "https://www.googleapis.com/auth/cloud-platform"


def build(company: Company) -> None:
    """Make everything that holds data, but for databases."""
    _buckets(company)
    _keys(company)
    _secrets(company)
    _machines(company)
    _images(company)
    _disks(company)
    _files_and_messages(company)
    _backups(company)


def bucket(company: Company, name: str, *readers: str, soft_delete: int = 7, **changed: Any) -> None:
    """A bucket that is closed unless something else is said."""
    said = {
        "name": name,
        "location": REGION.upper(),
        "locationType": "region",
        "iamConfiguration": {"publicAccessPrevention": "enforced", "uniformBucketLevelAccess": {"enabled": True}},
        "softDeletePolicy": {"retentionDurationSeconds": str(soft_delete * DAY_SECONDS)},
        **changed,
    }
    company.put(f"storage/storage/v1/b?project={company.project}", said)
    readers = readers or ("group:engineers@acme.example",)
    company.say(f"storage/storage/v1/b/{name}/iam", policy(("roles/storage.objectViewer", readers)))


def _buckets(company: Company) -> None:
    logged, own_key = {"logBucket": "acme-access-logs"}, {"defaultKmsKeyName": KEY}
    bucket(
        company,
        "acme-customer-data",
        location="EU",
        locationType="multi-region",
        versioning={"enabled": True},
        encryption=own_key,
        logging=logged,
        lifecycle={"rule": [{"action": {"type": "Delete"}, "condition": {"numNewerVersions": 5}}]},
    )
    locked = {"retentionPeriod": str(400 * DAY_SECONDS), "isLocked": True}
    bucket(company, "acme-audit-logs", retentionPolicy=locked, logging=logged, encryption=own_key)
    bucket(company, "acme-changes")
    bucket(company, "acme-access-logs")
    opened = {"publicAccessPrevention": "inherited", "uniformBucketLevelAccess": {"enabled": False}}
    bucket(company, "acme-website", "allUsers", soft_delete=0, iamConfiguration=opened)


def _keys(company: Company) -> None:
    places = [{"name": f"{company.p}/locations/{place}", "locationId": place} for place in ("global", REGION)]
    company.put("cloudkms/v1/~/locations", *places)
    ring = KEY.partition("/cryptoKeys/")[0]
    company.below("cloudkms/v1/~/locations/global/keyRings", "keyRings")
    company.below(f"cloudkms/v1/{company.at(REGION, 'keyRings')}", "keyRings", {"name": ring})
    company.say(f"cloudkms/v1/{ring}:getIamPolicy", policy(("roles/cloudkms.viewer", ("group:auditors@acme.example",))))
    keys = []
    for name, rotation, users, doomed in (
        ("data", {"rotationPeriod": f"{90 * DAY_SECONDS}s"}, f"serviceAccount:{company.robot('web')}", ()),
        ("legacy", {}, "allAuthenticatedUsers", (company.day(12),)),
    ):
        full = f"{ring}/cryptoKeys/{name}"
        primary = {"name": f"{full}/cryptoKeyVersions/1", "state": "ENABLED"}
        template = {"protectionLevel": "SOFTWARE", "algorithm": "GOOGLE_SYMMETRIC_ENCRYPTION"}
        keys.append(
            {"name": full, "purpose": "ENCRYPT_DECRYPT", "primary": primary, "versionTemplate": template, **rotation}
        )
        versions = [{"name": f"{full}/cryptoKeyVersions/0", "destroyTime": day} for day in doomed]
        company.below(f"cloudkms/v1/{full}/cryptoKeyVersions", "cryptoKeyVersions", *versions)
        company.say(
            f"cloudkms/v1/{full}:getIamPolicy", policy(("roles/cloudkms.cryptoKeyEncrypterDecrypter", (users,)))
        )
    company.below(f"cloudkms/v1/{ring}/cryptoKeys", "cryptoKeys", *keys)


def _secrets(company: Company) -> None:
    yearly = {"rotation": {"rotationPeriod": f"{180 * DAY_SECONDS}s"}, "expireTime": company.day(200)}
    for name, age, said in (("payment-api", 60, yearly), ("smtp", 900, {})):
        full = f"{company.p}/secrets/{name}"
        company.put("secretmanager/v1/~/secrets", {"name": full, "createTime": company.day(-age), **said})
        company.say(
            f"secretmanager/v1/{full}/versions/latest",
            {"name": f"{full}/versions/1", "createTime": company.day(-age), "state": "ENABLED"},
        )


def _machines(company: Company) -> None:
    web = {
        "networkInterfaces": [{"name": "nic0", "networkIP": "10.0.0.2"}],
        "shieldedInstanceConfig": {"enableSecureBoot": True, "enableVtpm": True},
        "confidentialInstanceConfig": {"enableConfidentialCompute": True},
        "serviceAccounts": [{"email": company.robot("web"), "scopes": [EVERYTHING]}],
        "metadata": {"items": [{"key": "block-project-ssh-keys", "value": "true"}]},
    }
    batch = {
        "networkInterfaces": [{"name": "nic0", "accessConfigs": [{"type": "ONE_TO_ONE_NAT", "natIP": "203.0.113.40"}]}],
        "canIpForward": True,
        "serviceAccounts": [
            {"email": f"{company.number}-compute@developer.gserviceaccount.com", "scopes": [EVERYTHING]}
        ],
        "metadata": {
            "items": [{"key": "enable-oslogin", "value": "FALSE"}, {"key": "serial-port-enable", "value": "1"}]
        },
    }
    for name, id_, said in (("web-1", "1001", web), ("batch", "1002", batch)):
        company.compute(f"zones/{ZONE}", "instances", name, id=id_, status="RUNNING", **said)
    metadata = {"items": [{"key": "enable-oslogin", "value": "TRUE"}]}
    company.say("compute/compute/v1/~", {"name": company.project, "commonInstanceMetadata": metadata})


def _images(company: Company) -> None:
    for name, users in (("golden", "group:engineers@acme.example"), ("trial", "allAuthenticatedUsers")):
        company.compute("global", "images", name, status="READY")
        company.say(
            f"compute/compute/v1/~/global/images/{name}/getIamPolicy", policy(("roles/compute.imageUser", (users,)))
        )


def _disks(company: Company) -> None:
    nightly = company.compute(
        f"regions/{REGION}",
        "resourcePolicies",
        "nightly",
        region=f"{LINKS}/{company.p}/regions/{REGION}",
        snapshotSchedulePolicy={
            "retentionPolicy": {"maxRetentionDays": 14},
            "snapshotProperties": {"storageLocations": [FAR]},
        },
    )
    company.compute(
        f"regions/{REGION}",
        "resourcePolicies",
        "briefly",
        region=f"{LINKS}/{company.p}/regions/{REGION}",
        snapshotSchedulePolicy={
            "retentionPolicy": {"maxRetentionDays": 2},
            "snapshotProperties": {"storageLocations": [REGION]},
        },
    )
    for number, (name, machine, age, said) in enumerate(
        (
            ("web-1", "web-1", 1, {"diskEncryptionKey": {"kmsKeyName": KEY}, "resourcePolicies": [nightly]}),
            ("batch", "batch", 38, {}),
            ("spare", "", None, {}),
        )
    ):
        users = [f"{LINKS}/{company.p}/zones/{ZONE}/instances/{machine}"] if machine else []
        disk = {"id": str(700 + number), "status": "READY", **({"users": users} if users else {}), **said}
        company.compute(f"zones/{ZONE}", "disks", name, **disk)
        if age is not None:
            made = {"sourceDiskId": disk["id"], "status": "READY", "creationTimestamp": company.day(-age)}
            company.compute("global", "snapshots", f"{name}-{age}", **made)


def _files_and_messages(company: Company) -> None:
    for name, said in (("contracts", {"kmsKeyName": KEY}), ("scratch", {})):
        company.put(
            "file/v1/~/locations/-/instances", {"name": company.at(ZONE, f"instances/{name}"), "state": "READY", **said}
        )
    for name, said in (
        ("orders", {"kmsKeyName": KEY, "messageRetentionDuration": "604800s"}),
        ("clicks", {"messageRetentionDuration": "86400s"}),
        ("jobs", {}),
    ):
        company.put("pubsub/v1/~/topics", {"name": f"{company.p}/topics/{name}", **said})


def _backups(company: Company) -> None:
    dr, vaults = "backupdr/v1/~/locations/-", {}
    for name, place, days, said in (
        ("acme-far", FAR, 30, {"encryptionConfig": {"kmsKeyName": KEY}}),
        ("acme-near", REGION, 0, {}),
    ):
        vaults[name] = company.at(place, f"backupVaults/{name}")
        kept = {"name": vaults[name], "backupMinimumEnforcedRetentionDuration": f"{days * DAY_SECONDS}s"}
        company.put(f"{dr}/backupVaults", {**kept, **said})
    for name, vault, days in (("daily", "acme-far", 60), ("shortly", "acme-near", 3)):
        rule = {"ruleId": "all", "backupRetentionDays": days}
        company.put(
            f"{dr}/backupPlans",
            {
                "name": company.at(REGION, f"backupPlans/{name}"),
                "backupVault": vaults[vault],
                "backupRules": [rule],
            },
        )
    disk = f"{company.p}/zones/{ZONE}/disks/web-1"
    company.put(
        f"{dr}/backupPlanAssociations",
        {
            "name": company.at(REGION, "backupPlanAssociations/web-1"),
            "resource": disk,
            "backupPlan": company.at(REGION, "backupPlans/daily"),
        },
    )
    for name, age in (("web-1", 0.5), ("batch", 20)):
        source = {
            "name": f"{vaults['acme-far']}/dataSources/{name}",
            "dataSourceGcpResource": {
                "gcpResourcename": f"{company.p}/zones/{ZONE}/disks/{name}",
                "type": "compute.googleapis.com/Disk",
                "location": ZONE,
            },
            "backupConfigInfo": {"lastSuccessfulBackupConsistencyTime": company.day(-age)},
        }
        company.put(f"{dr}/backupVaults/-/dataSources", source)
