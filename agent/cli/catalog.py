"""`proofkeep catalog`: all checks, collectors, controls and criteria."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import click

from agent.cli.options import Given, common, print_json

PARTS = ("checks", "controls", "criteria", "collectors")


@click.command()
@click.argument("part", type=click.Choice(PARTS), required=False)
@click.option(
    "--write-readme", "page", type=click.Path(path_type=Path), hidden=True, help="Write checks/README.md to this path."
)
@common
def command(given: Given, part: str | None, page: Path | None) -> None:
    """All checks, controls, criteria and collectors, or one of these lists; --json has every detail."""
    from agent import catalog  # noqa: PLC0415  # imports every check and collector

    if page is not None:
        page.write_text(catalog.readme(), encoding="utf-8")
        return
    wiring = given.wiring()
    lists: Mapping[str, Callable[..., list[dict[str, Any]]]] = {
        "checks": catalog.checks_json,
        "controls": catalog.controls_json,
        "criteria": catalog.criteria_json,
        "collectors": catalog.collectors_json,
    }
    found = {name: make(wiring) for name, make in lists.items() if part in (None, name)}
    if given.as_json:
        print_json(found[part] if part else found)
        return
    for name, entries in found.items():
        _show(name, entries)


def _show(name: str, entries: Sequence[Mapping[str, Any]]) -> None:
    from agent.cli.render import line, table  # noqa: PLC0415

    columns, row = _TABLES[name]
    table(columns, map(row, entries))
    if name == "controls":
        table(_RULES, map(_rules, entries))
    line(f"{len(entries)} {name}")


def _check(each: Mapping[str, Any]) -> tuple[str, ...]:
    params = (f"{param['name']} = {param['in_force']} {param['unit']}" for param in each["params"])
    return (
        each["id"],
        each["title"],
        each["severity"],
        ", ".join(f"{criterion['id']} {criterion['strength']}" for criterion in each["criteria"]),
        ", ".join(each["controls"]),
        ", ".join(each["clouds"]),
        ", ".join(params),
    )


def _control(each: Mapping[str, Any]) -> tuple[str, ...]:
    return (
        each["id"],
        each["title"],
        each["kind"],
        each["frequency"],
        each["owner"],
        ", ".join(criterion["id"] for criterion in each["criteria"]),
        ", ".join(each["checks"]) or each["not_yet"] or "people show it",
    )


_RULES = (
    "control",
    "severity",
    "a failure counts",
    "due",
    "risk",
    "made up for by",
    "applies",
    "in force",
    "approved by",
)


def _rules(each: Mapping[str, Any]) -> tuple[str, ...]:
    """What decides whether a control is kept, beside its checks."""
    counts = {"strict": "at once", "remediate_within_sla": f"after {each['sla_days']} days"}
    begins, ends = each["effective_from"], each["effective_to"]
    days = ([f"from {begins}"] if begins else []) + ([f"until {ends}"] if ends else [])
    return (
        each["id"],
        f"{each['severity']}, key" if each["key"] else each["severity"],
        counts[each["policy"]],
        _due(each["due_rule"]),
        each["risk"],
        ", ".join(each["compensated_by"]),
        f"no: {each['not_applicable']}" if each["not_applicable"] else "yes",
        " ".join(days) or "since recorded",
        each["approved_by"],
    )


def _due(rule: Mapping[str, Any] | None) -> str:
    """A due rule in words."""
    if rule is None:
        return ""
    said = f"{rule['days']} {'business days' if rule['business'] else 'days'} after"
    if rule["grace_days"] is not None:
        said += f", {rule['grace_days']} of grace"
    return said + (f", years from month {rule['fiscal_month']}" if rule["fiscal_month"] > 1 else "")


def _criterion(each: Mapping[str, Any]) -> tuple[str, ...]:
    on = (f"{cloud}: {len(checks)}" for cloud, checks in each["checks"].items() if checks)
    return each["id"], each["title"], each["automatable"], ", ".join(each["controls"]), ", ".join(on)


def _collector(each: Mapping[str, Any]) -> tuple[str, ...]:
    return each["id"], each["title"], each["scope"], ", ".join(each["emits"]), ", ".join(each["permissions"])


_TABLES: Mapping[str, tuple[Sequence[str], Callable[[Mapping[str, Any]], tuple[str, ...]]]] = {
    "checks": (("check", "promise", "severity", "criteria", "controls", "judged on", "thresholds"), _check),
    "controls": (("control", "title", "kind", "frequency", "owner", "criteria", "checks"), _control),
    "criteria": (("criterion", "subject", "automatable", "controls", "checks by cloud"), _criterion),
    "collectors": (("collector", "title", "scope", "states", "permissions"), _collector),
}
