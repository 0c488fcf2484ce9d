"""What all parts of the demo's company at Google have in common: its moment in time, its names, its listings."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from agent.demo.gcp_loopback import NUMBER, PROJECT, GcpEstate, Listed

REGION, ZONE, FAR = "europe-west1", "europe-west1-b", "europe-north1"
PEOPLE = "acme.example"
KEY = f"projects/{PROJECT}/locations/{REGION}/keyRings/acme/cryptoKeys/data"
"""The key that the company's data is encrypted with."""
COMPUTE = "compute/compute/v1/projects/{project}"
LISTS = {
    "admin": ("v1:activities",),
    "alloydb": ("v1/locations/-/clusters", "v1/locations/-/clusters/-/instances"),
    "apikeys": ("v2/locations/global/keys",),
    "artifactregistry": ("v1/locations",),
    "backupdr": (
        "v1/locations/-/backupPlans",
        "v1/locations/-/backupPlanAssociations",
        "v1/locations/-/backupVaults",
        "v1/locations/-/backupVaults/-/dataSources",
    ),
}
