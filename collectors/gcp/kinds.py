"""Reads of Google's services over HTTP."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from collectors.api import Kind

DISABLED = "SERVICE_DISABLED"
"""What a project answers in which an API was never enabled, or was disabled again."""


def rest(name: str, service: str, operation: str, path: str, *, permission: str, **more: Any) -> Kind:
    """A read of a service: `operation` as its reference calls it (`buckets.list`), `path` below the host with a query.

    `path` may hold `{project}`, `{organization}` and names that the caller gives.  `permission` is the right that it
    needs in IAM, such as `storage.buckets.list`.  Where Google guarantees that a service that is not enabled has
    nothing, say so with `absent=(DISABLED,)` and why.
    """
    return Kind(name, service, operation, permission=permission, path=path, **more)


def posted(
    name: str, service: str, operation: str, path: str, *, permission: str, body: Mapping[str, Any], **more: Any
) -> Kind:
    """A question that is asked by POST and changes nothing, such as `getIamPolicy`."""
    return Kind(name, service, operation, permission=permission, path=path, post=body, **more)
