"""What all parts of the demo's Azure company have in common: its moment in time, its names, where its logs go."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from agent.demo.azure_loopback import AzureEstate

PLACE = "westeurope"
VAULT = "https://acme-keys.vault.azure.net"
INSIGHTS = "providers/Microsoft.Insights/diagnosticSettings"


@dataclass(frozen=True, slots=True)
class Company:
    """The company under construction."""

    estate: AzureEstate
    now: datetime
    """All its dates are so many days before or after this one."""

    @property
    def scope(self) -> str:
        """The id of its subscription."""
        return f"/subscriptions/{self.estate.subscriptions[0]}"

    @property
    def workspace(self) -> str:
        """The id of the workspace that its logs are searched in."""
        return self.id("ops/Microsoft.OperationalInsights/workspaces/acme-logs")

    @property
    def archive(self) -> str:
        """The id of the storage account that its logs are kept in."""
        return self.id("ops/Microsoft.Storage/storageAccounts/acmelogs")

    def id(self, short: str) -> str:
        """The id of a resource: `group/Microsoft.X/type/name` within its subscription."""
        group, _, rest = short.partition("/")
        return f"{self.scope}/resourceGroups/{group}/providers/{rest}"

    def put(self, id_: str, said: Mapping[str, Any], **more: Any) -> str:
        """Add a resource with these properties; its id."""
        return self.estate.put(id_, properties=dict(said), **more)

    def logs(self, id_: str, *categories: str) -> None:
        """Let a resource send these logs to the workspace."""
        sent = [{"category": each, "enabled": True} for each in categories]
        self.put(f"{id_}/{INSIGHTS}/to-acme-logs", {"workspaceId": self.workspace, "logs": sent})

    def day(self, days: float) -> str:
        """So many days from now, or before it when negative, as Azure writes it."""
        return (self.now.astimezone(UTC) + timedelta(days=days)).strftime("%Y-%m-%dT%H:%M:%SZ")

    def second(self, days: float) -> int:
        """The same in seconds since 1970, as vaults write it."""
        return int((self.now + timedelta(days=days)).timestamp())


def guid(name: str) -> str:
    """The id of something by its name, the same each time."""
    return str(uuid.uuid5(uuid.NAMESPACE_DNS, f"{name}.acme.example"))
