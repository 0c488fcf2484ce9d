"""The contract of a collector: `fetch` reads documents as answered, `shape` turns them into facts.

A collector is data plus two functions.  Everything about one read (operation, permission, what the provider says
when the thing does not exist, which fields change on their own) is declared once, in a `Kind`.  The reader that
`fetch` receives records each call and turns each failure into a gap, so an author can neither forget nor hide one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from collectors.facts.core import Fact

Body = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of document and the one read that answers it."""

    name: str
    """`aws.s3.bucket_encryption`: cloud, service, thing."""
    service: str
    """The SDK's name of the service: `s3`."""
    operation: str
    """The provider's name of the operation: `GetBucketEncryption`."""
    permission: str = ""
    """The right it needs, where its name differs from service and operation."""
    items: str = ""
    """For a listing: the key of the answer that holds the items.  Dots descend, and `*` stands for every key there."""
    absent: tuple[str, ...] = ()
    """Error codes by which the provider says "there is none": an answer, not a gap; for a listing, an empty one."""
    omits_empty: bool = False
    """The provider leaves `items` out of an empty answer.  Otherwise a missing key is a malformed answer."""
    volatile: tuple[str, ...] = ()
    """Dotted paths of fields that change without anybody changing a setting; `*` is the whole body."""
    within: Kind | None = None
    """The listing whose every item this one is listed for."""
    path: str = ""
    """Where a cloud that is asked over HTTP answers: a path and its query, with `{names}` to be filled in."""
    post: Mapping[str, Any] | None = field(default=None, hash=False)
    """The body of a question that is asked by POST, and yet only reads; None for GET."""

    @property
    def needs(self) -> str:
        """The permission, as it stands in a policy."""
        return self.permission or f"{self.service}:{self.operation}"

    @property
    def call(self) -> str:
        """Service and operation, as it stands in findings and gaps."""
        return f"{self.service}:{self.operation}"


@dataclass(frozen=True, slots=True)
class Document:
    """One provider object as answered."""

    kind: str
    uid: str
    region: str
    body: Body
    call: int = -1
    """Number of the call that answered it, unique in its run."""
    redacted: tuple[tuple[str, str], ...] = ()
    """(path, rule) of each secret that was taken out before anything was kept."""

    @property
    def absent(self) -> bool:
        """The provider said that there is no such thing."""
        return "absent" in self.body and len(self.body) == 1


@dataclass(frozen=True, slots=True)
class Then:
    """More to read, concurrently: `function(reader, *args)` in the same collector.

    Yield it for each item whose details need calls of their own, so that they share the pool instead of queueing.
    """

    function: Callable[..., Iterator[Document | Then]]
    args: tuple[Any, ...]
    label: str
    """Unique within the collector and region: part of the staging key."""
    region: str = ""
    """Region to read in, when it is not the one of the listing."""


DIRECTORY = "directory"
"""The region of a tenant's directory, which is an account of its own beside those that hold resources."""

Fetch = Callable[[Any], Iterator["Document | Then"]]
Shape = Callable[[Any], Iterator[Fact]]


@dataclass(frozen=True, slots=True)
class Collector:
    """One thing read: what it needs, what it emits, and the two functions."""

    id: str
    """`aws.s3_buckets`: cloud and file name."""
    title: str
    scope: Literal["global", "region", "directory"]
    """Read once per account, once per region, or once per directory of people."""
    kinds: tuple[Kind, ...]
    emits: Mapping[type[Fact], Kind | None]
    """Each type of fact, and the listing whose completeness bounds its population (None: exactly one fact)."""
    source: str
    """Where the provider documents these answers: API name and version."""
    fetch: Fetch = field(repr=False)
    shape: Shape = field(repr=False)
    extra_permissions: tuple[str, ...] = ()
    """Rights that a read needs beside its own."""
    bounded_by: Mapping[type[Fact], tuple[Kind, ...]] = field(default_factory=dict)
    """By type of fact: details of the items of its listing, each of which may hold more such facts.  Where one was not
    read, nobody knows the whole population."""

    def places(self, regions: tuple[str, ...]) -> tuple[str, ...]:
        """Where it reads an account with these regions; nowhere, where the account is a directory and it is not."""
        directory = DIRECTORY in regions
        match self.scope:
            case "directory":
                return (DIRECTORY,) if directory else ()
            case "global":
                return () if directory else ("global",)
            case "region":
                return () if directory else regions

    @property
    def permissions(self) -> tuple[str, ...]:
        """All rights that this collector uses, sorted."""
        return tuple(sorted({kind.needs for kind in self.kinds} | set(self.extra_permissions)))
