"""Where the company's own programs run without a machine of its own: web apps, functions, clusters, registries."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from collectors.facts.core import Fact, Unread


@dataclass(frozen=True, slots=True, kw_only=True)
class WebApp(Fact):
    """A program that the provider runs and that answers requests.  Its listeners are facts of their own."""

    what: str
    """In words: `web app`, `function app`, `container app`."""
    open_ranges: tuple[str, ...] | Unread
    """Public addresses from which it takes requests, as networks in CIDR form, v4 and v6; empty when from none."""
    identity: tuple[str, ...] | Unread
    """Uids of the identities that it acts with at the provider, in the form in which policies name who holds them;
    empty when it has none."""
    access_logged: bool | None | Unread
    """Every request is written to a log that is kept apart from the app; None where the kind has no such log."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AppMaintenance(Fact):
    """Ways into a running web app beside its front door."""

    clouds: ClassVar[tuple[str, ...]] = ("azure",)
    """Elsewhere no such ways exist."""

    remote_debugging: bool | Unread
    """A debugger can be attached over the network."""
    plain_file_transfer: bool | Unread
    """Its files can be changed over FTP without TLS."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cluster(Fact):
    """A Kubernetes cluster that the provider manages."""

    api_open_ranges: tuple[str, ...] | Unread
    """Public addresses from which its API takes requests, as networks in CIDR form; empty when it is private."""
    public_nodes: bool | Unread
    """Some node has, or may get, an address on the internet."""
    local_accounts: bool | None | Unread
    """There is a way to sign in as administrator without the provider's directory; None where there can be none."""
    roles: bool | Unread
    """Rights inside the cluster are given by roles."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Registry(Fact):
    """A registry of container images.  Its network address is a `DataEndpoint`."""

    shared_account: bool | Unread
    """One account with a password that everybody shares can push and pull."""
    anonymous_pull: bool | Unread
    """Anybody may fetch images, without signing in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageScanning(Fact):
    """Whether the provider looks for known flaws in the images of one registry."""

    clouds: ClassVar[tuple[str, ...]] = ("aws", "gcp")
    """On Azure a part of a `ProtectionPlan` looks into all registries of a subscription, and none has a say in it."""

    scanned: bool | None | Unread
    """Images are looked at when they come in, and again when new flaws are known; None where it cannot look at what
    this registry holds."""
