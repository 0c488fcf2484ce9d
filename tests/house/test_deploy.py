"""What `deploy/` says agrees with what the agent does: rights, commands, settings, metrics, versions.

`make deploy-lint` looks at the same files with the tools of their makers.
"""

from __future__ import annotations

import ast
import json
import re
import shlex
import stat
import subprocess
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import pytest
import yaml  # type: ignore[import-untyped]
from pydantic import BaseModel

from agent import config
from agent.cli.main import cli
from agent.roles import CLOUDS
from agent.wiring import all_collectors
from tests.house.tree import ROOT, relative, text_files

DEPLOY = ROOT / "deploy"
CHART = DEPLOY / "helm" / "proofkeep"
RULES = DEPLOY / "monitoring" / "alertmanager-rules.yaml"
DASHBOARD = DEPLOY / "monitoring" / "grafana-dashboard.json"
LARGEST_POLICY = 6144
"""Characters, without white space, of a managed policy of AWS."""
MACHINERY = {"PROOFKEEP_SECRETS", "PROOFKEEP_IMAGE", "PROOFKEEP_WORKERS"}
"""Variables that are no settings: the folder of secret files, and two of the compose file's own."""


def test_roles_are_those_of_the_collectors() -> None:
    """The committed files are what `proofkeep iam` writes today, and there are no others."""
    wanted: dict[str, str] = {}
    for cloud in CLOUDS.values():
        rights = cloud.rights(all_collectors().values())
        wanted |= {form.file: form.write(rights) for form in cloud.forms.values()}
    found = {path.name: path.read_text(encoding="utf-8") for path in (DEPLOY / "roles").iterdir()}

    assert set(found) == set(wanted)
    stale = [name for name, text in wanted.items() if found[name] != text]
    assert stale == [], "run: proofkeep iam aws --format json|terraform, and write the output to these files"


def test_the_policy_fits() -> None:
    """AWS takes it as one managed policy."""
    policy = json.loads((DEPLOY / "roles" / "aws-policy.json").read_text(encoding="utf-8"))

    assert len(json.dumps(policy, separators=(",", ":"))) < LARGEST_POLICY


def test_every_cloud_can_be_asked_for() -> None:
    """The command offers the clouds and the forms that the generator has."""
    command = cli.get_command(click.Context(cli), "iam")
    assert command is not None
    choices = {param.name: param.type.choices for param in command.params if isinstance(param.type, click.Choice)}

    assert set(choices["cloud"]) == set(CLOUDS)
    assert all(set(choices["form"]) == set(cloud.forms) for cloud in CLOUDS.values())


def metrics() -> dict[str, set[str]]:
    """Every metric that the agent tells, with its labels, from the text of its module."""
    found: dict[str, set[str]] = {}
    for node in ast.walk(ast.parse((ROOT / "agent" / "metrics.py").read_bytes())):
        if not isinstance(node, ast.Call) or not node.args or not isinstance(node.args[0], ast.Constant):
            continue
        name = node.args[0].value
        if not isinstance(name, str) or not name.startswith("proofkeep_"):
            continue
        given = [*node.args[2:], *(word.value for word in node.keywords if word.arg in {"labels", "labelnames"})]
        labels = {str(ast.literal_eval(part)) for each in given if isinstance(each, ast.Tuple) for part in each.elts}
        found[name] = labels
        if getattr(node.func, "id", "") == "Histogram":
            found |= {f"{name}_{part}": labels | {"le"} for part in ("bucket", "sum", "count")}
    return found


def expressions() -> list[str]:
    """Each query of the rules and of the dashboard."""
    rules = yaml.safe_load(RULES.read_text(encoding="utf-8"))
    panels = json.loads(DASHBOARD.read_text(encoding="utf-8"))
    variables = [each["definition"] for each in panels["templating"]["list"] if "definition" in each]
    return [
        *(rule["expr"] for group in rules["groups"] for rule in group["rules"]),
        *(target["expr"] for panel in panels["panels"] for target in panel.get("targets", ())),
        *variables,
    ]


def test_the_metrics_are_found() -> None:
    """The search sees metrics of every kind, and their labels."""
    found = metrics()

    assert len(found) > 20
    assert found["proofkeep_leader"] == set()
    assert found["proofkeep_run_seconds_bucket"] == {"target", "le"}
    assert found["proofkeep_control_state"] == {"control", "state"}


@pytest.mark.parametrize("expression", expressions())
def test_queries_ask_for_metrics_that_exist(expression: str) -> None:
    """Each metric of a rule or panel is one that the agent tells, and has the labels that it is filtered by."""
    known = metrics()
    asked = re.findall(r"(proofkeep_\w+)(?:\{([^}]*)\})?", expression)
    grouped = {label for group in re.findall(r"by \(([^)]*)\)", expression) for label in group.split(", ")}

    assert asked
    for name, filters in asked:
        labels = known[name] | {"job"}
        assert set(re.findall(r"(\w+)\s*(?:=|!=|=~|!~)\"", filters)) <= labels
        assert grouped <= labels


