"""How data services can be reached, what they write down about it, and how their keys and secrets are kept."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from collectors.facts.core import Fact, Unread


@dataclass(frozen=True, slots=True, kw_only=True)
class DataEndpoint(Fact):
    """The network address of a data service: an object store, a database server, a cache or a vault."""

    service: str
    """What answers there, in words: `object store`, `PostgreSQL server`, `key vault`."""
    requires_tls: bool | Unread
    """Connections without TLS are refused."""
    minimum_tls: str | None | Unread
    """Lowest TLS version accepted, `1.0` to `1.3`; None when the service makes no demand."""
    open_ranges: tuple[str, ...] | Unread
    """Public addresses from which it takes connections, as networks in CIDR form, v4 and v6; empty when from none."""
    admits_provider: bool | Unread
    """It takes connections from everything that runs at the provider, other customers' machines too."""
    private_endpoints: int | Unread
    """Approved private addresses in the company's own networks."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DataConnections(Fact):
    """The connections over which data comes and goes: those that a service takes, or that a mover of data makes."""

    clouds: ClassVar[tuple[str, ...]] = ("aws",)
    """On Azure and Google Cloud brokers and file transfer know encrypted connections only; databases and caches are
    each a DataEndpoint."""

    what: str
    """In words: `MSK cluster`, `file transfer server`."""
    plain: tuple[str, ...] | Unread
    """Which of them may go unencrypted, in words: `with clients`, `between brokers`; empty when none may."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreSafeguards(Fact):
    """What an object store offers beside its encryption and its versions."""

    clouds: ClassVar[tuple[str, ...]] = ("azure", "gcp")
    """On AWS a bucket that holds objects cannot be deleted, and versions are what brings objects back."""

    encrypted_twice: bool | None | Unread
    """A second layer of encryption lies below the first; None where the provider has no such setting."""
    deleted_stores_kept_days: int | None | Unread
    """Days for which a deleted container can be brought back; 0 when it is gone at once; None where the provider has
    no such setting."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DatabaseAudit(Fact):
    """What a database server writes down about its use."""

    engine: str
    connections: bool | Unread
    """Who signs in, and who tries to."""
    server_events: tuple[str, ...] | None | Unread
    """What else of `disconnections` and `checkpoints`; None where the engine has no such settings."""
    sent_to: tuple[str, ...] | Unread
    """Where the record goes beside the server itself; empty when it stays there."""
    keeps: bool | Unread
    """A setting of the server says how long the record is kept; otherwise the receivers in `sent_to` decide that."""
    kept_days: int | None | Unread
    """Days of that setting; None when it says for ever."""
    longest_days: int | None
    """Most that it can say; None without a limit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DatabaseGuard(Fact):
    """A database server's own watch for attacks."""

    clouds: ClassVar[tuple[str, ...]] = ("azure",)
    """Elsewhere the detector of the account watches databases too, and servers have no setting of their own."""

    engine: str
    watched: bool | Unread


@dataclass(frozen=True, slots=True, kw_only=True)
class DatabaseSignIn(Fact):
    """How people and programs prove to a database server who they are."""

    engine: str
    directory: bool | Unread
    """Identities of the company's directory can sign in."""
    passwords: bool | Unread
    """Users with a password of the database's own can sign in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DatabaseArchive(Fact):
    """Copies of a database that are kept beyond its automatic backups, by a setting of its own."""

    clouds: ClassVar[tuple[str, ...]] = ("azure",)
    """Elsewhere such copies are made by a backup plan."""

    longest_days: int | Unread
    """Days after which the last of them is deleted; 0 when there are none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyVault(Fact):
    """A vault of the company's own that holds keys and secrets."""

    clouds: ClassVar[tuple[str, ...]] = ("azure",)
    """Elsewhere keys and secrets lie in a service of the account, which has no settings as a whole."""

    recoverable: bool | Unread
    """Deleted keys and secrets, and the vault itself, can be brought back."""
    purge_protected: bool | Unread
    """Nobody can destroy what was deleted before its time is over."""
    audit_log_to: str | None | Unread
    """Where the record of every use goes; None when it goes nowhere."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SharedKey(Fact):
    """A key of a data service itself: whoever holds it may do everything there, and nobody can tell who did."""

    clouds: ClassVar[tuple[str, ...]] = ("azure",)
    """Elsewhere every key belongs to a user or a service account."""

    owner: str
    """Name of the service that it opens."""
    active: bool | Unread
    """Requests that are signed with it are taken."""
    created: datetime | Unread


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificate(Fact):
    """A certificate that the provider keeps for the company."""

    enabled: bool | Unread
    """It can be presented; False when the company switched it off."""
    expires: datetime | Unread


@dataclass(frozen=True, slots=True, kw_only=True)
class Sharing(Fact):
    """Whom a thing of the company is shared with by rights alone, whatever network it is reached over."""

    what: str
    """In words: `dataset`, `disk image`, `encryption key`."""
    everybody: bool | Unread
    """Anybody may use it, or anybody who has an account at the provider."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SharingGuard(Fact):
    """A guard of one region, above the rights of single things: none of its kind can be shared with everybody."""

    clouds: ClassVar[tuple[str, ...]] = ("aws",)
    """On Azure disks and their copies cannot be given to everybody; on Google Cloud an organization's rule about who
    may be named in any policy stands guard over all kinds at once."""

    what: str
    """In words: `disk snapshots`, `machine images`."""
    blocked: bool | Unread


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectRights(Fact):
    """How rights to single objects of an object store come about."""

    clouds: ClassVar[tuple[str, ...]] = ("aws", "gcp")
    """On Azure objects have no access lists of their own unless the store is a file system."""

    single_policy: bool | Unread
    """The store's own policy decides alone; False where each object can have an access list beside it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementLog(Fact):
    """Which statements a PostgreSQL server writes down, in PostgreSQL's own words."""

    statements: str | Unread
    """Kind of statements that are always written down: `none`, `ddl`, `mod` or `all`."""
    messages_from: str | Unread
    """Least severe messages that are written down: `debug5` to `panic`."""
    failed_from: str | Unread
    """Least severe failure at which the statement is written down too."""
    verbosity: str | Unread
    """`terse`, `default` or `verbose`."""
    slow_milliseconds: int | Unread
    """Statements that take this long are written down with all values in them; -1 when none are."""
