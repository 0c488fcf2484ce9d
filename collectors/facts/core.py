"""What every fact is made of: a resource, its value or the reason why it could not be read."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar


class Reason(StrEnum):
    """Why something that should have been read was not (the gap's reason code)."""

    AGENT_DOWN = "AGENT_DOWN"
    PERMISSION_DENIED = "PERMISSION_DENIED"
    CREDENTIAL_EXPIRED = "CREDENTIAL_EXPIRED"
    ACCOUNT_UNREACHABLE = "ACCOUNT_UNREACHABLE"
    ACCOUNT_NOT_ONBOARDED = "ACCOUNT_NOT_ONBOARDED"
    REGION_NOT_SCANNED = "REGION_NOT_SCANNED"
    SERVICE_UNSUPPORTED = "SERVICE_UNSUPPORTED"
    THROTTLED = "THROTTLED"
    PARTIAL_LISTING = "PARTIAL_LISTING"
    CHECK_ERROR = "CHECK_ERROR"
    LICENCE_MISSING = "LICENCE_MISSING"
    INTEGRITY_FAILED = "INTEGRITY_FAILED"
    CLOCK_UNTRUSTED = "CLOCK_UNTRUSTED"
    EXCLUDED_BY_CONFIG = "EXCLUDED_BY_CONFIG"


@dataclass(frozen=True, slots=True)
class Unread:
    """Stands where a value should be: it was not read, so it is neither true nor false.

    A field's type is `T | Unread` and not `T | None`, because None already means something to many settings
    (no customer key, never expires) and "we could not look" must never be mistaken for it.
    """

    reason: Reason
    operation: str
    """The provider's operation, `s3:GetBucketEncryption`."""
    permission: str
    """What the agent's role lacks, or would need, to read it: `s3:GetEncryptionConfiguration`."""
    error: str = ""
    """The provider's own error code, or what was wrong with the answer."""

    @property
    def why(self) -> str:
        """One line that an auditor can quote and a DevOps engineer can act on."""
        said = f" ({self.error})" if self.error and self.error != self.reason else ""
        return f"{self.operation} was not read: {self.reason}{said}; needs {self.permission}"


@dataclass(frozen=True, slots=True, order=True)
class Resource:
    """The thing that a fact is about and that a finding names."""

    cloud: str
    account: str
    region: str
    """The provider's region, or `global`."""
    type: str
    """Neutral type in snake case: `object_store`, `user`, `database`."""
    uid: str
    """The provider's identifier, unique in the account: an ARN wherever there is one."""
    name: str
    """What people call it."""


@dataclass(frozen=True, slots=True, order=True)
class DocumentRef:
    """The identity of one document in the store."""

    kind: str
    uid: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """A statement about one resource, with the documents it was shaped from."""

    clouds: ClassVar[tuple[str, ...]] = ()
    """The only clouds in which there is such a thing; elsewhere a check of it is not applicable.  Empty: everywhere."""

    resource: Resource
    documents: tuple[DocumentRef, ...]

    @classmethod
    def exists_in(cls, cloud: str) -> bool:
        """Whether there is such a thing in a cloud at all."""
        return not cls.clouds or cloud in cls.clouds
