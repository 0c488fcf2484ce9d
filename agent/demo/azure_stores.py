"""The demo's data in Azure: storage accounts, vaults, disks and machines, messages, and the backups of all that."""

from __future__ import annotations

from typing import Any

from agent.demo.azure_company import VAULT, Company

DISKS = "Microsoft.Compute/disks"


def build(company: Company) -> None:
    """Make everything that holds data, but for databases."""
    _accounts(company)
    _vaults(company)
    _machines(company)
    _images(company)
    _disks(company)
    _messages(company)
    _recovery_vaults(company)
    _backup_vaults(company)


def _accounts(company: Company) -> None:
    closed: dict[str, Any] = {"publicNetworkAccess": "Disabled", "allowSharedKeyAccess": False}
    key = {
        "keySource": "Microsoft.Keyvault",
        "keyvaultproperties": {"keyvaulturi": VAULT, "keyname": "data"},
        "requireInfrastructureEncryption": True,
    }
    connection = {"properties": {"privateLinkServiceConnectionState": {"status": "Approved"}}}
    data = _account(
        company, "prod", "acmedata", key, sku="Standard_GRS", privateEndpointConnections=[connection], **closed
    )
    company.logs(f"{data}/blobServices/default", "StorageRead", "StorageWrite", "StorageDelete")
    locked = {"properties": {"state": "Locked", "immutabilityPeriodSinceCreationInDays": 400}}
    company.put(
        f"{data}/blobServices/default/containers/orders", {"publicAccess": "None", "immutabilityPolicy": locked}
    )
    rule = {
        "name": "old",
        "enabled": True,
        "definition": {"actions": {"baseBlob": {"delete": {"daysAfterModificationGreaterThan": 2555}}}},
    }
    company.put(f"{data}/managementPolicies/default", {"policy": {"rules": [rule]}})
    company.put(f"{data}/fileServices/default/shares/contracts", {"accessTier": "Hot", "shareQuota": 100})

    archive = _account(company, "ops", "acmelogs", {}, **closed)
    company.logs(f"{archive}/blobServices/default", "StorageRead", "StorageWrite", "StorageDelete")
    company.put(
        f"{archive}/blobServices/default/containers/insights-activity-logs",
        {"publicAccess": "None", "immutabilityPolicy": locked},
    )

    open_ = _account(
        company,
        "web",
        "acmewebsite",
        {},
        versioned=False,
        supportsHttpsTrafficOnly=False,
        allowBlobPublicAccess=True,
        minimumTlsVersion="TLS1_0",
    )
    company.put(f"{open_}/blobServices/default/containers/assets", {"publicAccess": "Blob"})


def _account(
    company: Company,
    group: str,
    name: str,
    encryption: dict[str, Any],
    *,
    sku: str = "Standard_ZRS",
    versioned: bool = True,
    **changed: Any,
) -> str:
    """A storage account with its blobs and files."""
    services = {each: {"enabled": True, "keyType": "Account"} for each in ("blob", "file")}
    said = {
        "supportsHttpsTrafficOnly": True,
        "allowBlobPublicAccess": False,
        "minimumTlsVersion": "TLS1_2",
        "publicNetworkAccess": "Enabled",
        "networkAcls": {"defaultAction": "Allow", "ipRules": []},
        "encryption": {"keySource": "Microsoft.Storage", "services": services, **encryption},
        "keyCreationTime": {"key1": company.day(-40), "key2": company.day(-500)},
        "primaryLocation": "westeurope",
        **({"secondaryLocation": "northeurope"} if "GRS" in sku else {}),
        **changed,
    }
    id_ = company.put(f"{group}/Microsoft.Storage/storageAccounts/{name}", said, sku={"name": sku}, kind="StorageV2")
    kept = {"enabled": versioned, **({"days": 30} if versioned else {})}
    company.put(
        f"{id_}/blobServices/default", {"isVersioningEnabled": versioned, "containerDeleteRetentionPolicy": kept}
    )
    return id_


