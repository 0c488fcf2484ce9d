"""Opens one AWS account with the standard credential chain, or through a role."""

from __future__ import annotations

import difflib
import os
from dataclasses import dataclass
from typing import Any, cast

from collectors.api import Collector
from collectors.aws.failures import classify
from collectors.aws.session import Place, Reader, Recorder, Session
from collectors.errors import ConfigurationFault, TargetUnreachable
from collectors.provenance import Identity

PREFLIGHT_ATTEMPTS = 2
HOME = {"aws": "us-east-1", "aws-us-gov": "us-gov-west-1", "aws-cn": "cn-north-1"}
"""The region that answers for global services, by partition."""


@dataclass(frozen=True, slots=True)
class AwsAccess:
    """How to reach one account."""

    regions: tuple[str, ...]
    """Regions to read; `("enabled",)` for all that the account has enabled."""
    role_arn: str | None = None
    external_id: str | None = None
    profile: str | None = None
    endpoint: str | None = None
    """Another address for every service, for tests and private endpoints; AWS_ENDPOINT_URL works too."""
    pool: int = 16
    """Calls under way at once."""
    attempts: int = 6
    """How often botocore's standard mode tries a call before it is a gap."""


class Aws:
    """One opened account."""

    cloud = "aws"

    def __init__(self, access: AwsAccess) -> None:
        """Check the configuration; nothing is asked of AWS yet."""
        import boto3  # noqa: PLC0415  # the SDK is an extra
        from botocore.exceptions import ProfileNotFound  # noqa: PLC0415

        self._access = access
        try:
            self._core = boto3.session.Session(profile_name=access.profile)
        except ProfileNotFound as error:
            message = f"profile {access.profile!r} is not in the AWS configuration files"
            raise ConfigurationFault(message) from error
        self._check_regions()
        first = next((region for region in access.regions if region != "enabled"), None)
        self._home = first or self._core.region_name or "us-east-1"
        self._custom = bool(access.endpoint or os.environ.get("AWS_ENDPOINT_URL"))
        self._open: tuple[Session, Identity] | None = None
        self._regions: tuple[str, ...] = () if "enabled" in access.regions else access.regions

    def identify(self) -> Identity:
        """Who AWS says that we are.  Raises TargetUnreachable when nothing can be read at all."""
        from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415  # the SDK is an extra

        operation = "sts:GetCallerIdentity"
        try:
            if self._access.role_arn:
                operation = "sts:AssumeRole"
                self._assume(self._access.role_arn)
                operation = "sts:GetCallerIdentity"
            answer = self._sts().get_caller_identity()
        except (BotoCoreError, ClientError) as error:
            reason, said = classify(error)
            raise TargetUnreachable(reason, operation, said) from error
        partition = str(answer["Arn"]).split(":")[1]
        identity = Identity("aws", str(answer["Account"]), str(answer["Arn"]), partition)
        self._home = HOME.get(partition, self._home)
        session = Session(
            self._core,
            pool=self._access.pool,
            attempts=self._access.attempts,
            endpoint=self._access.endpoint,
            custom=self._custom,
        )
        self._open = session, identity
        return identity

    def regions(self) -> tuple[str, ...]:
        """The regions to read.  Asks AWS only when the configuration says `enabled`."""
        if "enabled" not in self._access.regions:
            return self._access.regions
        from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415  # the SDK is an extra

        try:
            answer = self._opened()[0].client("ec2", self._home).describe_regions(AllRegions=False)
        except (BotoCoreError, ClientError) as error:
            reason, said = classify(error)
            raise TargetUnreachable(reason, "ec2:DescribeRegions", said) from error
        self._regions = tuple(sorted(region["RegionName"] for region in answer["Regions"]))
        return self._regions

    def reader(self, collector: Collector, region: str, recorder: Recorder) -> Reader:
        """What `collector.fetch` reads with."""
        session, identity = self._opened()
        return Reader(
            Place(
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

    def _sts(self) -> Any:
        from botocore.config import Config  # noqa: PLC0415  # the SDK is an extra

        retries = {"mode": "standard", "total_max_attempts": PREFLIGHT_ATTEMPTS}
        config = Config(retries=retries, connect_timeout=5, read_timeout=15)
        return self._core.client("sts", region_name=self._home, endpoint_url=self._access.endpoint, config=config)

    def _assume(self, role_arn: str) -> None:
        """Take the role with credentials that refresh themselves, so that a long run does not lose them."""
        import boto3  # noqa: PLC0415  # the SDK is an extra
        from botocore.credentials import (  # noqa: PLC0415  # the SDK is an extra
            AssumeRoleCredentialFetcher,
            DeferredRefreshableCredentials,
        )
        from botocore.exceptions import NoCredentialsError  # noqa: PLC0415
        from botocore.session import Session as Core  # noqa: PLC0415

        source = self._core.get_credentials()
        if source is None:
            raise NoCredentialsError
        extra = {"RoleSessionName": "proofkeep"}
        if self._access.external_id:
            extra["ExternalId"] = self._access.external_id

        def create(service: str, **arguments: Any) -> Any:
            arguments.setdefault("region_name", self._home)
            return self._core.client(service, endpoint_url=self._access.endpoint, **arguments)

        fetcher = AssumeRoleCredentialFetcher(create, source, role_arn, extra_args=extra)
        assumed = Core(profile=self._access.profile)
        assumed._credentials = DeferredRefreshableCredentials(  # noqa: SLF001  # botocore offers no public way
            fetcher.fetch_credentials, "assume-role"
        )
        self._core = boto3.session.Session(botocore_session=assumed)
        assumed.get_credentials().get_frozen_credentials()  # now, so that a refusal is known as that of the role

    def _check_regions(self) -> None:
        known = {region for partition in HOME for region in self._core.get_available_regions("ec2", partition)}
        for region in self._access.regions:
            if region != "enabled" and region not in known:
                close = difflib.get_close_matches(region, known, n=1)
                hint = f"; did you mean {close[0]!r}?" if close else ""
                message = f"{region!r} is not an AWS region{hint}"
                raise ConfigurationFault(message)
