"""Turns documents into facts and facts into findings, so that nothing unread is ever decided or forgotten."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from checks.api import Check, Facts, Finding, Outcome, Params
from collectors.api import Collector
from collectors.documents import Documents
from collectors.facts.core import Fact, Reason, Resource, Unread
from collectors.provenance import Identity, Page

SCOPE = "scope"
"""Resource type of a finding about a whole account or region."""

Findings = dict[tuple[str, str], Finding]
"""By resource type and uid."""

UNKNOWN_ACCOUNT = "unknown"
"""Stands for the account of a target that has not let us in yet, so that nobody could tell which one it is."""


@dataclass(frozen=True, slots=True)
class Reading:
    """Everything that one run read of one target, ready to be shaped and judged."""

    identity: Identity
    regions: tuple[str, ...]
    page: Page


@dataclass(frozen=True, slots=True)
class Shaped:
    """Facts, how far each population is known, and which types could not be shaped for a bug of ours."""

    identity: Identity
    facts: tuple[Fact, ...]
    unlisted: Mapping[tuple[type[Fact], str], Unread]
    scopes: Mapping[type[Fact], tuple[str, ...]]
    """By fact type: the scopes that were to be listed, regions or `global`."""
    broken: Mapping[type[Fact], str]
    elsewhere: frozenset[type[Fact]] = frozenset()
    """Types that are read in another account of the target, a directory or a subscription, and not in this one."""


@dataclass(frozen=True, slots=True)
class Judged:
    """One check's findings in one run, by resource."""

    check: Check
    params: Params
    findings: Mapping[tuple[str, str], Finding]
    """By resource type and uid."""

    @property
    def counts(self) -> Counter[Outcome]:
        """How many findings of each outcome."""
        return Counter(finding.outcome for finding in self.findings.values())


def shape(reading: Reading, collectors: Iterable[Collector]) -> Shaped:
    """Shape every collector's documents.  An exception is a bug of ours and breaks the types that it emits."""
    by_kind: dict[str, list[Any]] = defaultdict(list)
    for document in reading.page.documents:
        by_kind[document.kind].append(document)
    gaps = _by_collector(reading.page.gaps)
    listings = _by_collector(reading.page.listings)
    facts: list[Fact] = []
    unlisted: dict[tuple[type[Fact], str], Unread] = {}
    scopes: dict[type[Fact], tuple[str, ...]] = {}
    broken: dict[type[Fact], str] = {}
    for collector in collectors:
        places = collector.places(reading.regions)
        documents = Documents(
            collector,
            reading.identity,
            places,
            (document for kind in collector.kinds for document in by_kind[kind.name]),
            gaps[collector.id],
            listings[collector.id],
        )
        try:
            facts += collector.shape(documents)
        except Exception as error:  # noqa: BLE001  # our bug: the checks that need these facts say ERROR, the run goes on
            broken.update(dict.fromkeys(collector.emits, f"{collector.id} broke: {type(error).__name__} {error}"))
            continue
        for type_, kind in collector.emits.items():
            scopes[type_] = tuple(dict.fromkeys((*scopes.get(type_, ()), *places)))
            for place in places if kind is not None else ():
                details = (documents.unread_detail(each, place) for each in collector.bounded_by.get(type_, ()))
                unread = documents.complete(kind, place) if kind is not None else None
                unread = unread or next(filter(None, details), None)
                if unread is not None:
                    unlisted.setdefault((type_, place), unread)
    elsewhere = frozenset(type_ for type_, places in scopes.items() if not places and reading.regions)
    return Shaped(reading.identity, tuple(facts), unlisted, scopes, broken, elsewhere)


def judge(
    shaped: Shaped,
    checks: Iterable[Check],
    params: Mapping[str, Params],
    now: datetime,
    known: Mapping[str, Iterable[Resource]],
) -> Iterator[Judged]:
    """Every check's findings.

    `known` are, by check id, the resources that had a finding in the run before.  One that cannot be found now is
    UNKNOWN when its population was not fully listed, and gone only when it was.
    """
    cloud = shaped.identity.cloud
    checks = [check for check in checks if not shaped.elsewhere.issuperset(check.population)]
    nowhere = {
        (type_, ""): _nowhere(type_)
        for check in checks
        for type_ in check.needs
        if not shaped.scopes.get(type_) and type_.exists_in(cloud)
    }
    facts = Facts(shaped.facts, {**nowhere, **shaped.unlisted}, shaped.scopes)
    for check in checks:
        settings = {**check.defaults(), **params.get(check.id, {})}
        before = [resource for resource in known.get(check.id, ()) if resource.type != SCOPE]
        try:
            bug = next((shaped.broken[type_] for type_ in check.needs if type_ in shaped.broken), None)
            found = {} if bug else _distinct(check.judge(facts, now, settings))
        except Exception as error:  # noqa: BLE001  # our bug: this check says ERROR, the run goes on
            bug = f"{check.id} broke: {type(error).__name__} {error}"
        if bug:
            whole = _scope(shaped.identity)
            found = _distinct(Finding(resource, Outcome.ERROR, bug) for resource in (whole, *before))
        else:
            _complete(found, check, shaped, before)
        yield Judged(check, settings, found)


