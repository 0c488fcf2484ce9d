"""Puts the parts together for one configuration: collectors, checks, the control library and their digests."""

from __future__ import annotations

import hashlib
import importlib
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import checks
import collectors
from agent.config import Settings
from agent.errors import OperatorError
from checks.api import Check, Params
from checks.controls import Library
from checks.controls import load as load_controls
from checks.registry import all_checks, source_of
from checks.scope import choose
from collectors.api import Collector
from collectors.registry import CLOUDS, collectors_of
from collectors.registry import source_of as collector_source


@dataclass(frozen=True, slots=True)
class Wiring:
    """Everything that judges, ready for a run."""

    checks: Mapping[str, Check]
    collectors: Mapping[str, Collector]
    """Of every cloud, by id."""
    library: Library

    def collectors_for(self, cloud: str) -> tuple[Collector, ...]:
        """The collectors of one cloud."""
        return tuple(each for each in self.collectors.values() if each.id.partition(".")[0] == cloud)

    def params(self) -> Mapping[str, Params]:
        """Parameters that the control library sets, by check."""
        return {check_id: self.library.params_for(check) for check_id, check in self.checks.items()}

    def has_none(self, check_id: str, cloud: str) -> bool:
        """Whether a cloud has nothing of what a check judges; of a check that is no longer there nobody knows that."""
        check = self.checks.get(check_id)
        return check is not None and not check.exists_on(cloud)

    def scopes(self, cloud: str, regions: tuple[str, ...]) -> Iterator[tuple[Collector, str]]:
        """Each collector of a cloud with each region that it has to read."""
        for collector in self.collectors_for(cloud):
            for region in collector.places(regions):
                yield collector, region

    def promised(self) -> Wiring:
        """Only the checks that a control of the library has, and only the collectors that these need."""
        tested = {check_id for control in self.library.controls.values() for check_id in control.checks}
        checks = {check_id: check for check_id, check in self.checks.items() if check_id in tested}
        needed = {type_ for check in checks.values() for type_ in check.needs}
        collectors = {id_: each for id_, each in self.collectors.items() if not needed.isdisjoint(each.emits)}
        return replace(self, checks=checks, collectors=collectors)

    def code_digest(self) -> str:
        """Hex SHA-256 over the code that reads and judges: every collector, the vocabulary and every check."""
        parts = [collector_digest(each) for each in self.collectors.values()]
        parts += [check_digest(each) for each in self.checks.values()]
        return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def all_collectors() -> dict[str, Collector]:
    """Every collector of every cloud, by id."""
    return {id_: collector for cloud in CLOUDS for id_, collector in collectors_of(cloud).items()}


def wire(settings: Settings) -> Wiring:
    """The parts that `settings` ask for.  Raises OperatorError."""
    found_checks, found_collectors = dict(all_checks()), all_collectors()
    for name in settings.plugins:
        module = _plugin(name)
        for check in getattr(module, "CHECKS", ()):
            _refuse_taken(found_checks, check.id, name)
            found_checks[check.id] = check
        for collector in getattr(module, "COLLECTORS", ()):
            _refuse_taken(found_collectors, collector.id, name)
            found_collectors[collector.id] = collector
    try:
        library = load_controls(settings.controls, found_checks, choose(**settings.scope.model_dump()))
    except ValueError as error:
        raise OperatorError(str(error)) from error
    return Wiring(found_checks, found_collectors, library)


def _plugin(name: str) -> object:
    try:
        return importlib.import_module(name)
    except ImportError as error:
        message = f"plugins: {name!r} cannot be imported ({error}); install it where proofkeep runs, or remove it"
        raise OperatorError(message) from error


def _refuse_taken(found: Collection[str], id_: str, plugin: str) -> None:
    if id_ in found:
        message = f"plugins: {plugin!r} brings {id_!r}, which exists already"
        raise OperatorError(message)


def check_digest(check: Check) -> str:
    """Hex SHA-256 of a check's own file and of what all checks share: which code said PASS."""
    return _digest(source_of(check), _shared(checks.__path__[0]))


def collector_digest(collector: Collector) -> str:
    """Hex SHA-256 of a collector's own file and of what all collectors share."""
    folder = Path(collectors.__path__[0])
    return _digest(collector_source(collector), _shared(str(folder)), _shared(str(folder / "facts")))


def _digest(file: Path, *shared: bytes) -> str:
    digest = hashlib.sha256(file.read_bytes())
    for part in shared:
        digest.update(part)
    return digest.hexdigest()


@cache
def _shared(folder: str) -> bytes:
    """Digest of the modules right in a folder."""
    digest = hashlib.sha256()
    for path in sorted(Path(folder).glob("*.py")):
        digest.update(path.name.encode() + b"\0" + path.read_bytes())
    return digest.digest()