@pytest.mark.parametrize("page", ["alertmanager-rules.yaml", "grafana-dashboard.json"])
def test_no_metric_is_only_mentioned(page: str) -> None:
    """Also in texts and comments each name that begins like a metric is one."""
    text = (DEPLOY / "monitoring" / page).read_text(encoding="utf-8")

    assert set(re.findall(r"proofkeep_\w+", text)) - set(metrics()) == set()


def test_every_metric_is_looked_at() -> None:
    """What the agent tells is of use to somebody: it stands in a rule or on the dashboard."""
    text = " ".join(expressions())

    assert {name for name in metrics() if not name.startswith("proofkeep_run_seconds")} - set(
        re.findall(r"proofkeep_\w+", text)
    ) == set()


def test_the_chart_has_the_rules() -> None:
    """A chart can only hold files of its own, so it holds a copy."""
    assert (CHART / "files" / RULES.name).read_bytes() == RULES.read_bytes(), f"copy {relative(RULES)} there"


def compose() -> dict[str, Any]:
    """The compose file, variables as they stand."""
    loaded: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.yaml").read_text(encoding="utf-8"))
    return loaded


def commands() -> Iterator[list[str]]:
    """Each command line of `proofkeep` that the deployment runs."""
    for service in compose()["services"].values():
        if "proofkeep" in service["image"].lower():
            yield [str(word) for word in service["command"]]
            yield service.get("healthcheck", {}).get("test", ["CMD", "proofkeep", "run"])[2:]
    for template in sorted((CHART / "templates").glob("*.yaml")):
        for words in re.findall(r"args: \[([^\]{]+)\]", template.read_text(encoding="utf-8")):
            yield words.split(", ")
        for words in re.findall(r'\(list ("(?:db|run|worker)"[^)]*)\)', template.read_text(encoding="utf-8")):
            yield shlex.split(words)
    docker = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    yield json.loads(re.findall(r"^CMD (.*)$", docker, re.MULTILINE)[-1])
    yield json.loads(re.findall(r"HEALTHCHECK .* CMD (.*)$", docker, re.MULTILINE)[-1])[1:]
    yield from (shlex.split(line) for line in re.findall(r"proofkeep ((?:[a-z-]+ ?)+[^#`\n]*)", shown()))


def shown() -> str:
    """The console blocks of the page and of the chart's notes, without what the shell adds around a command."""
    page = (DEPLOY / "README.md").read_text(encoding="utf-8") + (CHART / "templates" / "NOTES.txt").read_text()
    lines = re.findall(r"(?:-- |\$ (?:docker compose exec agent )?)(proofkeep [^>|&\n]*)", page)
    return "\n".join(lines)


@pytest.mark.parametrize("words", list(commands()), ids=" ".join)
def test_commands_exist(words: list[str]) -> None:
    """Each command and option that a container or a page names is one that the agent has."""
    command: click.Command = cli
    rest = list(words)
    while rest and isinstance(command, click.Group):
        found = command.get_command(click.Context(command), rest.pop(0))
        assert found is not None, words
        command = found
    known = {name for param in command.params for name in (*param.opts, *param.secondary_opts)}

    assert not isinstance(command, click.Group)
    assert {word.partition("=")[0] for word in rest if word.startswith("--")} <= known


def names(model: type[BaseModel], prefix: str) -> set[str]:
    """The variables of all settings of a model."""
    found = set()
    for name, field in model.model_fields.items():
        found.add(f"{prefix}{name}".upper())
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
            found |= names(field.annotation, f"{prefix}{name}__")
    return found


def test_variables_are_settings() -> None:
    """Each PROOFKEEP_ variable, and each secret file, is a setting of the agent."""
    known = names(config.Settings, "PROOFKEEP_") | MACHINERY
    files = [path for path in text_files() if path.is_relative_to(DEPLOY)] + [ROOT / "Dockerfile"]
    used = {name for path in files for name in re.findall(r"\bPROOFKEEP_[A-Z_]+\b", path.read_text(encoding="utf-8"))}
    targets = {
        secret["target"].upper()
        for service in compose()["services"].values()
        for secret in service.get("secrets", ())
        if isinstance(secret, dict) and secret["target"].startswith("proofkeep_")
    }

    assert "PROOFKEEP_DAEMON__LISTEN" in known & used
    assert targets
    assert (used | targets) - known == set()


