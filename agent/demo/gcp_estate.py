"""A small organization at Google with things that are right and things that are wrong: people, a folder, two projects.

All bodies are made by hand in the shape that Google publishes, with no more in them than the agent looks at.
"""

from __future__ import annotations

from datetime import datetime

from agent.demo import gcp_access, gcp_databases, gcp_network, gcp_oversight, gcp_stores
from agent.demo.gcp_company import Company, policy
from agent.demo.gcp_loopback import GcpEstate

LAB = "acme-lab"
DENIED = r"GET /cloudkms\.googleapis\.com/.*/cryptoKeyVersions\?"
"""The one call of the demo that is refused on purpose, to show what the agent says then."""


def build(estate: GcpEstate, now: datetime) -> None:
    """Fill an empty estate; ages and ends are reckoned from `now`."""
    company = Company(estate, now)
    company.found()
    gcp_access.directory(company)
    for part in (gcp_access, gcp_stores, gcp_databases, gcp_oversight, gcp_network):
        part.build(company)
    _lab(Company(estate, now, LAB, "731000000042"))


def _lab(lab: Company) -> None:
    """A project in which somebody tries things out, with one bucket in it."""
    lab.found()
    lab.say("cloudresourcemanager/v3/~:getIamPolicy", policy(("roles/owner", (gcp_access.BOB,))))
    gcp_access.audit_logs(lab)
    gcp_oversight.detectors(lab, event_threat_detection="DISABLED", security_health_analytics="DISABLED")
    gcp_oversight.enforced(lab, on=True)
    gcp_stores.bucket(lab, "acme-lab-scratch", soft_delete=0)
    lab.put("cloudkms/v1/~/locations", {"name": f"{lab.p}/locations/global", "locationId": "global"})
    lab.below("cloudkms/v1/~/locations/global/keyRings", "keyRings")
    lab.say("compute/compute/v1/~", {"name": lab.project, "commonInstanceMetadata": {}})
