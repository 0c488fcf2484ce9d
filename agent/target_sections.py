"""The `[[targets]]` tables of the settings file, one class for each cloud."""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import Field, field_validator, model_validator

from agent.sections import ADDRESS, Schedule, Section

_GUID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_LOOPBACK = re.compile(r"http://(?:localhost|127\.0\.0\.1|\[::1\])(?::[0-9]{1,5})?(?:/\S*)?$")


class Target(Section):
    """What every target says, whatever its cloud."""

    name: str = Field(description="The company's own name for the account, used in findings and alerts.")
    owner: str = Field("", description="Who answers for the account; alerts can be routed by it.")
    concurrency: int = Field(16, ge=1, le=64, description="Calls under way at once.")
    attempts: int = Field(6, ge=1, le=20, description="How often a call is tried before it becomes a gap.")
    rates: dict[str, float] = Field(
        {}, description='Most calls a second by service and region, such as { iam = 10 }; "*" is for all others.'
    )
    schedule: Schedule | None = Field(None, description="When this target is read, if not as the others are.")

    @property
    def expands(self) -> bool:
        """It stands for more accounts than one, which have to be asked for."""
        return False

    @property
    def has_own(self) -> bool:
        """It is an account itself, beside those that it stands for."""
        return True

    @property
    def named(self) -> tuple[str, ...]:
        """Accounts that are to be read whether a listing has them or not."""
        return ()

    @property
    def excluded(self) -> tuple[str, ...]:
        """Accounts that are not to be read."""
        return ()

    def reads(self, account: str) -> bool:
        """Whether an account that it stands for is to be read."""
        return account not in self.excluded

    @field_validator("name")
    @classmethod
    def _check_name(cls, value: str) -> str:
        if not value.strip() or "/" in value:
            message = "is empty or has a slash, which stands between an organization and its accounts"
            raise ValueError(message)
        return value

    @field_validator("rates")
    @classmethod
    def _check_rates(cls, value: dict[str, float]) -> dict[str, float]:
        for service, rate in value.items():
            if not rate > 0:
                message = f"{service} has {rate:g} calls a second; write a number above 0"
                raise ValueError(message)
        return value


