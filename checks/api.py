"""The contract of a check: a pure judgement over facts, with the words and mappings that go with it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Literal, TypeVar

from collectors.facts.core import DocumentRef, Fact, Reason, Resource, Unread

F = TypeVar("F", bound=Fact)


class Outcome(StrEnum):
    """The only verdicts.  PASS, FAIL and NOT_APPLICABLE are decisive; the other two mean that nobody could tell."""

    PASS = "PASS"
    FAIL = "FAIL"
    UNKNOWN = "UNKNOWN"
    ERROR = "ERROR"
    NOT_APPLICABLE = "NOT_APPLICABLE"


PASS, FAIL, UNKNOWN, NOT_APPLICABLE = Outcome.PASS, Outcome.FAIL, Outcome.UNKNOWN, Outcome.NOT_APPLICABLE


class Strength(StrEnum):
    """How far a check carries a criterion."""

    DIRECT = "direct"
    PARTIAL = "partial"
    SUPPORTING = "supporting"


DIRECT, PARTIAL, SUPPORTING = Strength.DIRECT, Strength.PARTIAL, Strength.SUPPORTING

Severity = Literal["critical", "high", "medium", "low"]


@dataclass(frozen=True, slots=True)
class Criterion:
    """A mapping to one of the 61 criteria, with its strength and why."""

    id: str
    strength: Strength
    why: str


@dataclass(frozen=True, slots=True)
class Param:
    """A threshold that a company may set per control."""

    name: str
    default: int | float | str | tuple[str, ...]
    unit: str
    says: str


Params = Mapping[str, "int | float | str | tuple[str, ...]"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One check's outcome for one resource, with a reason that an auditor can quote.

    A reason is lower case, in the present tense and holds the value that decided.  It names dates instead of ages,
    so that it changes only when the facts do.
    """

    resource: Resource
    outcome: Outcome
    reason: str
    documents: tuple[DocumentRef, ...] = ()
    unread: tuple[Unread, ...] = ()


def passes(fact: Fact, reason: str, *also: Fact) -> Finding:
    """PASS for the resource of `fact`; `also` are the other facts that it rests on."""
    return Finding(fact.resource, PASS, reason, _documents(fact, also))


def fails(fact: Fact, reason: str, *also: Fact) -> Finding:
    """FAIL for the resource of `fact`."""
    return Finding(fact.resource, FAIL, reason, _documents(fact, also))


def unknown(fact: Fact, *unread: Unread) -> Finding:
    """UNKNOWN for the resource of `fact`, naming each operation that was not read."""
    reason = "; ".join(dict.fromkeys(gap.why for gap in unread))
    return Finding(fact.resource, UNKNOWN, reason, fact.documents, tuple(dict.fromkeys(unread)))


def not_applicable(fact: Fact, reason: str) -> Finding:
    """NOT_APPLICABLE for the resource of `fact`: it was read and there is nothing to judge."""
    return Finding(fact.resource, NOT_APPLICABLE, reason, fact.documents)


def decide(fact: Fact, value: bool | Unread, *, yes: str, no: str) -> Finding:
    """PASS with reason `yes` when `value` is true, FAIL with `no` when false, UNKNOWN when it was not read."""
    if isinstance(value, Unread):
        return unknown(fact, value)
    return passes(fact, yes) if value else fails(fact, no)


def unread_in(*values: object) -> tuple[Unread, ...]:
    """Those of `values` that were not read."""
    return tuple(value for value in values if isinstance(value, Unread))


def _documents(fact: Fact, also: Iterable[Fact]) -> tuple[DocumentRef, ...]:
    return tuple(dict.fromkeys([*fact.documents, *(ref for other in also for ref in other.documents)]))


class Facts:
    """The facts of one run of one target, and how far each type's population is known."""

    def __init__(
        self,
        facts: Iterable[Fact],
        unlisted: Mapping[tuple[type[Fact], str], Unread] | None = None,
        scopes: Mapping[type[Fact], tuple[str, ...]] | None = None,
    ) -> None:
        """`unlisted` tells, by fact type and region, which listings did not reach their end.

        A region of "" stands for all of them: nothing lists that type here.  `scopes` are the regions in which a type
        was to be listed; None when that is everywhere.
        """
        self._scopes = dict(scopes or {})
        self._by_type: dict[type[Fact], list[Fact]] = defaultdict(list)
        for fact in facts:
            self._by_type[type(fact)].append(fact)
        self._unlisted = dict(unlisted or {})

    def of(self, type_: type[F]) -> Iterator[F]:
        """Every fact of a type."""
        yield from self._by_type[type_]  # type: ignore[misc]  # the index keeps types apart

    def unlisted(self, type_: type[Fact], region: str = "") -> Unread | None:
        """None when the population of a type is known (in `region`, or everywhere), otherwise why it is not.

        A check that concludes from the absence of a fact must ask this first.
        """
        for (kind, where), unread in self._unlisted.items():
            # What is listed for the account as a whole is listed for each of its regions.
            if kind is type_ and (region in ("", where) or where in ("", "global")):
                return unread
        if region and not {"global", region} & set(self._scopes.get(type_, ("global",))):
            said = f"{region} is not among the regions read in this run"
            return Unread(
                Reason.REGION_NOT_SCANNED, f"listing of {region}", "this region in the target's `regions`", said
            )
        return None


Judge = Callable[[Facts, datetime, Params], Iterator[Finding]]


@dataclass(frozen=True, slots=True)
class Check:
    """A judgement over facts and everything that people and reports need to know about it."""

    id: str
    """Folder and file: `identity.root_mfa`."""
    title: str
    """States the promise that it tests: "Root users have MFA"."""
    criteria: tuple[Criterion, ...]
    severity: Severity
    needs: tuple[type[Fact], ...]
    """Types of facts it reads; the first is the one it judges, unless `judges` names more."""
    remediation: str
    """What to do, in one or two sentences, with the setting's own name."""
    equivalents: Mapping[str, tuple[str, ...]]
    """Ids of the same question in other tools: prowler, aws_config, security_hub, azure_policy, gcp_scc, cis."""
    judge: Judge = field(repr=False)
    params: tuple[Param, ...] = ()
    time_dependent: bool = False
    """The verdict can change while the documents stay the same."""
    judges: tuple[type[Fact], ...] = ()
    """Types whose every member gets a finding, when there is more than one."""

    @property
    def population(self) -> tuple[type[Fact], ...]:
        """Types whose every member gets a finding."""
        return self.judges or self.needs[:1]

    def exists_on(self, cloud: str) -> bool:
        """Whether a cloud has anything that is judged."""
        return any(type_.exists_in(cloud) for type_ in self.population)

    def defaults(self) -> dict[str, int | float | str | tuple[str, ...]]:
        """Every parameter with its default."""
        return {param.name: param.default for param in self.params}
