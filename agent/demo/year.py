"""Plays a whole year in minutes: the agent reads the made-up company in each slot, under a clock that jumps.

Nothing of the agent is replaced but its clock: slots that nobody read become gap entries, and promises, exceptions
and attestations go on record, exactly as they do under the real one.
"""

from __future__ import annotations

import gc
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from heapq import merge
from pathlib import Path
from types import ModuleType
from urllib.request import Request, urlopen

from agent import attest, clock, collect, config, waivers
from agent.alerts.watch import Watch
from agent.collect import Collection
from agent.demo.loopback import Faults, loopback_aws
from agent.demo.story import MEMBER_ROLE, NAME, OWN_CONTROL, REGION, STRICTER_KEYS, TOLD, Review, Story
from agent.run import Organized
from agent.target_sections import AnyTarget
from agent.wiring import wire
from checks.controls import load
from checks.registry import all_checks
from collectors import reader
from storage.attachments import Attachment
from storage.engine import Store, open_store

SECOND = 1_000_000
HOUR = 3600 * SECOND
DAY = 24 * HOUR
DELAY = 30 * SECOND
"""From a slot to its first run, and from one run to the next; the clock stands still during a run."""
SEED = 2
"""Of moto's random numbers, so that ids are the same each time."""
SETTINGS = """\
# Made by `proofkeep demo --year`: an AWS organization that lived on loopback while its year was played.
database = "sqlite:///demo.db"

[schedule]
every = "{every}"

[[targets]]
name = "{name}"
cloud = "aws"
regions = ["{region}"]
organization = true
member_role = "{role}"
endpoint = "{endpoint}"
"""

Told = Callable[[int, int, int], None]
"""Told the instant of a slot, how many slots are done with it, and how many there are."""
Step = tuple[int, Callable[[], None]]


class JumpingClock:
    """A clock that shows what it was set to, in microseconds since the epoch."""

    def __init__(self, time: int) -> None:
        """Begin at `time`."""
        self.time = time

    def __call__(self) -> int:
        """Tell the time."""
        return self.time


@dataclass(slots=True)
class Played:
    """What the year came to."""

    slots: int = 0
    """Those of the schedule that were taken."""
    missed: int = 0
    """Those that found the agent down."""
    runs: int = 0
    """Sealed runs of all accounts."""


def play(folder: Path, year: int, told: Told) -> Played:
    """Play a year into a fresh folder that has the name of no file yet; `told` hears of each slot.

    Raises OperatorError, StoreError.
    """
    faults = Faults(whole_root=True)
    time = faults.now = JumpingClock(0)
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    with _replaced(clock, "now", time), _replaced(reader, "now", time), loopback_aws(faults) as endpoint:
        _forget(endpoint)
        return _Year(folder, Story(year, endpoint, faults), endpoint, time, told).play()


@contextmanager
def _replaced(module: ModuleType, name: str, value: object) -> Iterator[None]:
    """The function of a module is another one while the block runs."""
    before = getattr(module, name)
    setattr(module, name, value)
    try:
        yield
    finally:
        setattr(module, name, before)


@contextmanager
def _spared_garbage() -> Iterator[None]:
    """What is there by now is not looked through for garbage: that would take a tenth of the year."""
    gc.collect()
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()


def _forget(endpoint: str) -> None:
    """Begin with an empty cloud: the memory of the server is that of the process."""
    for path in ("reset", f"seed?a={SEED}"):
        urlopen(Request(f"{endpoint}/moto-api/{path}", method="POST")).close()  # noqa: S310  # our own address


