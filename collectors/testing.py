"""For authors of collectors: run one collector against a server, and look at what it read and shaped."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from collectors.documents import Documents
from collectors.facts.core import Fact

if TYPE_CHECKING:
    from collections.abc import Iterable

    from collectors.api import Collector
    from collectors.provenance import Identity, Page

F = TypeVar("F", bound=Fact)


@dataclass(frozen=True, slots=True)
class Reading:
    """One collector's pages over all its regions, taken together."""

    collector: Collector
    identity: Identity
    regions: tuple[str, ...]
    page: Page

    @property
    def documents(self) -> Documents:
        """What `shape` sees."""
        page = self.page
        return Documents(self.collector, self.identity, self.regions, page.documents, page.gaps, page.listings)

    def facts(self, type_: type[F]) -> list[F]:
        """The facts of a type, by name of their resource."""
        found: Iterable[Fact] = self.collector.shape(self.documents)
        return sorted((fact for fact in found if isinstance(fact, type_)), key=lambda fact: fact.resource.name)

    def fact(self, type_: type[F], name: str) -> F:
        """The one fact of a type about the resource called `name`."""
        (found,) = [fact for fact in self.facts(type_) if fact.resource.name == name]
        return found

    def operations(self) -> set[str]:
        """Every operation that was called."""
        return {f"{call.service}:{call.operation}" for call in self.page.calls}
