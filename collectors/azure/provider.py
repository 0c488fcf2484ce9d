"""Opens a directory (tenant) of Entra or one subscription, with the SDK's default chain of credentials."""

from __future__ import annotations

import itertools
import re
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from collectors.api import DIRECTORY, Collector, Kind
from collectors.azure.kinds import arm
from collectors.azure.session import AzureCall, AzurePlace, Reader, claims
from collectors.documents import MALFORMED
from collectors.errors import ConfigurationFault, TargetUnreachable
from collectors.facts.core import Reason
from collectors.provenance import Identity, Member
from collectors.rates import Rates
from collectors.reader import Recorder, dig
from collectors.web import Garbled, Refused, Unanswered

if TYPE_CHECKING:
    from collectors.azure.wire.pipeline import Pipeline

MANAGER = "https://management.azure.com"
GRAPH = "https://graph.microsoft.com"
AUTHORITY = "https://login.microsoftonline.com"
PUBLIC_AUTHORITIES = frozenset(
    {
        AUTHORITY,
        "https://login.microsoftonline.us",
        "https://login.chinacloudapi.cn",
        "https://login.partner.microsoftonline.cn",
    }
)
"""Authorities of Microsoft's own clouds; any other one is not looked up among them."""
_GUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")

SUBSCRIPTION = arm(
    "azure.subscription",
    "Microsoft.Resources/subscriptions",
    "/subscriptions/{subscription}",
    "2022-12-01",
)
SUBSCRIPTIONS = arm(
    "azure.subscriptions", "Microsoft.Resources/subscriptions", "/subscriptions", "2022-12-01", items="value"
)
GROUP_MEMBERS = arm(
    "azure.management_group_member",
    "Microsoft.Management/managementGroups",
    "/providers/Microsoft.Management/managementGroups/{group}/descendants",
    "2020-05-01",
    permission="Microsoft.Management/managementGroups/descendants/read",
    items="value",
)


@dataclass(frozen=True, slots=True)
class AzureAccess:
    """How to reach one directory, or one of its subscriptions."""

    tenant: str
    subscription: str = ""
    """Empty for the directory itself."""
    manager: str = MANAGER
    graph: str = GRAPH
    authority: str = AUTHORITY
    group: str = ""
    """Management group below which the subscriptions are listed; empty for all that the caller sees."""
    pool: int = 16
    """Calls under way at once."""
    attempts: int = 6
    """How often a call is tried before it is a gap."""
    rates: Mapping[str, float] = field(default_factory=dict)
    """Most calls a second by service (`Microsoft.Storage`, `graph`); `*` for all others.  Retries count."""


class Azure:
    """One opened directory or subscription."""

    cloud = "azure"

    def __init__(self, access: AzureAccess) -> None:
        """Check the configuration; nothing is asked of Azure yet.  Raises ConfigurationFault, ImportError."""
        for name in ("tenant", "subscription"):
            value = getattr(access, name)
            if value and not _GUID.fullmatch(value):
                raise ConfigurationFault(f"{value!r} is no id of a {name}; write its 36 characters")
        from collectors.azure.wire.pipeline import Pipeline, credential  # noqa: PLC0415  # the SDK is an extra

        self._access = access
        rates = Rates(access.rates)
        known = access.authority.rstrip("/") in PUBLIC_AUTHORITIES
        try:
            secret = credential(access.authority, access.tenant, known_authority=known)
        except ValueError as error:
            raise ConfigurationFault(f"the Azure credentials of the environment cannot be used: {error}") from error

        def way(base: str) -> Pipeline:
            parts = urlsplit(base)
            root = f"{parts.scheme}://{parts.netloc}"
            return Pipeline(
                root, secret, scope=f"{root}/.default", pool=access.pool, attempts=access.attempts, rates=rates
            )

        self._manager, self._graph = way(access.manager), way(access.graph)
        self._identifying = threading.Lock()
        self._identity: Identity | None = None

    def identify(self) -> Identity:
        """Who Azure says that we are; asked once.  Raises TargetUnreachable when nothing can be read at all."""
        with self._identifying:
            if self._identity is None:
                self._identity = self._identify()
            return self._identity

    def _identify(self) -> Identity:
        wire = self._manager if self._access.subscription else self._graph
        try:
            said = claims(wire.token())
        except Unanswered as error:
            raise TargetUnreachable(error.reason, "a token", error.said) from error
        tenant = str(said.get("tid", self._access.tenant)).lower()
        if tenant != self._access.tenant.lower():
            told = f"the credentials are of tenant {tenant}, not of {self._access.tenant}"
            raise TargetUnreachable(Reason.CREDENTIAL_EXPIRED, "a token", told)
        caller = str(said.get("appid") or said.get("oid") or "not named by its token")
        if not self._access.subscription:
            return Identity("azure", tenant, caller, "azure")
        found = next(self._ask(SUBSCRIPTION), {})
        if str(found.get("subscriptionId", "")).lower() != self._access.subscription.lower():
            told = "malformed answer: another subscription, or none"
            raise TargetUnreachable(Reason.PARTIAL_LISTING, SUBSCRIPTION.needs, told)
        return Identity("azure", self._access.subscription.lower(), caller, "azure")

    def regions(self) -> tuple[str, ...]:
        """What stands for all regions: Azure lists a subscription as a whole.  Asks nothing."""
        return ("global",) if self._access.subscription else (DIRECTORY,)

    def members(self) -> tuple[Member, ...]:
        """All subscriptions that the caller sees, or those below a management group.  Raises TargetUnreachable."""
        group = self._access.group
        kind = GROUP_MEMBERS if group else SUBSCRIPTIONS
        try:
            if not group:
                return tuple(sorted(Member(each["subscriptionId"].lower()) for each in self._listed(kind)))
            below = [each for each in self._listed(kind, group=group) if each["type"].endswith("/subscriptions")]
            return tuple(sorted(Member(each["name"].lower()) for each in below))
        except MALFORMED as error:
            told = f"malformed answer: {type(error).__name__} {error}"
            raise TargetUnreachable(Reason.PARTIAL_LISTING, kind.needs, told) from error

    def reader(self, collector: Collector, region: str, recorder: Recorder) -> Reader:
        """What `collector.fetch` reads with."""
        return Reader(self._place(collector.id, region, recorder))

    def _place(self, collector: str, region: str, recorder: Recorder) -> AzurePlace:
        identity = self._identity
        return AzurePlace(
            collector=collector,
            account=identity.account if identity else self._access.subscription.lower(),
            partition="azure",
            region=region,
            regions=self.regions(),
            recorder=recorder,
            manager=self._manager,
            graph=self._graph,
        )

    def _listed(self, kind: Kind, **parameters: str) -> Iterator[dict[str, Any]]:
        for page in self._ask(kind, **parameters):
            yield from dig(page, kind)

    def _ask(self, kind: Kind, **parameters: str) -> Iterator[dict[str, Any]]:
        """Each page of something that is asked before a run.  Raises TargetUnreachable."""
        call = AzureCall(self._place("", "global", Recorder(itertools.count(), lambda _: None)), kind, parameters)
        try:
            yield from call.bodies()
        except (Refused, Garbled, Unanswered) as error:
            reason, said = call.classify(error)
            raise TargetUnreachable(reason, kind.needs, said) from error
