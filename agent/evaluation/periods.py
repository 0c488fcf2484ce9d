"""The evaluation of one period: what was known, each control, each criterion; and how it goes on record itself."""

from __future__ import annotations

from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from sqlalchemy import Connection

from agent import clock, cycles
from agent.audit.clocks import freeze_at
from agent.audit.parameters import Parameters
from agent.audit.rollup import CriterionStatus
from agent.errors import OperatorError
from agent.evaluation import (
    additions,
    commitments,
    conclude,
    criteria,
    events_listed,
    gather,
    registered,
    seals,
    vendors,
)
from agent.evaluation.additions import Added
from agent.evaluation.commitments import Promises
from agent.evaluation.conclude import Concluded, Judge
from agent.evaluation.criteria import Rolled
from agent.evaluation.gather import Known
from agent.evaluation.reliability import Limits, Verified
from agent.evaluation.seals import Follows
from agent.evaluation.vendors import Watched
from agent.library import Version
from agent.wiring import Wiring
from checks.library import Library
from storage import attachments
from storage.attachments import Attachment
from storage.canon import dumps
from storage.engine import Store

KIND = "evaluation"
"""Kind of the statement in the ledger."""
FORM = 1
FILE = "evaluation.json"
"""Name of the file that holds a result on record."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What is asked: [begins, ends), by what was recorded by `as_of`; in microseconds since the epoch, UTC."""

    begins: int
    ends: int
    as_of: int
    control: str | None = None
    """Only this control."""
    criterion: str | None = None
    """Only the controls of this criterion."""
    parameters: Parameters = field(default_factory=Parameters)
    verified: Verified | None = None
    """What a complete verification of the store found just before; None when there was none."""


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What the evidence of a period says, and with which values it was asked."""

    known: Known
    parameters: Parameters
    version: Version
    """The library in force at the end."""
    library: Library
    seal: seals.Sealed | None
    control: str | None
    """The one control that was asked for; None for all."""
    criterion: str | None
    controls: dict[str, Concluded]
    criteria: dict[str, CriterionStatus]
    """Those that were asked for; empty when it was one control."""
    rolled: Rolled | None
    """All criteria and the estimate; None when only a part was asked for, of which no estimate can be made."""
    vendors: Watched
    promises: Promises
    added: tuple[Added, ...]
    """What came after the evidence was sealed."""
    follows: Follows | None
    """How it joins the sealed period before it; None when there is none."""

    @property
    def words(self) -> dict[str, str]:
        """The conclusion on each control that was asked for, in a word, by id."""
        return {name: each.word for name, each in self.controls.items()}

    @property
    def interim(self) -> bool:
        """Whether the period was not over at the evidence cut-off."""
        return self.known.period != self.known.asked

    @property
    def asked_with(self) -> dict[str, Any]:
        """What it takes to ask the same again."""
        return {
            "begins": clock.iso(self.known.asked.begins),
            "ends": clock.iso(self.known.asked.ends),
            "evaluated_until": clock.iso(self.known.period.ends),
            "interim": self.interim,
            "as_of": clock.iso(self.known.as_of),
            "ledger_entry": self.known.position,
            "library": {"digest": self.library.digest, "entry": self.version.seq},
            "control": self.control,
            "criterion": self.criterion,
            "sealed": self.seal.to_json() if self.seal else None,
            "follows": self.follows.to_json() if self.follows else None,
            "freezes_at": clock.iso(freeze_at(self.known.asked.ends, self.parameters)),
            "parameters": self.parameters.to_json(),
        }


@cycles.unsearched()
def evaluate(conn: Connection, wiring: Wiring, question: Question) -> Evaluation:
    """Answer a question about a period.  Raises OperatorError, IntegrityError."""
    control, criterion, as_of = question.control, question.criterion, question.as_of
    parameters = question.parameters
    asked, period = gather.period_of(question.begins, question.ends, as_of)
    versions = gather.versions_at(conn, as_of)
    every = conclude.controls_of(versions, period)
    version, promised = conclude.promised(versions, period.ends - 1)
    if criterion is not None and criterion not in promised.scope.criteria():
        chosen = ", ".join(promised.scope.criteria())
        raise OperatorError(f"--criterion {criterion!r}: was not in scope; known: {chosen}")
    ids = [
        name
        for name in conclude.chosen(every, control)
        if criterion is None or any(one.id == criterion for one in every[name].criteria)
    ]
    wanted = conclude.needed(every, versions, ids)
    limits = Limits(parameters, question.verified)
    known = gather.gather(conn, wiring, asked, period, as_of, conclude.checks_of(versions, wanted), limits=limits)
    seal = seals.of(conn, asked, as_of)
    sources = events_listed.load(conn, wiring, conclude.lists_of(versions, wanted), asked, as_of)
    lists = {kind: registered.load(conn, kind, as_of) for kind in ("vendors", "commitments", "availability")}
    found = Judge(known, parameters, seal.at if seal else None, sources, lists["vendors"]).conclude(wanted)
    rolled, told = None, {}
    if control is None and criterion is None:
        rolled = criteria.roll_up(found, promised, period, cut_off=as_of, parameters=parameters)
        told = dict(rolled.criteria)
    elif criterion is not None and control is None:
        told = {criterion: criteria.criterion_status(criterion, found, promised, period)}
    return Evaluation(
        known=known,
        parameters=parameters,
        version=version,
        library=promised,
        seal=seal,
        control=control,
        criterion=criterion,
        controls={name: found[name] for name in ids},
        criteria=told,
        rolled=rolled,
        vendors=vendors.watch(lists["vendors"], period, parameters, interim=period != asked),
        promises=commitments.measure(lists["commitments"], lists["availability"], period, parameters),
        added=additions.added(conn, known, seal) if seal else (),
        follows=seals.before(conn, asked, as_of),
    )


def put_on_record(store: Store, found: Evaluation, result: dict[str, Any]) -> tuple[int, str]:
    """Keep an evaluation with all that it was asked with; return its ledger entry and the SHA-256 of its result."""
    content = dumps(result)
    digest = sha256(content).hexdigest()
    said = {
        "form": FORM,
        "begins": found.known.asked.begins,
        "ends": found.known.asked.ends,
        "as_of": found.known.as_of,
        "ledger_entry": found.known.position,
        "library": {"digest": found.library.digest, "entry": found.version.seq},
        "control": found.control,
        "criterion": found.criterion,
        "parameters": found.parameters.to_json(),
        "result_sha256": digest,
    }
    file = Attachment(FILE, "application/json", found.known.as_of, content)
    return attachments.append(store, KIND, said, [file]), digest
