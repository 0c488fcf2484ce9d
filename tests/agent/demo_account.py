"""An account of the demo, served, read and judged in memory, as `proofkeep doctor` does it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from agent.demo.loopback_http import Served
from agent.fetch import Limits, fetch_all
from agent.judge import Reading, judge, shape
from agent.wiring import all_collectors
from checks.api import Finding, Outcome
from checks.registry import all_checks
from collectors.api import Collector, Document, Kind
from collectors.azure.provider import Azure
from collectors.facts.core import Resource
from collectors.gcp.provider import Gcp
from collectors.provenance import Page
from collectors.redaction import redact

DECIDED = frozenset({Outcome.PASS, Outcome.FAIL})
Findings = dict[tuple[str, str, str], Finding]
"""By check, resource type and uid."""
Round = tuple[dict[str, Page], Findings]
"""What was read, by account, and all that was judged by it."""


def collectors_of(cloud: str) -> dict[str, Collector]:
    """All collectors of a cloud, by id."""
    return {id_: each for id_, each in all_collectors().items() if id_.startswith(f"{cloud}.")}


@dataclass(frozen=True)
class Account:
    """A directory, a subscription, an organization or a project."""

    estate: Served
    opened: Azure | Gcp
    """The way in, which asks each question only once."""
    now: datetime

    @property
    def collectors(self) -> list[Collector]:
        """Those that read it."""
        places = self.opened.regions()
        return [each for each in collectors_of(self.opened.cloud).values() if each.places(places)]

    def read(self, *collectors: Collector) -> Page:
        """All that these read, without its secrets."""
        self.opened.identify()
        scopes = [(each, place) for each in collectors for place in each.places(self.opened.regions())]
        total = Page()
        for batch in fetch_all(self.opened, scopes, Limits(8)):
            for arrived in batch:
                arrived.page.documents[:] = map(redact, arrived.page.documents)
                total.absorb(arrived.page)
        return total

    def judge(self, page: Page, known: Mapping[str, Iterable[Resource]]) -> Findings:
        """What all checks say of it, by default thresholds; `known` as in `agent.judge.judge`."""
        reading = Reading(self.opened.identify(), self.opened.regions(), page)
        shaped = shape(reading, collectors_of(self.opened.cloud).values())
        return {
            (judged.check.id, *about): finding
            for judged in judge(shaped, all_checks().values(), {}, self.now, known)
            for about, finding in judged.findings.items()
        }


def whole_run(accounts: Mapping[str, Account]) -> Round:
    """Everything that is read of each account, and what is judged by it."""
    pages = {name: account.read(*account.collectors) for name, account in accounts.items()}
    findings: Findings = {}
    for name, account in accounts.items():
        findings |= account.judge(pages[name], {})
    return pages, findings


def unexampled(pages: Iterable[Page], cloud: str) -> tuple[set[str], set[str]]:
    """Kinds of a cloud of which nothing was read that holds something, and kinds that nobody asked for at all."""
    read: dict[str, list[Document]] = defaultdict(list)
    for page in pages:
        for document in page.documents:
            read[document.kind].append(document)
    kinds = {kind.name: kind for collector in collectors_of(cloud).values() for kind in collector.kinds}
    unasked = set(kinds) - set(read)
    empty = {name for name, kind in kinds.items() if not any(_tells(kind, each) for each in read[name])}
    return empty, unasked


def _tells(kind: Kind, document: Document) -> bool:
    """It holds something: a thing, or a list of things that is not empty."""
    gathered = kind.items and set(document.body) == {kind.items}
    return not document.absent and (not gathered or bool(document.body[kind.items]))


def incomplete(pages: Iterable[Page]) -> list[object]:
    """Gaps, and calls that failed."""
    return [trouble for page in pages for trouble in (*page.gaps, *(call for call in page.calls if not call.complete))]


def disturbed(pages: Iterable[Page], estate: Served) -> list[object]:
    """All that is incomplete, every question that was no read, and every one that was asked again too early."""
    return [*incomplete(pages), *estate.writes, *estate.early]


def recorded(pages: Iterable[Page]) -> int:
    """How many requests are on record: each page of a call."""
    return sum(call.pages + (not call.pages) for page in pages for call in page.calls)


def able(cloud: str) -> set[str]:
    """Checks that can judge something of a cloud: all is read that they need and that exists there."""
    emitted = {type_ for collector in collectors_of(cloud).values() for type_ in collector.emits}
    return {
        check.id
        for check in all_checks().values()
        if emitted & set(check.population) and all(each in emitted for each in check.needs if each.exists_in(cloud))
    }


def undecided(findings: Findings, cloud: str) -> set[str]:
    """Checks that can judge a cloud and neither pass nor fail anything of it."""
    said = outcomes(findings)
    return {check for check in able(cloud) if not said[check] & DECIDED}


def uncertain(findings: Findings, cloud: str) -> set[str]:
    """Checks that can judge a cloud and say UNKNOWN of something."""
    said = outcomes(findings)
    return {check for check in able(cloud) if Outcome.UNKNOWN in said[check]}


def broken(findings: Findings) -> set[str]:
    """Checks that end in an error at something."""
    return {check for check, said in outcomes(findings).items() if Outcome.ERROR in said}


def verdicts(findings: Findings) -> dict[tuple[str, str, str], Outcome]:
    """Outcomes alone, without their reasons and documents."""
    return {about: finding.outcome for about, finding in findings.items()}


def outcomes(findings: Findings) -> dict[str, set[Outcome]]:
    """What each check said of anything."""
    said: dict[str, set[Outcome]] = defaultdict(set)
    for (check, _, _), finding in findings.items():
        said[check].add(finding.outcome)
    return said


def one_sided(findings: Findings) -> set[str]:
    """Areas in which nothing is right, or nothing is wrong."""
    areas: dict[str, set[Outcome]] = defaultdict(set)
    for check, said in outcomes(findings).items():
        areas[check.partition(".")[0]] |= said
    return {area for area, said in areas.items() if not said >= DECIDED}


def named(findings: Findings) -> dict[tuple[str, str], Outcome]:
    """Outcomes by check and name of the resource."""
    return {(check, finding.resource.name): finding.outcome for (check, _, _), finding in findings.items()}
