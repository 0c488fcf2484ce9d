"""Opens one AWS account with the standard credential chain, or through one role after another."""

from __future__ import annotations

import difflib
import os
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, cast

from collectors.api import Collector
from collectors.aws.failures import classify, unanswered
from collectors.aws.organization import discover
from collectors.aws.service_models import service_models
from collectors.aws.session import AwsPlace, Reader, Session
from collectors.errors import ConfigurationFault, TargetUnreachable
from collectors.facts.core import Reason
from collectors.provenance import Identity, Member
from collectors.rates import Rates
from collectors.reader import Recorder

PREFLIGHT_ATTEMPTS = 2
HOME = {"aws": "us-east-1", "aws-us-gov": "us-gov-west-1", "aws-cn": "cn-north-1"}
"""The region that answers for global services, by partition."""
ASSUME_ROLE = "sts:AssumeRole"
"""The right to take a role; operation and permission have the same name."""


@dataclass(frozen=True, slots=True)
class AwsAccess:
    """How to reach one account."""

    regions: tuple[str, ...]
    """Regions to read; `("enabled",)` for all that the account has enabled."""
    role_arn: str | None = None
    via: str | None = None
    """A role that is assumed first, from which `role_arn` is assumed."""
    external_id: str | None = None
    """Given with each role that is assumed."""
    profile: str | None = None
    endpoint: str | None = None
    """Another address for every service, for tests and private endpoints; AWS_ENDPOINT_URL works too."""
    pool: int = 16
    """Calls under way at once."""
    attempts: int = 6
    """How often botocore's standard mode tries a call before it is a gap."""
    rates: Mapping[str, float] = field(default_factory=dict)
    """Most calls a second by service, in each region; `*` for all other services.  Retries count."""
    onboarded: bool = True
    """False while the account was never read: a role that is refused may not be there yet."""

    @property
    def roles(self) -> tuple[str, ...]:
        """The roles to assume, in their order."""
        return tuple(role for role in (self.via, self.role_arn) if role)


def _new_core(profile: str | None) -> Any:
    """A botocore session without a client yet."""
    from botocore.session import Session as Core  # noqa: PLC0415  # the SDK is an extra

    core = Core(profile=profile)
    core.register_component("data_loader", service_models())
    return core


