"""Key Vaults with their keys and secrets, by what Resource Manager tells of them: attributes, never a value."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

from collectors.api import Body, Collector, Document, Then
from collectors.azure.diagnostics import destination, settings_of
from collectors.azure.durations import days
from collectors.azure.endpoints import admitted, private_endpoints
from collectors.azure.kinds import of_resource, of_subscription
from collectors.azure.resources import is_on, name_of, place_of, properties, uid_of
from collectors.azure.session import Reader
from collectors.documents import Documents
from collectors.facts.core import Fact
from collectors.facts.data_access import Certificate, DataEndpoint, KeyVault
from collectors.facts.stores import EncryptionKey, Secret

TYPE = "Microsoft.KeyVault/vaults"
VERSION = "2023-07-01"

VAULT = of_subscription("azure.keyvault.vault", TYPE, VERSION)
LOGGING = settings_of("azure.keyvault.logging")
KEY = of_resource("azure.keyvault.key_listed", f"{TYPE}/keys", VERSION, below="keys", items="value", within=VAULT)
KEY_DETAIL = of_resource("azure.keyvault.key", f"{TYPE}/keys", VERSION, below="keys/{key}")
SECRET = of_resource("azure.keyvault.secret", f"{TYPE}/secrets", VERSION, below="secrets", items="value", within=VAULT)
USES = "AuditEvent"
"""The category of log entries that tells who used what."""
CERTIFICATES = ("application/x-pkcs12", "application/x-pem-file")
"""What a secret holds that a vault keeps for a certificate; Resource Manager lists no certificates by themselves."""
VAULT_TLS = "1.2"
"""What every vault demands, with nothing to set: Key Vault, "Secure access to a key vault", TLS and HTTPS."""


def fetch(azure: Reader) -> Iterator[Document | Then]:
    """Every vault, where its log goes, and what is in it."""
    for vault in azure.listing(VAULT):
        uid = uid_of(vault)
        yield azure.document(VAULT, uid, vault)
        yield Then(logging, (uid,), f"{uid}/{LOGGING.operation}")
        yield Then(keys, (uid,), f"{uid}/{KEY.operation}")
        yield Then(secrets, (uid,), f"{uid}/{SECRET.operation}")


def logging(azure: Reader, uid: str) -> Iterator[Document]:
    """The diagnostic settings of one vault."""
    yield from azure.gather(LOGGING, uid, id=uid)


def keys(azure: Reader, vault: str) -> Iterator[Document | Then]:
    """Every key of one vault.  Only the answer about a single key holds its rotation policy."""
    for key in azure.listing(KEY, within=vault, id=vault):
        uid = uid_of(key)
        yield azure.document(KEY, uid, key)
        yield Then(detail, (vault, name_of(key), uid), f"{uid}/{KEY_DETAIL.operation}")


def detail(azure: Reader, vault: str, name: str, uid: str) -> Iterator[Document]:
    """One key with its rotation policy."""
    yield from azure.read(KEY_DETAIL, uid, id=vault, key=name)


def secrets(azure: Reader, vault: str) -> Iterator[Document]:
    """Every secret of one vault; Resource Manager never answers the value."""
    for secret in azure.listing(SECRET, within=vault, id=vault):
        yield azure.document(SECRET, uid_of(secret), secret)


def shape(docs: Documents) -> Iterator[Fact]:
    """The vault as a place of keys and as an address, and each key, secret and certificate in it."""
    for vault in docs.of(VAULT):
        yield _vault(docs, vault)
        yield _endpoint(docs, vault)
    for key in docs.of(KEY):
        yield _key(docs, key)
    for secret in docs.of(SECRET):
        yield _certificate(docs, secret) if holds_certificate(secret.body) else _secret(docs, secret)


def _vault(docs: Documents, vault: Document) -> KeyVault:
    return KeyVault(
        resource=docs.resource("key_vault", vault.uid, name_of(vault.body), place_of(vault.body)),
        documents=docs.about(vault.uid),
        recoverable=docs.field(VAULT, vault, recoverable),
        purge_protected=docs.field(VAULT, vault, purge_protected),
        audit_log_to=docs.value(LOGGING, vault.uid, lambda body: destination(body, USES)),
    )


def _endpoint(docs: Documents, vault: Document) -> DataEndpoint:
    return DataEndpoint(
        resource=docs.resource("key_vault", vault.uid, name_of(vault.body), place_of(vault.body)),
        documents=docs.about(vault.uid),
        service="key vault",
        requires_tls=True,  # vaults answer HTTPS only
        minimum_tls=VAULT_TLS,
        open_ranges=docs.field(VAULT, vault, lambda body: admitted(properties(body))),
        # The exception for "trusted services" lets in named services of Azure, not what customers run there.
        admits_provider=False,
        private_endpoints=docs.field(VAULT, vault, private_endpoints),
    )


def _key(docs: Documents, key: Document) -> EncryptionKey:
    uid = key.uid
    return EncryptionKey(
        resource=docs.resource("encryption_key", uid, _full_name(uid), place_of(key.body)),
        documents=docs.about(uid),
        customer_managed=True,  # Azure keeps its own keys elsewhere
        enabled=docs.field(KEY, key, enabled),
        rotatable=True,  # a vault makes new versions of keys of every kind
        rotates=docs.value(KEY_DETAIL, uid, lambda body: rotation_days(body) is not None),
        rotation_days=docs.value(KEY_DETAIL, uid, rotation_days),
        deletion_date=None,  # a key that awaits its end is in the list of deleted keys, and no longer in this one
    )


def _secret(docs: Documents, secret: Document) -> Secret:
    # Attributes are those of the version in force, so that it was made when the value was put in.
    made = docs.field(SECRET, secret, lambda body: moment(attributes(body)["created"]))
    return Secret(
        resource=docs.resource("secret", secret.uid, _full_name(secret.uid), place_of(secret.body)),
        documents=docs.about(secret.uid),
        rotates=False,  # a vault rotates keys and certificates; for a secret it can only send a reminder
        rotation_days=None,
        changed=made,
        created=made,
        enabled=docs.field(SECRET, secret, enabled),
        can_expire=True,
        expires=docs.field(SECRET, secret, expiry),
    )


def _certificate(docs: Documents, secret: Document) -> Certificate:
    return Certificate(
        resource=docs.resource("certificate", secret.uid, _full_name(secret.uid), place_of(secret.body)),
        documents=docs.about(secret.uid),
        enabled=docs.field(SECRET, secret, enabled),
        # The secret that holds a certificate ends with it.
        expires=docs.field(SECRET, secret, lambda body: moment(attributes(body)["exp"])),
    )


def holds_certificate(body: Body) -> bool:
    """A secret that a vault keeps for a certificate: its key and the certificate itself, in one of two forms."""
    return body.get("properties", {}).get("contentType") in CERTIFICATES


def _full_name(uid: str) -> str:
    """`vault/name`: keys of different vaults often have the same name."""
    parts = uid.split("/")
    return f"{parts[-3]}/{parts[-1]}"


def attributes(body: Body) -> Body:
    """What is told of a key or a secret.  Raises KeyError where the answer has none."""
    found: Body = properties(body)["attributes"]
    return found


def enabled(body: Body) -> bool:
    """It can be used."""
    return is_on(attributes(body)["enabled"])


def moment(seconds: object) -> datetime:
    """A time that is given in seconds since 1970.  Raises TypeError for anything but a whole number."""
    if not isinstance(seconds, int):
        raise TypeError(f"{seconds!r} is no number of seconds")
    return datetime.fromtimestamp(seconds, UTC)


def expiry(body: Body) -> datetime | None:
    """When it stops working; the provider leaves the date out when none was set."""
    seconds = attributes(body).get("exp")
    return None if seconds is None else moment(seconds)


def recoverable(body: Body) -> bool:
    """Soft delete is on.  Left out, it is: Key Vault resource provider, `enableSoftDelete`, default true."""
    return properties(body).get("enableSoftDelete") is not False


def purge_protected(body: Body) -> bool:
    """Nobody can purge.  Left out, anybody with the right can; and without soft delete there is nothing to protect."""
    return recoverable(body) and properties(body).get("enablePurgeProtection") is True


def rotation_days(body: Body) -> int | None:
    """Days between two rotations; None when no action rotates.  The policy is left out where there is none.

    Raises ValueError for a rotation before an end that the policy does not set.
    """
    policy = properties(body).get("rotationPolicy") or {}
    for each in policy.get("lifetimeActions") or ():
        if str(each["action"]["type"]).lower() != "rotate":
            continue
        trigger = each["trigger"]
        if after := trigger.get("timeAfterCreate"):
            return days(after)
        return days(policy["attributes"]["expiryTime"]) - days(trigger["timeBeforeExpiry"])
    return None


COLLECTOR = Collector(
    id="azure.key_vaults",
    title="Key Vaults, their keys, secrets and certificates",
    scope="global",
    kinds=(VAULT, LOGGING, KEY, KEY_DETAIL, SECRET),
    emits={KeyVault: VAULT, DataEndpoint: VAULT, EncryptionKey: KEY, Secret: SECRET, Certificate: SECRET},
    source=f"Azure Key Vault resource provider {VERSION}; Azure Monitor diagnostic settings",
    fetch=fetch,
    shape=shape,
)
