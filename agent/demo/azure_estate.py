"""A small Azure tenant with things that are right and things that are wrong: a directory and one subscription.

All bodies are made by hand in the shape that Azure publishes, with no more in them than the agent looks at.
"""

from __future__ import annotations

from datetime import datetime

from agent.demo import azure_databases, azure_directory, azure_network, azure_oversight, azure_stores
from agent.demo.azure_company import Company
from agent.demo.azure_loopback import AzureEstate

DENIED = r"GET /.*/providers/Microsoft\.KeyVault/vaults/[^/?]+/keys\?"
"""The one call of the demo that is refused on purpose, to show what the agent says then."""


def build(estate: AzureEstate, now: datetime) -> None:
    """Fill an empty estate; ages and ends are reckoned from `now`."""
    company = Company(estate, now)
    for part in (azure_directory, azure_stores, azure_databases, azure_oversight, azure_network):
        part.build(company)
