"""Compose file, roles and rules are what Docker, Terraform and Prometheus understand."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import hcl2
import promql_parser
import pytest
import yaml
from compose_spec import PyCompose

DEPLOY = Path(__file__).parents[1]
GRAFANA = {"$__rate_interval": "5m", "$job": "proofkeep", "$target": "prod"}
"""What Grafana fills in before Prometheus sees an expression."""


def compose() -> dict[str, Any]:
    """The compose file with its variables at their defaults, as compose itself sees it."""
    text = (DEPLOY / "compose.yaml").read_text(encoding="utf-8")
    loaded: dict[str, Any] = yaml.safe_load(re.sub(r"\$\{\w+:-([^}]*)\}", r"\1", text))
    return loaded


def test_compose_is_valid() -> None:
    """It fits the Compose specification: keys, values, and references between its parts."""
    found = PyCompose.from_json(json.dumps(compose()))
    found.validate()

    assert set(found.service_names()) == {"postgres", "upgrade", "grants", "agent", "worker"}


@pytest.mark.parametrize(
    ("key", "value"), [("restrat", "no"), ("stop_grace_period", "soon"), ("networks", ["nowhere"]), ("ports", ["x:y"])]
)
def test_compose_faults_are_found(key: str, value: object) -> None:
    """A misspelled key, a wrong value and a network that is not there are each refused."""
    broken = compose()
    broken["services"]["agent"][key] = value
    with pytest.raises(ValueError, match=r"."):
        PyCompose.from_json(json.dumps(broken)).validate()


def test_terraform_allows_what_the_policy_allows() -> None:
    """The HCL parses, and its statements hold the same actions on the same resources."""
    policy = json.loads((DEPLOY / "roles" / "aws-policy.json").read_text(encoding="utf-8"))
    with (DEPLOY / "roles" / "aws.tf").open(encoding="utf-8") as file:
        module = hcl2.load(file)
    read = named(module["data"], "aws_iam_policy_document", "read")
    found = [
        (
            plain(each["sid"]),
            plain(each["effect"]),
            [plain(action) for action in each["actions"]],
            plain(each["resources"][0]),
        )
        for each in read["statement"]
    ]

    assert found == [(each["Sid"], each["Effect"], each["Action"], each["Resource"]) for each in policy["Statement"]]


def test_terraform_trusts_with_an_external_id() -> None:
    """Nobody assumes the role without the external id, and everything that is referred to is declared."""
    text = (DEPLOY / "roles" / "aws.tf").read_text(encoding="utf-8")
    module = hcl2.loads(text)
    (trust,) = named(module["data"], "aws_iam_policy_document", "trust")["statement"]
    declared = {plain(name) for block in module["variable"] for name in block}

    assert [plain(action) for action in trust["actions"]] == ["sts:AssumeRole"]
    assert plain(trust["condition"][0]["variable"]) == "sts:ExternalId"
    assert set(re.findall(r"var\.(\w+)", text)) == declared
    for kind, name in re.findall(r"(?<!data\.)\b(aws_\w+)\.(\w+)\.", text):
        assert named(module["resource"], kind, name)


def named(blocks: list[dict[str, Any]], kind: str, name: str) -> dict[str, Any]:
    """The block with these two labels."""
    unquoted = [
        {plain(outer): {plain(inner): body for inner, body in held.items()} for outer, held in block.items()}
        for block in blocks
    ]
    found: dict[str, Any] = next(block[kind][name] for block in unquoted if name in block.get(kind, {}))
    return found


def plain(value: str) -> str:
    """A literal without its quotes."""
    return value.strip('"')


def rules() -> list[dict[str, Any]]:
    """All rules of the rule file."""
    loaded = yaml.safe_load((DEPLOY / "monitoring" / "alertmanager-rules.yaml").read_text(encoding="utf-8"))
    assert set(loaded) == {"groups"}
    return [rule for group in loaded["groups"] for rule in group["rules"]]


@pytest.mark.parametrize("rule", rules(), ids=lambda rule: rule["alert"])
def test_rules_are_valid(rule: dict[str, Any]) -> None:
    """The expression is PromQL, times are times, and no key is unknown to Prometheus."""
    assert set(rule) <= {"alert", "expr", "for", "keep_firing_for", "labels", "annotations"}
    assert promql_parser.parse(rule["expr"])
    assert promql_parser.parse_duration(rule.get("for", "1m"))
    assert rule["labels"]["severity"] in {"critical", "high", "warning"}
    assert {"summary", "description"} == set(rule["annotations"])


@pytest.mark.parametrize("rule", rules(), ids=lambda rule: rule["alert"])
def test_rules_name_labels_that_they_have(rule: dict[str, Any]) -> None:
    """An annotation fills in only labels that the expression keeps."""
    text = " ".join(rule["annotations"].values())
    kept = {label for group in re.findall(r"by \(([^)]*)\)", rule["expr"]) for label in group.split(", ")}

    assert set(re.findall(r"\$labels\.(\w+)", text)) <= kept
    assert text.count("{{") == len(re.findall(r"\{\{ \$(?:labels\.\w+|value) \}\}", text))


def expressions() -> Iterator[tuple[str, str]]:
    """Title and expression of each query of the dashboard."""
    board = json.loads((DEPLOY / "monitoring" / "grafana-dashboard.json").read_text(encoding="utf-8"))
    for panel in board["panels"]:
        for target in panel.get("targets", ()):
            yield panel["title"], target["expr"]


@pytest.mark.parametrize(("title", "expression"), list(expressions()))
def test_dashboard_queries_are_valid(title: str, expression: str) -> None:
    """Each query is PromQL once Grafana has filled in its variables."""
    for name, value in GRAFANA.items():
        expression = expression.replace(name, value)

    assert "$" not in expression, title
    assert promql_parser.parse(expression)


def test_the_dashboard_holds_together() -> None:
    """Ids are unique, panels do not overlap, each panel says what it shows, and all variables exist."""
    board = json.loads((DEPLOY / "monitoring" / "grafana-dashboard.json").read_text(encoding="utf-8"))
    cells: list[tuple[int, int]] = []
    for panel in board["panels"]:
        grid = panel["gridPos"]
        assert grid["x"] + grid["w"] <= 24
        cells += [
            (x, y) for x in range(grid["x"], grid["x"] + grid["w"]) for y in range(grid["y"], grid["y"] + grid["h"])
        ]
        assert panel["type"] == "row" or panel["description"]
    used = set(re.findall(r"\$\{?(\w+)", json.dumps(board))) - {"__rate_interval", "__all"}

    assert len({panel["id"] for panel in board["panels"]}) == len(board["panels"])
    assert len(cells) == len(set(cells))
    assert used == {variable["name"] for variable in board["templating"]["list"]}


def test_terraform_grants_what_the_azure_role_does() -> None:
    """The HCL parses, and grants the same actions and the same permissions of Graph."""
    rights = json.loads((DEPLOY / "roles" / "azure-role.json").read_text(encoding="utf-8"))
    text = (DEPLOY / "roles" / "azure.tf").read_text(encoding="utf-8")
    module = hcl2.loads(text)
    (permissions,) = named(module["resource"], "azurerm_role_definition", "read")["permissions"]
    (local,) = module["locals"]
    declared = {plain(name) for block in module["variable"] for name in block}

    assert [plain(action) for action in permissions["actions"]] == rights["role"]["Actions"]
    assert [plain(each) for each in local["graph_permissions"]] == rights["graph_permissions"]
    assert set(re.findall(r"var\.(\w+)", text)) == declared