class AwsTarget(Target):
    """One AWS account, or an organization of them."""

    cloud: Literal["aws"]
    regions: tuple[str, ...] | Literal["enabled"] = Field(
        ("us-east-1",),
        description='Regions to read, or "enabled" for every region that the account has enabled.',
    )
    role_arn: str | None = Field(None, description="Read-only role to assume; without it the credential chain's own.")
    external_id: str | None = Field(None, description="External id that the trust policies of the roles ask for.")
    profile: str | None = Field(None, description="Profile of the AWS configuration files.")
    endpoint: str | None = Field(None, description="Another address for every service (tests, private endpoints).")
    organization: bool = Field(
        default=False,
        description="Also read every account of the AWS organization that this account manages or administers.",
    )
    member_role: str = Field(
        "ProofkeepRead", description="Name of the read-only role in each account of the organization."
    )
    exclude_accounts: tuple[str, ...] = Field(
        (), description="Accounts of the organization that are not read; each is disclosed as a gap in every run."
    )

    @property
    def expands(self) -> bool:
        """It stands for all accounts of its organization."""
        return self.organization

    @property
    def excluded(self) -> tuple[str, ...]:
        """Accounts of the organization that are not to be read."""
        return self.exclude_accounts

    @field_validator("endpoint")
    @classmethod
    def _check_endpoint(cls, value: str | None) -> str | None:
        if value is not None and not ADDRESS.fullmatch(value):
            message = "is no address; write https://host or https://host:port"
            raise ValueError(message)
        return value

    @field_validator("regions")
    @classmethod
    def _check_regions(cls, value: tuple[str, ...] | str) -> tuple[str, ...] | str:
        if not value:
            message = 'names no region; write at least one, or "enabled"'
            raise ValueError(message)
        return value

    @field_validator("exclude_accounts")
    @classmethod
    def _check_accounts(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for account in value:
            if not re.fullmatch(r"[0-9]{12}", account):
                message = f"{account!r} is no account id; write its twelve digits in quotes"
                raise ValueError(message)
        return value


class AzureTarget(Target):
    """One Entra directory (tenant) and its Azure subscriptions."""

    cloud: Literal["azure"]
    tenant_id: str = Field(description="Id of the directory (tenant).")
    subscriptions: tuple[str, ...] | Literal["all"] = Field(
        "all",
        description='Ids of the subscriptions to read, or "all" that the identity may see.  Those that it sees and '
        "that are not read are disclosed as gaps in every run.",
    )
    management_group: str = Field("", description='With "all": only the subscriptions below this management group.')
    exclude_subscriptions: tuple[str, ...] = Field(
        (), description="Subscriptions that are not read; each is disclosed as a gap in every run."
    )
    resource_manager: str = Field(
        "https://management.azure.com", description="Address of Resource Manager, for sovereign and private clouds."
    )
    graph: str = Field("https://graph.microsoft.com", description="Address of Microsoft Graph, likewise.")
    authority: str = Field("https://login.microsoftonline.com", description="Address that gives tokens, likewise.")

    @property
    def expands(self) -> bool:
        """It stands for the directory and each of its subscriptions."""
        return True

    @property
    def named(self) -> tuple[str, ...]:
        """The subscriptions that are written down."""
        return () if isinstance(self.subscriptions, str) else self.subscriptions

    @property
    def excluded(self) -> tuple[str, ...]:
        """Subscriptions that are not to be read."""
        return self.exclude_subscriptions

    def reads(self, account: str) -> bool:
        """Whether a subscription is to be read."""
        return account not in self.excluded and (self.subscriptions == "all" or account in self.subscriptions)

    @field_validator("tenant_id")
    @classmethod
    def _check_tenant(cls, value: str) -> str:
        return _guid(value, "tenant")

    @field_validator("subscriptions", "exclude_subscriptions")
    @classmethod
    def _check_subscriptions(cls, value: tuple[str, ...] | str) -> tuple[str, ...] | str:
        return value if isinstance(value, str) else tuple(_guid(each, "subscription") for each in value)

    @field_validator("resource_manager", "graph", "authority")
    @classmethod
    def _check_addresses(cls, value: str) -> str:
        if not ADDRESS.fullmatch(value):
            message = "is no address; write https://host"
            raise ValueError(message)
        if value.startswith("http://") and not _LOOPBACK.match(value):
            message = "is plain http, which is for loopback addresses only; write https://host"
            raise ValueError(message)
        return value


class GcpTarget(Target):
    """Projects of Google Cloud, and the organization above them."""

    cloud: Literal["gcp"]
    projects: tuple[str, ...] | Literal["all"] = Field(
        "all",
        description='Ids of the projects to read, or "all" below the organization or folder.  Those that are listed '
        "and not read are disclosed as gaps in every run.",
    )
    organization: str = Field("", description="Number of the organization; it is then read as well, with its people.")
    folder: str = Field("", description='With "all": only the projects below this folder (its number).')
    exclude_projects: tuple[str, ...] = Field(
        (), description="Projects that are not read; each is disclosed as a gap in every run."
    )
    customer: str = Field(
        "", description="Id of the Workspace or Cloud Identity account (C…), for its people and their second factor."
    )
    admin: str = Field("", description="Address of the administrator on whose behalf people are read.")
    impersonate: str = Field("", description="Service account to act as.")
    quota_project: str = Field("", description="Project that the calls are counted for.")
    endpoint: str = Field(
        "https://{service}.googleapis.com",
        description="Address of each service; {service} is filled in (tests, private endpoints).",
    )

    @property
    def expands(self) -> bool:
        """It stands for the organization and each project."""
        return True

    @property
    def has_own(self) -> bool:
        """Without an organization there is nothing above the projects to be read."""
        return bool(self.organization)

    @property
    def named(self) -> tuple[str, ...]:
        """The projects that are written down."""
        return () if isinstance(self.projects, str) else self.projects

    @property
    def excluded(self) -> tuple[str, ...]:
        """Projects that are not to be read."""
        return self.exclude_projects

    def reads(self, account: str) -> bool:
        """Whether a project is to be read."""
        return account not in self.excluded and (self.projects == "all" or account in self.projects)

    @field_validator("projects")
    @classmethod
    def _check_projects(cls, value: tuple[str, ...] | str) -> tuple[str, ...] | str:
        if not value:
            message = 'names no project; write at least one, or "all"'
            raise ValueError(message)
        return value

    @field_validator("organization", "folder")
    @classmethod
    def _check_number(cls, value: str) -> str:
        if value and not value.isdigit():
            message = f"{value!r} is no number; write the digits in quotes"
            raise ValueError(message)
        return value

    @field_validator("endpoint")
    @classmethod
    def _check_endpoint(cls, value: str) -> str:
        filled = value.replace("{service}", "service")
        if not ADDRESS.fullmatch(filled):
            message = "is no address; write https://{service}.host"
            raise ValueError(message)
        if filled.startswith("http://") and not _LOOPBACK.match(filled):
            message = "is plain http, which is for loopback addresses only; write https://{service}.host"
            raise ValueError(message)
        return value

    @model_validator(mode="after")
    def _check_people(self) -> GcpTarget:
        if self.customer and not self.organization:
            message = "has a customer without an organization, with which people are read; write its number"
            raise ValueError(message)
        return self


AnyTarget = Annotated[AwsTarget | AzureTarget | GcpTarget, Field(discriminator="cloud")]
"""A target of any cloud, told apart by `cloud`."""


def _guid(value: str, what: str) -> str:
    if not _GUID.fullmatch(value):
        message = f"{value!r} is no id of a {what}; write its 36 characters"
        raise ValueError(message)
    return value.lower()
