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


@dataclass(frozen=True, slots=True, kw_only=True)
class MachineAddresses(Fact):
    """The addresses by which the internet reaches a virtual machine."""

    clouds: ClassVar[tuple[str, ...]] = ("aws", "gcp")
    """On Azure an address is a resource of its own: see `PublicAddress`."""

    public: tuple[str, ...] | Unread
    """`ephemeral` for one that it gets when it is started."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MachineForwarding(Fact):
    """Whether a virtual machine can stand between others."""

    forwards: bool | Unread
    """It may send on packets that are not its own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MachineSignIn(Fact):
    """Ways into a virtual machine that the provider's own settings open, as Google's do."""

    clouds: ClassVar[tuple[str, ...]] = ("gcp",)
    """Elsewhere the provider puts a key into a machine once, when it is made, and hands out no more afterwards."""

    directory: bool | Unread
    """Only identities of the directory sign in over SSH, by rights that can be taken away."""
    shared_keys: bool | Unread
    """Whoever holds a key that is written down for the whole account can sign in."""
    console: bool | Unread
    """Its serial console answers on the internet, whatever firewalls say."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MachineIdentity(Fact):
    """What programs on a virtual machine may do at the provider without a key of their own."""

    clouds: ClassVar[tuple[str, ...]] = ("gcp",)
    """Elsewhere a machine has no identity unless it is given one, with rights of its own."""

    unlimited: bool | Unread
    """It acts as an account that was made for all machines alike, with no limit on what it may call."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MachineMemory(Fact):
    """Whether the provider can see what a virtual machine holds in its memory."""

    encrypted: bool | Unread
    """Its memory is encrypted with a key that only its processor has."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MachineMetadata(Fact):
    """How programs on a virtual machine, or on those made from a model, get its credentials from the provider."""

    clouds: ClassVar[tuple[str, ...]] = ("aws",)
    """Elsewhere the metadata service answers no request that lacks a header of its own, whatever is set."""

    token_required: bool | None | Unread
    """Nobody gets an answer who did not first ask for a token, or nobody gets any; None where a model leaves it to
    others to say so."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MachineManagement(Fact):
    """Whether the provider's service for managing machines reaches a virtual machine from within."""

    clouds: ClassVar[tuple[str, ...]] = ("aws",)
    """Elsewhere no service lists the machines that it lost, and `Assessment` tells of updates that nobody installed."""

    running: bool | Unread
    reached: bool | Unread
    """Its agent has answered lately."""