class _Year:
    """The year under way."""

    def __init__(self, folder: Path, story: Story, endpoint: str, time: JumpingClock, told: Told) -> None:
        self._folder = folder
        self._story = story
        self._endpoint = endpoint
        self._time = time
        self._told = told
        self._played = Played()
        self._accounts: dict[tuple[str, bool], Organized] = {}
        self._collection: Collection | None = None
        self._store: Store

    def play(self) -> Played:
        """From the day before the year to its last slot."""
        story = self._story
        self._time.time = story.installed
        story.build()
        (self._folder / "controls.d").mkdir(parents=True, exist_ok=True)
        self._file("controls.d/own.toml", OWN_CONTROL)
        self._file("controls.d/rest.toml", "".join(map(_switched_off, sorted(_untold()))))
        self._configure("1h")
        url = config.load(self._settings).database.get_secret_value()
        with open_store(url, create=True, clock=self._time) as self._store:
            self._reload()
            with _spared_garbage():
                for instant, act in merge(sorted(self._steps(), key=_instant), self._slots(), key=_instant):
                    self._time.time = instant
                    act()
        return self._played

    def _steps(self) -> Iterator[Step]:
        """Everything but the slots."""
        story = self._story
        yield from story.events()
        yield story.daily_from, partial(self._reload, "1d")
        yield story.stricter, self._promise_more
        yield story.exemption().at, self._exempt
        for review in story.reviews():
            yield review.at, partial(self._attest, review)

    def _slots(self) -> Iterator[Step]:
        """Each slot in which the agent is up, shortly after its beginning."""
        story = self._story
        hourly = range(story.begins, story.daily_from, HOUR)
        every = (*hourly, *range(story.daily_from, story.ends, DAY))
        down, up = story.outage
        for number, slot in enumerate(every, 1):
            if down <= slot < up:
                self._played.missed += 1
            else:
                yield slot + DELAY, partial(self._visit, slot, number, len(every))

    def _visit(self, slot: int, number: int, of: int) -> None:
        """What one slot brings: the accounts are listed, then read one after the other."""
        collection = self._prepared
        for target in collection.settings.targets:
            expansion = collection.members(target)
            for place, member in enumerate(expansion.targets):
                self._time.time = slot + DELAY * (place + 1)
                collect.visit(collection, member, _quiet, scheduled=True)
                self._played.runs += 1
        self._played.slots += 1
        self._told(slot, number, of)

    @property
    def _prepared(self) -> Collection:
        if self._collection is None:
            message = "the settings were not read yet"
            raise RuntimeError(message)
        return self._collection

    @property
    def _settings(self) -> Path:
        return self._folder / "proofkeep.toml"

    def _configure(self, every: str) -> None:
        said = SETTINGS.format(every=every, name=NAME, region=REGION, role=MEMBER_ROLE, endpoint=self._endpoint)
        self._file("proofkeep.toml", said)

    def _file(self, name: str, text: str) -> None:
        (self._folder / name).write_text(text, encoding="utf-8")

    def _reload(self, every: str | None = None) -> None:
        """Go by the settings as they are now, as the daemon does when it is told that they changed."""
        if every is not None:
            self._configure(every)
        settings = config.load(self._settings)
        wiring = wire(settings).promised()
        watch = Watch(settings, wiring)
        self._collection = Collection(settings, wiring, self._store, watch, open=self._open)
        self._collection.begin()

    def _open(self, target: AnyTarget, *, onboarded: bool = True) -> Organized:
        """Open each account once: a new session takes as long as a whole run of an account this small."""
        key = (target.name, onboarded)
        if key not in self._accounts:
            self._accounts[key] = collect.open_account(target, onboarded=onboarded)
        return self._accounts[key]

    def _promise_more(self) -> None:
        self._file("controls.d/keys.toml", STRICTER_KEYS)
        self._reload()

    def _exempt(self) -> None:
        said = self._story.exemption()
        terms = waivers.Terms(
            control=said.control,
            target=NAME,
            resource=said.resource,
            reason="the partner's importer cannot read objects under our key before its next release",
            risk="the provider's key protects the exchanged files, which hold no personal data",
            requested_by="Platform Lead",
            approved_by="Head of Security",
            approved_at=said.at,
            valid_from=said.since,
            valid_to=said.until,
        )
        waivers.grant(self._store, self._prepared.wiring, terms)

    def _attest(self, review: Review) -> None:
        claim = attest.Claim(
            control=review.control,
            performed_by="IT Manager",
            performed_at=review.at - HOUR,
            uploaded_by="IT Manager",
            reviewed_by="Head of Security",
            reviewed_at=review.at,
            slot=review.slot,
            note=review.note,
        )
        content = f"{review.control} {review.slot}: {review.note}\n".encode()
        file = Attachment(f"{review.control}-{review.slot}.txt", "text/plain", review.at - HOUR, content)
        attest.record(self._store, self._prepared.wiring, claim, [file])


def _untold() -> Iterator[str]:
    """The controls with checks that the story does not speak of."""
    for control in load([], all_checks()).controls.values():
        if control.checks and control.id not in TOLD:
            yield control.id


def _switched_off(control: str) -> str:
    return f'[[control]]\nid = "{control}"\ndisabled = true\nreason = "no part of the year that is played"\n\n'


def _instant(step: Step) -> int:
    return step[0]


def _quiet(_stage: str, _done: int) -> None:
    """The slots are progress enough."""
