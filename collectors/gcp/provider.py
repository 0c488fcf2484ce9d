"""Opens one project, or the organization above it, with application default credentials."""

from __future__ import annotations

import re
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from collectors.api import DIRECTORY, Collector
from collectors.errors import ConfigurationFault, TargetUnreachable
from collectors.facts.core import Reason
from collectors.gcp.session import GcpPlace, Reader
from collectors.provenance import Identity, Member
from collectors.rates import Rates
from collectors.reader import Recorder
from collectors.web import Answer, Unanswered

if TYPE_CHECKING:
    from collectors.gcp.wire.projects import Projects
    from collectors.gcp.wire.transport import Transport

ENDPOINT = "https://{service}.googleapis.com"
ADMIN = "admin"
"""The service of the directory of people, which is asked with credentials of its own."""
_PROJECT = re.compile(r"[a-z][a-z0-9.:-]{4,60}[a-z0-9]")
GET_PROJECT = "resourcemanager.projects.get"
DISCOVERY = ("resourcemanager.projects.list", "resourcemanager.folders.list")
"""Rights that listing the projects of an organization needs."""


@dataclass(frozen=True, slots=True)
class GcpAccess:
    """How to reach one project, or an organization."""

    project: str = ""
    """Empty for the organization itself."""
    organization: str = ""
    """Digits; empty when there is none above the projects, or none is read."""
    folder: str = ""
    """Only the projects below this folder are listed."""
    customer: str = ""
    """Id of the Workspace or Cloud Identity account, for its people; empty when nobody may read them."""
    admin: str = ""
    """Address of the administrator on whose behalf people are read."""
    impersonate: str = ""
    """Service account to act as."""
    quota_project: str = ""
    endpoint: str = ENDPOINT
    """Template of the address of each service."""
    pool: int = 16
    attempts: int = 6
    rates: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Service:
    """The way to one service."""

    base: str
    transport: Transport

    def ask(self, method: str, url: str, body: Mapping[str, Any] | None, service: str) -> Answer:
        """Send one read."""
        return self.transport.ask(method, url, body, service)


class Gcp:
    """One opened project or organization."""

    cloud = "gcp"

    def __init__(self, access: GcpAccess) -> None:
        """Check the configuration; nothing is asked of Google yet.  Raises ConfigurationFault, ImportError."""
        if access.project and not _PROJECT.fullmatch(access.project):
            raise ConfigurationFault(f"{access.project!r} is no project id")
        from collectors.gcp.wire import projects, transport  # noqa: PLC0415  # the SDK is an extra

        self._access = access
        self._rates = Rates(access.rates)
        self._sdk, self._projects_sdk = transport, projects
        self._lock = threading.RLock()
        self._transports: dict[str, Transport] = {}
        self._identity: Identity | None = None
        self._number = ""

    def identify(self) -> Identity:
        """Who Google says that we are; asked once.  Raises TargetUnreachable when nothing can be read at all."""
        with self._lock:
            if self._identity is None:
                self._identity = self._identify()
            return self._identity

    def _identify(self) -> Identity:
        try:
            caller = self._transport("").caller()
        except Unanswered as error:
            raise TargetUnreachable(error.reason, "a token", error.said) from error
        if not self._access.project:
            return Identity("gcp", f"organizations/{self._access.organization}", caller, "gcp")
        said = self._projects().get(self._access.project)
        if said.project_id != self._access.project:
            raise TargetUnreachable(Reason.PARTIAL_LISTING, GET_PROJECT, "malformed answer: another project")
        self._number = str(said.name).rpartition("/")[2]
        return Identity("gcp", self._access.project, caller, "gcp")

    def regions(self) -> tuple[str, ...]:
        """What stands for all regions: Google lists a project as a whole.  Asks nothing."""
        return ("global",) if self._access.project else (DIRECTORY,)

    def members(self) -> tuple[Member, ...]:
        """Every active project below the folder or organization, or all that the caller sees.

        Raises TargetUnreachable.
        """
        folder, organization = self._access.folder, self._access.organization
        parent = f"folders/{folder}" if folder else f"organizations/{organization}" if organization else ""
        try:
            return self._projects().below(parent)
        except Unanswered as error:
            raise TargetUnreachable(error.reason, "a token", error.said) from error

    def reader(self, collector: Collector, region: str, recorder: Recorder) -> Reader:
        """What `collector.fetch` reads with."""
        identity = self.identify()
        known = {
            "project": self._access.project,
            "number": self._number,
            "organization": self._access.organization,
            "customer": self._access.customer,
        }
        place = GcpPlace(
            collector=collector.id,
            account=identity.account,
            partition="gcp",
            region=region,
            regions=self.regions(),
            recorder=recorder,
            wire=self._wire,
            known=known,
        )
        return Reader(place)

    def _projects(self) -> Projects:
        return self._projects_sdk.Projects(self._transport(""), self._base("cloudresourcemanager"))

    def _wire(self, service: str) -> _Service:
        """The way to a service; that to the directory of people has credentials of its own."""
        return _Service(self._base(service), self._transport(ADMIN if service == ADMIN else ""))

    def _base(self, service: str) -> str:
        return self._access.endpoint.format(service=service).rstrip("/")

    def _transport(self, whose: str) -> Transport:
        """The session for resources, or the one for people.  Raises Unanswered."""
        with self._lock:
            if whose not in self._transports:
                access = self._access
                if whose == ADMIN:
                    secret = self._sdk.credential(access.impersonate, "", access.admin, self._sdk.PEOPLE)
                else:
                    secret = self._sdk.credential(access.impersonate, access.quota_project)
                self._transports[whose] = self._sdk.Transport(
                    secret,
                    pool=access.pool,
                    attempts=access.attempts,
                    rates=self._rates,
                    elsewhere=access.endpoint != ENDPOINT,
                )
            return self._transports[whose]
