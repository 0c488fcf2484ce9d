"""Each control of a period: segment by segment, from its checks, its people, and what compensates for it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from agent import library
from agent.audit.conclusions import Conclusion
from agent.audit.coverage import Grid, Unit
from agent.audit.intervals import Waiver
from agent.audit.parameters import DAY, Parameters
from agent.audit.periods import CONTINUOUS, Period, iso
from agent.audit.state import Compensation, StateResult, StateTest, evaluate, worst
from agent.errors import OperatorError
from agent.evaluation import people, reliability, vendors
from agent.evaluation.events import Tester
from agent.evaluation.events_listed import Sources, Wanted
from agent.evaluation.gather import Known
from agent.evaluation.people import People
from agent.evaluation.registered import Register
from agent.evaluation.reliability import Figures
from agent.evaluation.vendors import Watched
from agent.library import Version
from checks.library import VENDORS, Control, Covers, Frequency, Kind, Library
from storage.rows import Target


@dataclass(frozen=True, slots=True)
class Part:
    """One segment of a control: a stretch of the period in which it did not change in substance."""

    period: Period
    control: Control | None
    """As it was promised there; None when it was not in force."""
    why: str
    """Why it was not in force; empty when it was."""
    version: Version | None
    """The library that it stands in."""
    state: StateResult | None
    """What its checks found; None when no check tests it."""
    people: People | None
    """What people put on record; None for a control that needs none."""
    conclusion: Conclusion | None
    """None where the control was not in force, or does not apply."""
    reasons: tuple[str, ...]
    notes: tuple[str, ...]
    ipe: Figures | None = None
    """What the runs are worth that its checks rest on; None when no check tests it."""
    vendors: Watched | None = None
    """How the providers' reports cover it, of the control that watches them."""


@dataclass(frozen=True, slots=True)
class Concluded:
    """One control over the whole period."""

    control: Control
    """Its newest wording in the period."""
    parts: tuple[Part, ...]
    conclusion: Conclusion | None
    """That of the worst segment; None when it applied in none."""

    @property
    def word(self) -> str:
        """The conclusion, or why there is none, in one word."""
        if self.conclusion is not None:
            return self.conclusion.value
        return "not_applicable" if any(part.control for part in self.parts) else "not_in_force"

    @property
    def deviations(self) -> int:
        """How many deviations count by the control's own policy."""
        checked = sum(each.counted for part in self.parts if part.state for each in part.state.deviations)
        return checked + sum(part.vendors.deviations for part in self.parts if part.vendors)

    @property
    def coverage(self) -> float | None:
        """Covered by expected unit-slots of all segments; None when nothing was expected of checks."""
        states = [part.state for part in self.parts if part.state]
        expected = sum(each.expected_slots for each in states)
        return sum(each.covered_slots for each in states) / expected if expected else None

    @property
    def reasons(self) -> tuple[str, ...]:
        """Why it was concluded so: the reasons of its worst segments."""
        said = [reason for part in self.parts if part.conclusion is self.conclusion for reason in part.reasons]
        return tuple(dict.fromkeys(said))

    @property
    def notes(self) -> tuple[str, ...]:
        """What has to be disclosed beside the conclusion."""
        return tuple(dict.fromkeys(note for part in self.parts for note in part.notes))


def controls_of(versions: Iterable[Version], period: Period) -> dict[str, Control]:
    """Every control of the versions that count for a period, in its newest wording there, by id."""
    found: dict[str, Control] = {}
    for version in versions:
        if version.library is not None and (version.recorded_at < period.ends or not found):
            found = {
                **version.library.controls,
                **{k: v for k, v in found.items() if k not in version.library.controls},
            }
    return found


def promised(versions: Sequence[Version], instant: int) -> tuple[Version, Library]:
    """The newest library that was recorded by an instant, or the first one that is known at all."""
    known = [(each, each.library) for each in versions if each.library is not None]
    return next((each for each in reversed(known) if each[0].recorded_at <= instant), known[0])


def chosen(controls: Mapping[str, Control], name: str | None) -> list[str]:
    """The one control that is named, or all.  Raises OperatorError when it is none of them."""
    if name is not None and name not in controls:
        known = ", ".join(controls)
        raise OperatorError(f"--control {name!r}: was in no control library then; known: {known}")
    return list(controls) if name is None else [name]


