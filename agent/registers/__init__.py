"""Lists that a company keeps elsewhere and that an auditor asks for: imported whole, kept to the byte, and joined.

Each import is evidence: where the list comes from, how it was drawn, how many rows it has, and who did it.
"""

from __future__ import annotations

KINDS = {
    "commitments": "Service commitments and system requirements, with the criteria and controls that serve them.",
    "vendors": "Subservice organizations and other vendors: reports, periods, bridge letters, CSOCs and CUECs.",
    "incidents": "Incidents, from the first sign to the review afterwards.",
    "changes": "Changes that went to production: deployments.",
    "people": "Who joined and who left, and the accounts that they hold.",
    "approvals": "Who approved, or refused, which change.",
    "availability": "Minutes in which services were down, in maintenance, or not measured, by commitment.",
    "events": "Occasions on which single controls had to be performed, of controls that nothing else lists.",
}
"""What each register holds, by kind."""
