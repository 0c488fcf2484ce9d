"""The demo's Azure tenant, served, read and judged in memory, as `proofkeep doctor` does it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property

import pytest

from agent.demo.azure_estate import build
from agent.demo.azure_loopback import SUBSCRIPTION, TENANT, AzureEstate, environment, loopback_azure
from agent.fetch import Limits, fetch_all
from agent.judge import Reading, judge, shape
from agent.wiring import all_collectors
from checks.api import Finding
from checks.registry import all_checks
from collectors.api import DIRECTORY, Collector
from collectors.azure.provider import Azure, AzureAccess
from collectors.facts.core import Resource
from collectors.provenance import Page
from collectors.redaction import redact

COLLECTORS = {id_: each for id_, each in all_collectors().items() if id_.startswith("azure.")}
Findings = dict[tuple[str, str, str], Finding]
"""By check, resource type and uid."""


@dataclass
class Tenant:
    """The directory, or the one subscription."""

    estate: AzureEstate
    url: str
    subscription: str
    """Empty for the directory."""
    now: datetime

    @cached_property
    def account(self) -> Azure:
        """Its way in, which asks each question only once."""
        place = {"manager": self.url, "graph": self.url, "authority": self.url}
        return Azure(AzureAccess(tenant=TENANT, subscription=self.subscription, attempts=1, **place))  # type: ignore[arg-type]  # all are text

    @property
    def collectors(self) -> list[Collector]:
        """Those that read it."""
        return [each for each in COLLECTORS.values() if each.places(self.account.regions())]

    def read(self, *collectors: Collector) -> Page:
        """All that these read, without its secrets."""
        self.account.identify()
        scopes = [(each, place) for each in collectors for place in each.places(self.account.regions())]
        total = Page()
        for batch in fetch_all(self.account, scopes, Limits(8)):
            for arrived in batch:
                arrived.page.documents[:] = map(redact, arrived.page.documents)
                total.absorb(arrived.page)
        return total

    def judge(self, page: Page, known: Mapping[str, Iterable[Resource]]) -> Findings:
        """What all checks say of it, by default thresholds; `known` as in `agent.judge.judge`."""
        reading = Reading(self.account.identify(), self.account.regions(), page)
        shaped = shape(reading, COLLECTORS.values())
        return {
            (judged.check.id, *about): finding
            for judged in judge(shaped, all_checks().values(), {}, self.now, known)
            for about, finding in judged.findings.items()
        }


@contextmanager
def serve(now: datetime | None = None) -> Iterator[dict[str, Tenant]]:
    """The demo's tenant at a moment: its directory and, as `global`, its subscription."""
    now = now or datetime.now(UTC)
    estate = AzureEstate()
    build(estate, now)
    with loopback_azure(estate) as (url, authority), pytest.MonkeyPatch.context() as patch:
        for name, value in environment(authority).items():
            patch.setenv(name, value)
        yield {
            DIRECTORY: Tenant(estate, url, "", now),
            "global": Tenant(estate, url, SUBSCRIPTION, now),
        }
