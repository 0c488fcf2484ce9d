"""Reads of Google's services over HTTP."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from collectors.api import Kind

DISABLED = "SERVICE_DISABLED"
"""What a project answers in which an API was never enabled, or was disabled again."""
WITNESSED = frozenset(
    {
        "alloydb",
        "apikeys",
        "artifactregistry",
        "backupdr",
        "bigquery",
        "bigtableadmin",
        "certificatemanager",
        "cloudfunctions",
        "cloudkms",
        "container",
        "dns",
        "file",
        "firestore",
        "pubsub",
        "redis",
        "run",
        "secretmanager",
        "spanner",
        "sqladmin",
    }
)
"""Services that are not enabled and yet may hold something: Google lets a company turn them off with things in them.
Cloud Asset Inventory knows these things all the same (they are of its supported asset types), so where it knows none,
a listing that is refused because the service is off is an empty one.  Where it cannot be asked, that stays a gap.  Of
Compute Engine alone Google says that it is turned off only when it is empty: see gcp.compute_instances."""
WITNESS = Kind(
    "gcp.cloudasset.witness",
    "cloudasset",
    "searchAllResources",
    permission="cloudasset.assets.searchAllResources",
    path="/v1/projects/{project}:searchAllResources?assetTypes={types}&readMask=name&pageSize=1",
    items="results",
    omits_empty=True,
)
"""Whether there is anything of a service, `types` being the pattern of its types."""


def rest(name: str, service: str, operation: str, path: str, *, permission: str, **more: Any) -> Kind:
    """A read of a service: `operation` as its reference calls it (`buckets.list`), `path` below the host with a query.

    `path` may hold `{project}`, `{organization}` and names that the caller gives.  `permission` is the right that it
    needs in IAM, such as `storage.buckets.list`.  Where Google guarantees that a service that is not enabled has
    nothing, say so with `absent=(DISABLED,)` and why; for listings of those in WITNESSED that is said already.
    """
    if service in WITNESSED and "items" in more:
        more.setdefault("absent", (DISABLED,))
    return Kind(name, service, operation, permission=permission, path=path, **more)


def posted(
    name: str, service: str, operation: str, path: str, *, permission: str, body: Mapping[str, Any], **more: Any
) -> Kind:
    """A question that is asked by POST and changes nothing, such as `getIamPolicy`."""
    return Kind(name, service, operation, permission=permission, path=path, post=body, **more)