def _vaults(company: Company) -> None:
    def entry(id_: str, attributes: dict[str, Any], **said: Any) -> None:
        made = {"enabled": True, "created": company.second(-100), "updated": company.second(-100)}
        company.put(id_, {"attributes": {**made, **attributes}, **said}, location="westeurope")

    keys = company.put(
        "ops/Microsoft.KeyVault/vaults/acme-keys",
        {"enableSoftDelete": True, "enablePurgeProtection": True, "publicNetworkAccess": "Disabled"},
    )
    company.logs(keys, "AuditEvent")
    yearly = {
        "attributes": {"expiryTime": "P1Y"},
        "lifetimeActions": [{"action": {"type": "Rotate"}, "trigger": {"timeBeforeExpiry": "P30D"}}],
    }
    entry(f"{keys}/keys/data", {"exp": company.second(265)}, rotationPolicy=yearly)
    entry(f"{keys}/keys/legacy", {})
    shop = company.put(
        "prod/Microsoft.KeyVault/vaults/acme-shop",
        {"enableSoftDelete": True, "publicNetworkAccess": "Enabled"},
    )
    entry(f"{shop}/secrets/payment-api", {"exp": company.second(60)})
    entry(f"{shop}/secrets/smtp", {"created": company.second(-900)})
    entry(
        f"{shop}/secrets/www", {"exp": company.second(20)}, contentType="application/x-pkcs12"
    )  # kept for a certificate


def _machines(company: Company) -> None:
    trusted = {"securityType": "TrustedLaunch", "uefiSettings": {"secureBootEnabled": True, "vTpmEnabled": True}}
    for name, security in (("web-1", trusted), ("batch", None)):
        managed = {"name": f"{name}-os", "managedDisk": {"id": company.id(f"prod/{DISKS}/{name}-os")}}
        file = {"name": "old", "vhd": {"uri": "https://acmewebsite.blob.core.windows.net/vhds/old.vhd"}}
        storage = {"osDisk": managed, "dataDisks": [] if security else [file]}
        own = {"enableIPForwarding": security is None}
        interface = {"id": company.put(f"prod/Microsoft.Network/networkInterfaces/{name}", own)}
        said = {"storageProfile": storage, "networkProfile": {"networkInterfaces": [interface]}}
        company.put(
            f"prod/Microsoft.Compute/virtualMachines/{name}",
            {**said, **({"securityProfile": security} if security else {})},
        )
    model = {
        "securityProfile": {**trusted, "securityType": "ConfidentialVM"},
        "storageProfile": {"osDisk": {"createOption": "FromImage", "managedDisk": {}}},
        "networkProfile": {"networkInterfaceConfigurations": [{"name": "first", "properties": {"primary": True}}]},
    }
    company.put("prod/Microsoft.Compute/virtualMachineScaleSets/workers", {"virtualMachineProfile": model})


def _images(company: Company) -> None:
    for name, said in (("acme", {}), ("acmetools", {"sharingProfile": {"permissions": "Community"}})):
        company.put(f"prod/Microsoft.Compute/galleries/{name}", said)


def _disks(company: Company) -> None:
    key = {"keyUrl": f"{VAULT}/keys/data/0123456789abcdef"}
    set_ = company.put("prod/Microsoft.Compute/diskEncryptionSets/disks", {"activeKey": key})
    own = {"type": "EncryptionAtRestWithCustomerKey", "diskEncryptionSetId": set_}
    azures = {"type": "EncryptionAtRestWithPlatformKey"}
    for name, encryption, machine in (("web-1-os", own, "web-1"), ("batch-os", azures, "batch"), ("spare", azures, "")):
        holder = {"managedBy": company.id(f"prod/Microsoft.Compute/virtualMachines/{machine}")} if machine else {}
        disk = company.put(
            f"prod/{DISKS}/{name}", {"encryption": encryption, "creationData": {"createOption": "Empty"}}, **holder
        )
        for age in (1, 8) if machine else ():
            said = {
                "creationData": {"createOption": "Copy", "sourceResourceId": disk},
                "encryption": encryption,
                "provisioningState": "Succeeded",
                "timeCreated": company.day(-age - (30 if encryption is azures else 0)),
            }
            company.put(f"prod/Microsoft.Compute/snapshots/{name}-{age}", said)


