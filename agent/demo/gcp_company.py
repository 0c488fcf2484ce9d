"""What all parts of the demo's company at Google have in common: its moment in time, its names, its listings."""

from __future__ import annotations

import string
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from agent.demo.gcp_loopback import NUMBER, ORGANIZATION, PROJECT, GcpEstate, Listed
from agent.wiring import all_collectors
from collectors.api import Kind

FOLDER = "folders/772233445566"
REGION, ZONE, FAR = "europe-west1", "europe-west1-b", "europe-north1"
KEY = f"projects/{PROJECT}/locations/{REGION}/keyRings/acme/cryptoKeys/data"
"""The key that the company encrypts its data with."""
LINKS = "https://www.googleapis.com/compute/v1"
EVERY_PLACE = "items.*."


@dataclass(frozen=True, slots=True)
class Company:
    """One project of the company under construction."""

    estate: GcpEstate
    now: datetime
    """All its dates are so many days before or after this one."""
    project: str = PROJECT
    number: str = NUMBER

    def found(self) -> None:
        """Put the project into the company's folder, with nothing in it: all of its listings are empty."""
        crm, answers = "cloudresourcemanager/v3", self.estate.answers
        body = {
            "name": f"projects/{self.number}",
            "projectId": self.project,
            "displayName": self.project,
            "state": "ACTIVE",
            "parent": FOLDER,
        }
        answers[f"{crm}/{self.p}"] = body
        answers.setdefault(f"{crm}/projects?parent={FOLDER}", Listed("projects", [])).items.append(body)
        answers[f"{crm}/projects?parent=organizations/{ORGANIZATION}"] = Listed("projects", [])
        folder = {"name": FOLDER, "parent": f"organizations/{ORGANIZATION}", "displayName": "shop", "state": "ACTIVE"}
        answers[f"{crm}/{FOLDER}"] = folder
        answers[f"{crm}/folders?parent=organizations/{ORGANIZATION}"] = Listed("folders", [folder])
        for collector in all_collectors().values():
            for kind in collector.kinds if collector.id.startswith("gcp.") else ():
                if _is_list_of_project(kind):
                    by_place = kind.items.startswith(EVERY_PLACE)
                    answers[self._where(kind)] = Listed(kind.items.removeprefix(EVERY_PLACE), [], by_place)

    @property
    def p(self) -> str:
        """The project, as most names begin: `projects/acme-prod`."""
        return f"projects/{self.project}"

    def _where(self, kind: Kind) -> str:
        path, _, query = kind.path.format(project=self.project).partition("?")
        told = [each for each in query.split("&") if each.startswith(("assetTypes=", "project="))]
        return f"{kind.service}{path}" + "".join(f"?{each}" for each in told)

    def put(self, where: str, *items: Mapping[str, Any]) -> None:
        """Add to a listing of the project: `secretmanager/v1/~/secrets`, `~` being the project.

        Raises KeyError for one that nobody asks for.
        """
        self.estate.answers[where.replace("~", self.p)].items.extend(items)

    def below(self, where: str, key: str, *items: Mapping[str, Any]) -> None:
        """Make a listing that belongs to something in the project."""
        self.estate.answers[where.replace("~", self.p)] = Listed(key, list(items))

    def say(self, where: str, body: Mapping[str, Any]) -> None:
        """Answer with one body."""
        self.estate.answers[where.replace("~", self.p)] = body

    def compute(self, place: str, collection: str, name: str, **said: Any) -> str:
        """Add a resource of Compute Engine in `global`, `zones/z` or `regions/r`; its link."""
        base, link = f"compute/compute/v1/{self.p}", f"{LINKS}/{self.p}/{place}/{collection}/{name}"
        listed = self.estate.answers.get(f"{base}/aggregated/{collection}")
        (listed or self.estate.answers[f"{base}/global/{collection}"]).items.append(
            {"name": name, "selfLink": link, **said}
        )
        return link

    def at(self, place: str, rest: str) -> str:
        """The name of something in a place: `projects/acme-prod/locations/europe-west1/…`."""
        return f"{self.p}/locations/{place}/{rest}"

    def robot(self, name: str) -> str:
        """The address of a service account of the project."""
        return f"{name}@{self.project}.iam.gserviceaccount.com"

    def day(self, days: float) -> str:
        """So many days from now, or before it when negative, as Google writes it."""
        return (self.now.astimezone(UTC) + timedelta(days=days)).strftime("%Y-%m-%dT%H:%M:%S.000Z")


def _is_list_of_project(kind: Kind) -> bool:
    """A listing that takes nothing but the project to be asked for."""
    named = {name for _, name, _, _ in string.Formatter().parse(kind.path) if name}
    return named == {"project"} and kind.post is None and kind.items not in ("", "none")


def policy(*bindings: tuple[str, tuple[str, ...]]) -> dict[str, Any]:
    """Who holds which role, as Google writes it."""
    return {
        "version": 1,
        "etag": "BwYC",
        "bindings": [{"role": role, "members": list(members)} for role, members in bindings],
    }