def _complete(found: Findings, check: Check, shaped: Shaped, before: Iterable[Resource]) -> None:
    """Add what the check itself cannot see: populations not listed, resources lost from sight, nothing to judge."""
    whole = _scope(shaped.identity)
    for type_ in check.population:
        if type_ in shaped.elsewhere or not type_.exists_in(whole.cloud):
            continue
        places = {scope: shaped.unlisted.get((type_, scope)) for scope in shaped.scopes.get(type_, ())}
        for scope, unread in (places or {"": _nowhere(type_)}).items():
            if unread is not None:
                subject = _scope(shaped.identity, scope)
                found[subject.type, subject.uid] = Finding(subject, Outcome.UNKNOWN, unread.why, (), (unread,))
    missing = [resource for resource in before if (resource.type, resource.uid) not in found]
    own = {fact.resource.type for fact in shaped.facts if type(fact) in check.population} if missing else set()
    for resource in missing:
        # Some checks judge what their population only names, as a role names its holders: other facts list those.
        listed_by = check.population if resource.type in own else check.needs
        lost = _unseen(listed_by, check.population, shaped, resource)
        if lost is not None:
            found[resource.type, resource.uid] = Finding(resource, Outcome.UNKNOWN, lost.why, (), (lost,))
    if not found and not check.exists_on(whole.cloud):
        things = " or ".join(_words(type_) for type_ in check.population)
        found[whole.type, whole.uid] = Finding(whole, Outcome.NOT_APPLICABLE, f"{whole.cloud} has no {things}")
    if not found:
        where = ", ".join(sorted({scope for type_ in check.population for scope in shaped.scopes.get(type_, ())}))
        things = " and ".join(_words(type_) for type_ in check.population)
        reason = f"a complete listing of {where} has no {things} to judge"
        found[whole.type, whole.uid] = Finding(whole, Outcome.NOT_APPLICABLE, reason)


def _scope(identity: Identity, region: str = "") -> Resource:
    """Stands for a whole account, or for one region of it, where no single resource can be named."""
    account = f"{identity.cloud}:{identity.account}"
    if not region:
        return Resource(identity.cloud, identity.account, "global", SCOPE, account, identity.account)
    return Resource(identity.cloud, identity.account, region, SCOPE, f"{account}:{region}", region)


def _unseen(
    types: Iterable[type[Fact]], population: Iterable[type[Fact]], shaped: Shaped, resource: Resource
) -> Unread | None:
    """Why a resource that was there before, and that one of these types lists, cannot be judged now.

    A type that is listed once for the whole account may stand beside one that is listed by region, so each is asked
    where it would have listed the resource.  None when it is proven to be gone.
    """
    for type_ in types:
        for scope in _listed_in(type_, shaped, resource):
            refused = shaped.unlisted.get((type_, scope))
            if refused is not None:
                return refused
    if any(_listed_in(type_, shaped, resource) for type_ in population):
        return None
    named = f"{resource.region} is not among the regions read in this run"
    return Unread(Reason.REGION_NOT_SCANNED, f"listing of {resource.region}", "a region in the configuration", named)


def _listed_in(type_: type[Fact], shaped: Shaped, resource: Resource) -> tuple[str, ...]:
    """The scopes whose listings of a type could have held the resource; none when this run reads none such.

    A listing of the whole account may hold things of any region, and what belongs to no region may be listed in one.
    """
    scopes = shaped.scopes.get(type_, ())
    return tuple(scope for scope in scopes if "global" in (scope, resource.region) or scope == resource.region)


def _nowhere(type_: type[Fact]) -> Unread:
    """Nothing of this type is read here: no collector does, or there is no region to do it in.  That proves nothing."""
    named = f"nothing reads any {_words(type_)} here"
    return Unread(Reason.SERVICE_UNSUPPORTED, f"listing of {_words(type_)}", "a collector and a region for it", named)


def _distinct(findings: Iterable[Finding]) -> Findings:
    """Findings by resource; two for one resource would hide one of them, so they are a bug."""
    found: Findings = {}
    for finding in findings:
        key = finding.resource.type, finding.resource.uid
        if key in found:
            message = f"two findings for {finding.resource.uid}"
            raise ValueError(message)
        found[key] = finding
    return found


def _by_collector(things: Iterable[Any]) -> dict[str, list[Any]]:
    grouped: dict[str, list[Any]] = defaultdict(list)
    for thing in things:
        grouped[thing.collector].append(thing)
    return grouped


def _words(type_: type[Fact]) -> str:
    """`ObjectStore` as people say it: object store."""
    return "".join(f" {letter.lower()}" if letter.isupper() else letter for letter in type_.__name__).strip()
