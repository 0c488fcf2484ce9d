"""The two families of reads: Azure Resource Manager, and Microsoft Graph."""

from __future__ import annotations

from typing import Any

from collectors.api import Kind

UNREGISTERED = "MissingSubscriptionRegistration"
"""What a subscription answers for a resource provider that it never registered."""
GRAPH = "graph"
"""The service under which reads of the directory are recorded, and limited."""


def arm(name: str, type_: str, path: str, version: str, *, permission: str = "", **more: Any) -> Kind:
    """A read of Resource Manager: `type_` is `Microsoft.Storage/storageAccounts`, `version` a pinned api-version.

    `path` may hold `{subscription}` and names that the caller gives.  The permission is the type's read unless said.
    """
    namespace, _, thing = type_.partition("/")
    mark = "&" if "?" in path else "?"
    return Kind(
        name,
        namespace,
        thing,
        permission=permission or f"{type_}/read",
        path=f"{path}{mark}api-version={version}",
        **more,
    )


def of_subscription(name: str, type_: str, version: str, **more: Any) -> Kind:
    """The listing of all things of a type in the subscription.

    A subscription that never registered the type's provider has none: Azure makes nothing of an unregistered provider,
    and lets nobody unregister one that still has resources.
    """
    path = f"/subscriptions/{{subscription}}/providers/{type_}"
    return arm(name, type_, path, version, **{"items": "value", "absent": (UNREGISTERED,), **more})


def of_resource(name: str, type_: str, version: str, *, below: str, **more: Any) -> Kind:
    """One thing `below` a resource, whose id the caller gives as `id`; a listing when `items` says where they are."""
    return arm(name, type_, f"{{id:path}}/{below}", version, **more)


def graph(name: str, path: str, permission: str, **more: Any) -> Kind:
    """A read of Microsoft Graph: `path` below the host, with its query; `permission` is an application permission."""
    operation = path.partition("?")[0].split("/", 2)[-1]
    return Kind(name, GRAPH, operation, permission=permission, path=path, **more)
