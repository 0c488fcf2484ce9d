"""Virtual machines, and groups that make them from a model."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from collectors.facts.core import Fact, Unread


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine(Fact):
    """A virtual machine, or the model of a group of like ones."""

    trusted_boot: bool | Unread
    """It starts only signed code, and a virtual trusted-platform module measures it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MachineDisks(Fact):
    """Where the disks of a machine, of a model or of an image lie."""

    clouds: ClassVar[tuple[str, ...]] = ("azure",)
    """Elsewhere a disk can be nothing else than a resource of its own."""

    loose: tuple[str, ...] | Unread
    """Names of disks that are files in an object store: no listing of disks shows them, and the rules for disks do not
    reach them."""
