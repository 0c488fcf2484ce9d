"""Projects of CodeBuild, and whether they log builds."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from collectors.api import Body, Collector, Document, Kind, Then
from collectors.aws.session import Reader
from collectors.documents import Documents
from collectors.facts.core import Fact
from collectors.facts.service_logs import WorkLog

PROJECT = Kind("aws.codebuild.project", "codebuild", "ListProjects", items="projects")
SETTINGS = Kind("aws.codebuild.project_settings", "codebuild", "BatchGetProjects")
KEPT = ("name", "logsConfig")
"""What is judged; the environment is left out, whose variables are often secrets."""

BUILDS = "builds"
ENABLED = "ENABLED"
DESTINATIONS = {"cloudWatchLogs": ENABLED, "s3Logs": "DISABLED"}
"""Where builds may be logged, and whether they are unless somebody says otherwise: LogsConfig."""


def fetch(aws: Reader) -> Iterator[Document | Then]:
    """Every project and its settings."""
    for name in aws.listing(PROJECT):
        uid = aws.arn("codebuild", f"project/{name}")
        yield aws.document(PROJECT, uid, {"name": name})
        yield Then(settings, (uid, name), f"{uid}/{SETTINGS.operation}")


def settings(aws: Reader, uid: str, name: str) -> Iterator[Document]:
    """The settings of one project, asked for by itself so that a refusal costs no other."""
    for found in aws.read(SETTINGS, uid, names=[name]):
        said: Body = next((each for each in found.body.get("projects") or () if each.get("name") == name), {})
        yield replace(found, body={key: said[key] for key in KEPT if key in said})


def shape(docs: Documents) -> Iterator[Fact]:
    """One fact per project."""
    for project in docs.of(PROJECT):
        yield WorkLog(
            resource=docs.resource("build_project", project.uid, str(project.body["name"]), project.region),
            documents=docs.about(project.uid),
            what="build project",
            kinds=(BUILDS,),
            kept=docs.value(SETTINGS, project.uid, kept_logs),
        )


def kept_logs(body: Body) -> tuple[str, ...]:
    """Builds, where one destination is on; an answer without a name is none."""
    if "name" not in body:
        raise KeyError("name")
    config = body.get("logsConfig") or {}
    states = [(config.get(place) or {}).get("status", default) for place, default in DESTINATIONS.items()]
    return (BUILDS,) if ENABLED in states else ()


COLLECTOR = Collector(
    id="aws.build_projects",
    title="Build projects and their logs",
    scope="region",
    kinds=(PROJECT, SETTINGS),
    emits={WorkLog: PROJECT},
    source="AWS CodeBuild API 2016-10-06",
    fetch=fetch,
    shape=shape,
)