class Aws:
    """One opened account."""

    cloud = "aws"

    def __init__(self, access: AwsAccess) -> None:
        """Check the configuration; nothing is asked of AWS yet."""
        import boto3  # noqa: PLC0415  # the SDK is an extra
        from botocore.exceptions import ProfileNotFound  # noqa: PLC0415

        self._access = access
        try:
            core = _new_core(access.profile)
            core.get_scoped_config()
            self._core = boto3.session.Session(botocore_session=core)
        except ProfileNotFound as error:
            message = f"profile {access.profile!r} is not in the AWS configuration files"
            raise ConfigurationFault(message) from error
        self._check_regions()
        first = next((region for region in access.regions if region != "enabled"), None)
        self._home = first or self._core.region_name or "us-east-1"
        self._custom = bool(access.endpoint or os.environ.get("AWS_ENDPOINT_URL"))
        self._open: tuple[Session, Identity] | None = None
        self._identifying = threading.Lock()
        """Held while asking: a session must not be made twice on one core."""
        self._regions: tuple[str, ...] = () if "enabled" in access.regions else access.regions

    def identify(self) -> Identity:
        """Who AWS says that we are; asked once.  Raises TargetUnreachable when nothing can be read at all."""
        with self._identifying:
            if self._open is None:
                self._open = self._identify()
            return self._open[1]

    def _identify(self) -> tuple[Session, Identity]:
        """Enter the roles, ask who we are, and make the session that reads."""
        core = self._core
        for number, role_arn in enumerate(self._access.roles, 1):
            core = self._enter(core, role_arn, last=number == len(self._access.roles))
        try:
            answer = self._sts(core).get_caller_identity()
            account, caller = str(answer["Account"]), str(answer["Arn"])
            partition = caller.split(":")[1]
        except unanswered() as error:
            reason, said = classify(error, "GetCallerIdentity")
            raise TargetUnreachable(reason, "sts:GetCallerIdentity", said) from error
        identity = Identity("aws", account, caller, partition)
        self._home = HOME.get(partition, self._home)
        session = Session(
            core,
            pool=self._access.pool,
            attempts=self._access.attempts,
            rates=Rates(self._access.rates),
            endpoint=self._access.endpoint,
            custom=self._custom,
        )
        return session, identity

    def members(self) -> tuple[Member, ...]:
        """Every other account of the organization.  Raises TargetUnreachable."""
        session, identity = self._opened()
        everybody = discover(session, self._home, identity.account)
        return tuple(member for member in everybody if member.account != identity.account)

    def regions(self) -> tuple[str, ...]:
        """The regions to read.  Asks AWS only when the configuration says `enabled`.  Raises TargetUnreachable."""
        if "enabled" not in self._access.regions:
            return self._access.regions
        try:
            answer = self._opened()[0].client("ec2", self._home).describe_regions(AllRegions=False)
            enabled = tuple(sorted(region["RegionName"] for region in answer["Regions"]))
        except unanswered() as error:
            reason, said = classify(error, "DescribeRegions")
            raise TargetUnreachable(reason, "ec2:DescribeRegions", said) from error
        if not enabled:
            # Every account has regions.  Taken at its word, this answer would leave all of them out without a gap.
            raise TargetUnreachable(Reason.PARTIAL_LISTING, "ec2:DescribeRegions", "malformed answer: no region")
        self._regions = enabled
        return enabled

    def reader(self, collector: Collector, region: str, recorder: Recorder) -> Reader:
        """What `collector.fetch` reads with."""
        session, identity = self._opened()
        return Reader(
            AwsPlace(
                session=session,
                collector=collector.id,
                account=identity.account,
                partition=identity.partition,
                region=region,
                where=self._home if region == "global" else region,
                regions=self._regions or self.regions(),
                recorder=recorder,
            )
        )

    def _opened(self) -> tuple[Session, Identity]:
        if self._open is None:
            self.identify()
        return cast("tuple[Session, Identity]", self._open)

    def _enter(self, core: Any, role_arn: str, *, last: bool) -> Any:
        """The session of a role that the session `core` may assume.  Raises TargetUnreachable."""
        try:
            assumed = self._assume(core, role_arn)
        except unanswered() as error:
            reason, said = classify(error, "AssumeRole")
            if last and reason is Reason.PERMISSION_DENIED and not self._access.onboarded:
                # STS answers alike whether the role does not trust us or does not exist.
                reason = Reason.ACCOUNT_NOT_ONBOARDED
            raise TargetUnreachable(reason, ASSUME_ROLE, f"{said} for {role_arn}") from error
        return assumed

    def _assume(self, core: Any, role_arn: str) -> Any:
        """Take the role with credentials that renew themselves, so that a long run does not lose them.

        Each renewal asks the session that the role was assumed from, which renews its own first where it has to.
        """
        import boto3  # noqa: PLC0415  # the SDK is an extra
        from botocore.credentials import (  # noqa: PLC0415  # the SDK is an extra
            AssumeRoleCredentialFetcher,
            DeferredRefreshableCredentials,
        )
        from botocore.exceptions import NoCredentialsError  # noqa: PLC0415

        source = core.get_credentials()
        if source is None:
            raise NoCredentialsError
        extra = {"RoleSessionName": "proofkeep"}
        if self._access.external_id:
            extra["ExternalId"] = self._access.external_id

        def create(_service: str, **credentials: Any) -> Any:
            return self._sts(core, **credentials)

        fetcher = AssumeRoleCredentialFetcher(create, source, role_arn, extra_args=extra)
        assumed = _new_core(self._access.profile)
        assumed._credentials = DeferredRefreshableCredentials(  # noqa: SLF001  # botocore offers no public way
            fetcher.fetch_credentials, "assume-role"
        )
        assumed.get_credentials().get_frozen_credentials()  # now, so that a refusal is known as that of the role
        return boto3.session.Session(botocore_session=assumed)

    def _sts(self, core: Any, **credentials: Any) -> Any:
        from botocore.config import Config  # noqa: PLC0415  # the SDK is an extra

        retries = {"mode": "standard", "total_max_attempts": PREFLIGHT_ATTEMPTS}
        config = Config(retries=retries, connect_timeout=5, read_timeout=15)
        return core.client(
            "sts", region_name=self._home, endpoint_url=self._access.endpoint, config=config, **credentials
        )

    def _check_regions(self) -> None:
        known = {region for partition in HOME for region in self._core.get_available_regions("ec2", partition)}
        for region in self._access.regions:
            if region != "enabled" and region not in known:
                close = difflib.get_close_matches(region, known, n=1)
                hint = f"; did you mean {close[0]!r}?" if close else ""
                message = f"{region!r} is not an AWS region{hint}"
                raise ConfigurationFault(message)