def _messages(company: Company) -> None:
    key = {"keySource": "Microsoft.KeyVault", "keyVaultProperties": [{"keyVaultUri": VAULT, "keyName": "data"}]}
    company.put("prod/Microsoft.ServiceBus/namespaces/acme-events", {"encryption": key}, sku={"name": "Premium"})
    company.put("web/Microsoft.ServiceBus/namespaces/acme-jobs", {}, sku={"name": "Basic"})
    for name, said, addresses, hours in (
        ("acme-orders", {"minimumTlsVersion": "1.2", "publicNetworkAccess": "Enabled"}, ["203.0.113.16/28"], 168),
        ("acme-clicks", {"minimumTlsVersion": "1.0", "publicNetworkAccess": "Enabled"}, [], 24),
    ):
        id_ = company.put(f"prod/Microsoft.EventHub/namespaces/{name}", said, sku={"name": "Standard"})
        rules = [{"ipMask": each, "action": "Allow"} for each in addresses]
        admits = {"publicNetworkAccess": "Enabled", "defaultAction": "Deny" if rules else "Allow", "ipRules": rules}
        company.put(f"{id_}/networkRuleSets/default", admits)
        kept = {"retentionDescription": {"cleanupPolicy": "Delete", "retentionTimeInHours": hours}}
        company.put(f"{id_}/eventhubs/all", {"messageRetentionInDays": hours // 24, **kept})


def _recovery_vaults(company: Company) -> None:
    settings = {
        "softDeleteSettings": {"softDeleteState": "AlwaysON", "softDeleteRetentionPeriodInDays": 30},
        "immutabilitySettings": {"state": "Locked"},
    }
    vault = company.put(
        "ops/Microsoft.RecoveryServices/vaults/acme-recovery",
        {
            "redundancySettings": {"standardTierStorageRedundancy": "GeoRedundant"},
            "securitySettings": settings,
            "encryption": {"keyVaultProperties": {"keyUri": f"{VAULT}/keys/data"}},
        },
    )
    for name, days, items in (("daily", 60, 1), ("shortly", 7, 0)):
        kept = {"dailySchedule": {"retentionDuration": {"count": days, "durationType": "Days"}}}
        said = {"backupManagementType": "AzureIaasVM", "retentionPolicy": kept, "protectedItemsCount": items}
        company.put(f"{vault}/backupPolicies/{name}", said)
    machine = {
        "backupManagementType": "AzureIaasVM",
        "friendlyName": "web-1",
        "sourceResourceId": company.id("prod/Microsoft.Compute/virtualMachines/web-1"),
        "protectionState": "Protected",
        "lastBackupStatus": "Completed",
        "lastBackupTime": company.day(-0.4),
        "lastRecoveryPoint": company.day(-0.5),
    }
    company.put(f"{vault}/backupProtectedItems/vm-web-1", machine)
    share = {
        "backupManagementType": "AzureStorage",
        "friendlyName": "contracts",
        "sourceResourceId": company.id("prod/Microsoft.Storage/storageAccounts/acmedata"),
        "protectionState": "Protected",
        "lastBackupStatus": "Completed",
        "lastBackupTime": company.day(-20),
    }
    company.put(f"{vault}/backupProtectedItems/share-contracts", share)
    job = {
        "operation": "Restore",
        "status": "Completed",
        "entityFriendlyName": "web-1",
        "endTime": company.day(-45),
    }
    company.put(f"{vault}/backupJobs/restore-web-1", job)


def _backup_vaults(company: Company) -> None:
    vault = company.put(
        "ops/Microsoft.DataProtection/backupVaults/acme-backup",
        {
            "storageSettings": [{"datastoreType": "VaultStore", "type": "LocallyRedundant"}],
            "securitySettings": {"softDeleteSettings": {"state": "Off", "retentionDurationInDays": 14}},
        },
    )
    step = {"deleteAfter": {"objectType": "AbsoluteDeleteOption", "duration": "P35D"}}
    rules = [
        {"objectType": "AzureBackupRule", "name": "Daily"},
        {"objectType": "AzureRetentionRule", "name": "Default", "lifecycles": [step]},
    ]
    plan = company.put(f"{vault}/backupPolicies/disks", {"policyRules": rules})
    disk = company.id(f"prod/{DISKS}/batch-os")
    source = {"resourceID": disk, "datasourceType": DISKS}
    company.put(f"{vault}/backupInstances/batch-os", {"dataSourceInfo": source, "policyInfo": {"policyId": plan}})
    for name, category, age in (("backup-1", "Backup", 1), ("backup-2", "Backup", 2), ("restore-1", "Restore", 30)):
        said = {
            "operationCategory": category,
            "dataSourceId": disk,
            "backupInstanceFriendlyName": "batch-os",
            "status": "Failed" if category == "Restore" else "Completed",
            "startTime": company.day(-age),
            "endTime": company.day(0.05 - age),
        }
        company.put(f"{vault}/backupJobs/{name}", said)