def test_secret_files_are_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A container's secrets are settings; were they not, compose's agent would quietly keep its evidence in a file."""
    (tmp_path / "proofkeep_database").write_text("postgresql+psycopg://app:secret@postgres/proofkeep")
    monkeypatch.setenv("PROOFKEEP_SECRETS", str(tmp_path))
    monkeypatch.chdir(tmp_path)

    assert config.load(None).database.get_secret_value().endswith("@postgres/proofkeep")


def test_compose_gives_nothing_away() -> None:
    """No container can write to its image or gain rights; no secret is a variable; no port leaves the machine."""
    found = compose()
    for name, service in found["services"].items():
        assert service["read_only"] is True, name
        assert service["cap_drop"] == ["ALL"], name
        assert service["security_opt"] == ["no-new-privileges:true"], name
        assert all(port.startswith("127.0.0.1:") for port in service.get("ports", ())), name
        assert all("password" not in str(value).lower() or str(value).startswith("/run/secrets/")
                   for value in service.get("environment", {}).values()), name  # fmt: skip
        assert "healthcheck" in service or service["restart"] == "no", name
    assert found["networks"]["database"]["internal"] is True


def test_only_the_owner_changes_tables() -> None:
    """The owner's URL reaches the two steps before the agent, and nothing that stays up."""
    owners = {
        name
        for name, service in compose()["services"].items()
        for secret in service.get("secrets", ())
        if isinstance(secret, dict) and secret["source"] == "owner_database"
    }

    assert owners == {"upgrade", "grants"}


def test_secrets_are_made_once(tmp_path: Path) -> None:
    """The script makes each secret that compose wants, behind a closed folder, and leaves existing ones alone."""
    (tmp_path / "compose").mkdir()
    script = tmp_path / "compose" / "secrets.sh"
    script.write_bytes((DEPLOY / "compose" / "secrets.sh").read_bytes())
    made = []
    for _ in range(2):
        subprocess.run(["/bin/sh", script], check=True, timeout=30)
        made.append({path.name: path.read_text() for path in (tmp_path / "secrets").iterdir()})
    folder = tmp_path / "secrets"

    assert made[0] == made[1]
    assert set(made[0]) == {Path(secret["file"]).name for secret in compose()["secrets"].values()}
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {0o644}
    assert made[0]["proofkeep_app_password"] in made[0]["agent_database"]
    assert len({text for name, text in made[0].items() if name.endswith("_password")}) == 3


def test_settings_of_the_chart_are_accepted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What stands in the chart's values loads as it is, and with its examples switched on."""
    values = yaml.safe_load((CHART / "values.yaml").read_text(encoding="utf-8"))
    switched_on = re.sub(r"(?m)^# ", "", values["config"])
    monkeypatch.setenv("PROOFKEEP_DAEMON__LISTEN", "0.0.0.0:9464")
    file = tmp_path / "proofkeep.toml"
    loaded = []
    for text in (values["config"], switched_on):
        file.write_text(text)
        loaded.append(config.load(file))

    assert [len(each.targets) for each in loaded] == [0, 1]


def test_the_schema_knows_every_value() -> None:
    """Each value has its place in values.schema.json, and the schema has no place for what is no value."""
    values = yaml.safe_load((CHART / "values.yaml").read_text(encoding="utf-8"))
    schema = json.loads((CHART / "values.schema.json").read_text(encoding="utf-8"))

    def differ(value: dict[str, Any], form: dict[str, Any], where: str) -> Iterator[str]:
        if "properties" not in form or not isinstance(value, dict):
            return
        yield from (f"{where}{name}" for name in value.keys() ^ form["properties"].keys())
        for name in value.keys() & form["properties"].keys():
            yield from differ(value[name], form["properties"][name], f"{where}{name}.")

    assert set(differ(values, schema, "")) <= {"global", "resources.claims", "workers.resources.claims"}


def test_versions_agree() -> None:
    """Image label, chart and package have one version."""
    version = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
    chart = yaml.safe_load((CHART / "Chart.yaml").read_text(encoding="utf-8"))
    label = re.findall(r'image\.version="([^"]+)"', (ROOT / "Dockerfile").read_text(encoding="utf-8"))

    assert [chart["version"], chart["appVersion"], *label] == [version] * 3


def test_tools_are_locked() -> None:
    """The tools of `make deploy-lint` come with hashes and without an address, all of them."""
    text = (ROOT / "requirements-deploy.lock").read_text(encoding="utf-8")
    wanted = re.findall(r"^([a-z0-9-]+)>", (ROOT / "requirements-deploy.in").read_text(encoding="utf-8"), re.MULTILINE)
    locked = re.findall(r"^([a-z0-9-]+)==((?:.*\\\n)*.*)", text, re.MULTILINE)

    assert "://" not in text
    assert set(wanted) - {name for name, _ in locked} == set(), "run: make lock"
    assert [name for name, rest in locked if "--hash=sha256:" not in rest] == []