def needed(controls: Mapping[str, Control], versions: Iterable[Version], ids: Collection[str]) -> dict[str, Control]:
    """Those of the controls that are asked for, and all that any version names to compensate for them."""
    wanted = set(ids)
    for version in versions:
        promised = version.library
        for name in ids if promised else ():
            wanted |= set(promised.compensating(name)) if promised and name in promised.controls else set()
    return {name: control for name, control in controls.items() if name in wanted}


def checks_of(versions: Iterable[Version], ids: Collection[str]) -> set[str]:
    """The checks that these controls ever had."""
    return {
        check
        for version in versions
        if version.library is not None
        for name in ids
        if name in version.library.controls
        for check in version.library.controls[name].checks
    }


def lists_of(versions: Iterable[Version], ids: Collection[str]) -> set[Wanted]:
    """The lists of occasions that these controls ever asked for."""
    known = [version.library.controls for version in versions if version.library is not None]
    wanted = (Wanted.by(controls[name]) for controls in known for name in ids if name in controls)
    return {each for each in wanted if each is not None}


@dataclass(slots=True)
class Judge:
    """Concludes on controls; what they share is worked out once."""

    known: Known
    parameters: Parameters
    sealed_at: int | None = None
    """When the evidence of the period was sealed; None when it was not."""
    sources: Sources | None = None
    """What lists the occasions of controls that people perform at each event."""
    vendors: Register | None = None
    """The register of providers at the evidence cut-off."""
    _grids: dict[tuple[str, Period], Grid] = field(default_factory=dict)
    _targets: dict[str, set[Target]] = field(default_factory=dict)
    """By control: where its checks judged anything."""

    def conclude(self, controls: Mapping[str, Control]) -> dict[str, Concluded]:
        """Each of these controls, first alone, then those with serious deviations beside what compensates for them.

        The checks of all of them must have been gathered.
        """
        found = {name: self._control(control, {}) for name, control in controls.items()}
        alone = dict(found)
        for name, each in alone.items():
            serious = (one for part in each.parts if part.state for one in part.state.deviations if one.serious)
            if any(serious) and self._compensated(name):
                found[name] = self._control(controls[name], alone)
        return found

    def _compensated(self, name: str) -> bool:
        """Whether any version names a control that makes up for this one."""
        promised = [version.library for version in self.known.versions if version.library is not None]
        return any(name in library.controls and library.compensating(name) for library in promised)

    def _control(self, control: Control, others: Mapping[str, Concluded]) -> Concluded:
        parts = tuple(self._parts(control, others))
        given = [part.conclusion for part in parts if part.conclusion is not None]
        last = next((part.control for part in reversed(parts) if part.control), control)
        return Concluded(last, parts, worst(given) if given else None)

    def _parts(self, control: Control, others: Mapping[str, Concluded]) -> Iterator[Part]:
        cut = library.segments(self.known.versions, control.id, self.known.period)
        merged: list[tuple[int, int, Control | None, str, str]] = []
        for segment in reversed(cut):
            # Where no promise is known yet there is no evidence either; the first one that is known judges that time,
            # and what was not looked at shows as a gap.
            if segment.control is None and merged and self._before_any(segment.begins):
                _, ends, kept, why, _ = merged.pop()
                early = f"until {iso(segment.ends)} {segment.why}; the promise that followed is taken for that time"
                merged.append((segment.begins, ends, kept, why, early if kept else ""))
            else:
                merged.append((segment.begins, segment.ends, segment.control, segment.why, ""))
        for begins, ends, promised, why, note in reversed(merged):
            yield self._part(Period(begins, ends), promised, why, note, others)

    def _before_any(self, instant: int) -> bool:
        version = library.at(self.known.versions, instant)
        return version is None or version.library is None

    def _part(
        self, period: Period, control: Control | None, why: str, note: str, others: Mapping[str, Concluded]
    ) -> Part:
        version = library.at(self.known.versions, period.ends - 1)
        notes = [note] if note else []
        if control is None:
            notes.append(f"not in force from {iso(period.begins)} until {iso(period.ends)}: {why}")
            return Part(period, None, why, version, None, None, None, (), tuple(notes))
        if control.not_applicable:
            notes.append(f"does not apply: {control.not_applicable}")
            return Part(period, control, "", version, None, None, None, (), tuple(notes))
        promised = version.library if version else None
        state = self._state(control, period, promised, others) if control.checks else None
        human = None
        if control.by_people:
            human = self._people(control, period)
            notes += human.notes
        conclusions: list[Conclusion] = []
        reasons: list[str] = []
        if state is not None:
            conclusions.append(state.conclusion)
            reasons += state.reasons
            if control.covers is Covers.PART:
                notes.append(f"no check sees this part: {control.not_covered}")
        if human is not None:
            conclusions.append(human.conclusion)
            reasons += human.reasons
        watched = self._watched(period) if control.monitors == VENDORS else None
        if watched is not None:
            conclusions.append(watched.conclusion)
            reasons += watched.reasons
            notes += watched.notes
        if state is None and watched is None and control.kind is not Kind.MANUAL:
            notes.append(f"no check tests it so far: {control.not_yet}")
            if human is None:
                conclusions.append(Conclusion.UNABLE_TO_CONCLUDE)
                reasons.append(f"no check tests it so far: {control.not_yet}")
        concluded = worst(conclusions)
        ipe = self._ipe(control, period) if state is not None else None
        return Part(period, control, "", version, state, human, concluded, tuple(reasons), tuple(notes), ipe, watched)

    def _watched(self, period: Period) -> Watched:
        """How the providers' reports cover a stretch of the period."""
        return vendors.watch(self.vendors, period, self.parameters, interim=self.known.period != self.known.asked)

    def _ipe(self, control: Control, period: Period) -> Figures:
        """What the runs are worth that the checks of a control rest on."""
        if (targets := self._targets.get(control.id)) is None:
            targets = reliability.targets_of(control.checks, self.known.units, self.known.subjects)
            self._targets[control.id] = targets
        return self.known.trust.over(period, targets)

    def _people(self, control: Control, period: Period) -> People:
        """What people did: at each occasion where something lists them, otherwise in each slot."""
        known, evidence = self.known, self.known.attestations
        if self.sources is not None and (wanted := Wanted.by(control)) is not None:
            tester = Tester(self.sources, self.parameters, known.asked, self.sealed_at)
            return tester.conclude(control, wanted, period, evidence)
        return people.conclude(control, period, evidence, self.parameters, self.sealed_at)

    def _state(
        self, control: Control, period: Period, promised: Library | None, others: Mapping[str, Concluded]
    ) -> StateResult:
        # A control of checks that is promised for events is watched as often as the agent reads.
        frequency = CONTINUOUS if control.frequency is Frequency.EVENT else control.frequency.value
        test = StateTest(
            control=control.id,
            period=period,
            frequency=frequency,
            policy=control.policy,
            severity=control.severity,
            sla=control.sla_days * DAY,
            cadence=self.known.cadence,
            parameters=self.parameters,
        )
        if (grid := self._grids.get((frequency, period))) is None:
            made = test.grid()
            # A continuous control is mostly looked at as often as an hourly one: the slots say whether they can share.
            grid = next((each for each in self._grids.values() if each.slots.edges == made.slots.edges), made)
            self._grids[frequency, period] = grid
        units = [
            unit
            for check in control.checks
            for unit in self.known.units.get(check, ())
            if (unit.ends is None or unit.ends > period.begins) and (unit.begins is None or unit.begins < period.ends)
        ]
        # That a cloud has no such thing holds in every slot: counted, it would water down what was found elsewhere.
        units = [unit for unit in units if unit.id not in self.known.elsewhere] or units
        made_up = [
            Compensation(name, self.known.period, others[name].conclusion or Conclusion.UNABLE_TO_CONCLUDE)
            for name in (promised.compensating(control.id) if promised and control.id in promised.controls else ())
            if name in others
        ]
        waived = list(self._waivers(control, units, period))
        return evaluate(test, [*units, *self.known.blind], grid=grid, waivers=waived, compensations=made_up)

    def _waivers(self, control: Control, units: Iterable[Unit], period: Period) -> Iterator[Waiver]:
        """Every exception that speaks of a unit that ever failed, once for each unit."""
        about = [
            each
            for each in self.known.waivers
            if each.control in (control.id, *control.checks) and each.begins < period.ends
        ]
        if not about:
            return
        for name in dict.fromkeys(unit.id for unit in units if unit.ever_failed):
            subject = self.known.subjects[name]
            for each in about:
                if each.match(subject.check, (control.id,), subject.target.name, subject.uid):
                    yield Waiver(
                        id=each.id,
                        unit=name,
                        requester=each.requested_by,
                        approver=each.approved_by,
                        approved_at=max(each.approved_at, each.recorded_at),
                        valid_from=each.valid_from,
                        valid_to=each.valid_to,
                        revoked_at=each.revoked_at,
                    )
