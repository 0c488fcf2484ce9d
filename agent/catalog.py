"""All that the agent can do: checks, controls, criteria, collectors and the rights that they need."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from agent.wiring import Wiring, all_collectors
from checks.api import Check, Criterion, Strength
from checks.controls import Control, Library, load
from checks.coverage import TOOL, Question, questions
from checks.criteria import all_criteria
from checks.library import Kind
from checks.registry import all_checks
from collectors.api import Collector
from collectors.aws.organization import PERMISSION as LIST_ACCOUNTS
from collectors.aws.provider import ASSUME_ROLE
from collectors.facts.core import Fact

CLOUDS = {"aws": "AWS", "azure": "Azure", "gcp": "Google Cloud"}
"""The clouds of the parity table."""
NEEDS_NO_RIGHT = "sts:GetCallerIdentity"
"""Every AWS identity may ask who it is; no policy can allow or refuse it."""


def emitted(collectors: Iterable[Collector]) -> dict[str, set[type[Fact]]]:
    """The types of facts that are read on each cloud."""
    found: dict[str, set[type[Fact]]] = {cloud: set() for cloud in CLOUDS}
    for collector in collectors:
        found.setdefault(collector.id.partition(".")[0], set()).update(collector.emits)
    return found


def judged_on(check: Check, types: Mapping[str, set[type[Fact]]]) -> tuple[str, ...]:
    """The clouds that have what a check judges, and on which all that it needs and that exists there is read."""
    return tuple(
        cloud
        for cloud, read in types.items()
        if check.exists_on(cloud) and read.issuperset(type_ for type_ in check.needs if type_.exists_in(cloud))
    )


def checks_json(wiring: Wiring) -> list[dict[str, Any]]:
    """Every check with its words, mappings, thresholds and controls."""
    types = emitted(wiring.collectors.values())
    return [
        {
            "id": check.id,
            "title": check.title,
            "severity": check.severity,
            "criteria": _criteria(check.criteria),
            "controls": [control.id for control in wiring.library.for_check(check.id)],
            "clouds": list(judged_on(check, types)),
            "needs": [type_.__name__ for type_ in check.needs],
            "params": [
                {
                    "name": param.name,
                    "default": param.default,
                    "in_force": wiring.library.params_for(check)[param.name],
                    "unit": param.unit,
                    "says": param.says,
                }
                for param in check.params
            ],
            "time_dependent": check.time_dependent,
            "remediation": check.remediation,
            "equivalents": {tool: list(ids) for tool, ids in check.equivalents.items()},
        }
        for check in wiring.checks.values()
    ]


def collectors_json(wiring: Wiring) -> list[dict[str, Any]]:
    """Every collector with the rights that it uses and the facts that it emits."""
    return [
        {
            "id": collector.id,
            "title": collector.title,
            "scope": collector.scope,
            "permissions": list(collector.permissions),
            "operations": sorted({kind.call for kind in collector.kinds}),
            "kinds": [kind.name for kind in collector.kinds],
            "emits": [type_.__name__ for type_ in collector.emits],
            "source": collector.source,
        }
        for collector in wiring.collectors.values()
    ]


def controls_json(wiring: Wiring) -> list[dict[str, Any]]:
    """Every control in force with its promise."""
    return [_control(control, wiring.library) for control in wiring.library.controls.values()]


def criteria_json(wiring: Wiring) -> list[dict[str, Any]]:
    """Every criterion with its controls, who shows that they operate, and the checks that carry it on each cloud."""
    types = emitted(wiring.collectors.values())
    served = _service(wiring.checks, wiring.library.controls.values(), types)
    return [
        {
            "id": criterion.id,
            "category": criterion.category.value,
            "group": criterion.group,
            "title": criterion.title,
            "text": criterion.text,
            "automatable": criterion.automatable.value,
            "shown_by": service.shown_by,
            "controls": [control.id for control in service.controls],
            "checks": {cloud: [check.id for check, _ in found] for cloud, found in service.by_cloud.items()},
            "strengths": {cloud: service.strengths(cloud) for cloud in types},
        }
        for criterion, service in zip(all_criteria().values(), served, strict=True)
    ]


@dataclass(frozen=True, slots=True)
class _Service:
    """What serves one criterion."""

    controls: tuple[Control, ...]
    checks: tuple[Check, ...]
    by_cloud: Mapping[str, Sequence[tuple[Check, Strength]]]
    """The checks that judge something there, and how far each carries the criterion."""

    @property
    def shown_by(self) -> str:
        """`automated` or `manual` when all of its controls are, otherwise `hybrid`."""
        kinds = {control.kind for control in self.controls}
        return str(kinds.pop() if len(kinds) == 1 else Kind.HYBRID)

    def strengths(self, cloud: str) -> dict[str, int]:
        """How many checks judge on a cloud, by how far they carry the criterion."""
        counts = Counter(strength for _, strength in self.by_cloud[cloud])
        return {strength.value: counts[strength] for strength in Strength if counts[strength]}


def _service(
    checks: Mapping[str, Check], controls: Iterable[Control], types: Mapping[str, set[type[Fact]]]
) -> Iterator[_Service]:
    """For each criterion, in the order of all of them."""
    clouds = {check_id: judged_on(check, types) for check_id, check in checks.items()}
    controls_of, checks_of = by_criterion(controls), by_criterion(checks.values())
    for criterion in all_criteria():
        strength = {
            check.id: mapped.strength
            for check in checks_of[criterion]
            for mapped in check.criteria
            if mapped.id == criterion
        }
        yield _Service(
            tuple(controls_of[criterion]),
            tuple(checks_of[criterion]),
            {
                cloud: [(check, strength[check.id]) for check in checks_of[criterion] if cloud in clouds[check.id]]
                for cloud in types
            },
        )


def by_criterion(mapped: Iterable[Any]) -> Mapping[str, list[Any]]:
    """Controls, or checks, by each criterion that they serve."""
    found: dict[str, list[Any]] = defaultdict(list)
    for each in mapped:
        for criterion in each.criteria:
            found[criterion.id].append(each)
    return found


def aws_policy(collectors: Iterable[Collector]) -> dict[str, Any]:
    """The IAM policy document that allows what the AWS collectors read, and nothing else.

    One statement holds all of it: with one for each service it would not fit into one managed policy.
    """
    actions = {
        permission
        for collector in collectors
        if collector.id.startswith("aws.")
        for permission in collector.permissions
        if permission != NEEDS_NO_RIGHT
    }
    read = {"Sid": "Read", "Effect": "Allow", "Action": sorted(actions), "Resource": "*"}
    return {"Version": "2012-10-17", "Statement": [read] if actions else []}


def aws_organization(member_role: str, partition: str) -> list[dict[str, Any]]:
    """What the account that reads its whole organization needs beside `aws_policy`: to list it, to enter its accounts.

    Entering is the one right that is no read.  It reaches the role of that one name in each account and nothing else.
    """
    return [
        {"Sid": "ListOrganization", "Effect": "Allow", "Action": [LIST_ACCOUNTS], "Resource": "*"},
        {
            "Sid": "EnterMemberAccounts",
            "Effect": "Allow",
            "Action": [ASSUME_ROLE],
            "Resource": f"arn:{partition}:iam::*:role/{member_role}",
        },
    ]


def readme() -> str:
    """The page `checks/README.md`: every check and on which cloud it judges, every criterion and what serves it."""
    checks = all_checks()
    types = emitted(all_collectors().values())
    controls = load((), checks).controls.values()
    return "\n".join(
        [*_head(checks), *_parity(checks, types), *_served(checks, controls, types), *_coverage(checks.values()), ""]
    )


def _head(checks: Mapping[str, Check]) -> list[str]:
    return [
        "# Checks",
        "",
        "Generated from the checks, the collectors and the control library; a test compares it with them.",
        "`proofkeep catalog` prints the same with thresholds, remedies and the ids of other tools.",
        "",
        f"{len(checks)} checks. A check judges a neutral fact, so it works on every cloud whose collectors state it.",
        "*judged*: everything that the check needs is read there. *not yet*: something that it needs is not.",
        "*nothing*: that cloud has no such thing.",
        "",
    ]


def _parity(checks: Mapping[str, Check], types: Mapping[str, set[type[Fact]]]) -> list[str]:
    lines: list[str] = []
    subject = ""
    for check in checks.values():
        folder, name = check.id.split(".")
        if folder != subject:
            subject = folder
            lines += [
                *([""] if lines else []),
                f"## {folder.replace('_', ' ').capitalize()}",
                "",
                f"| check | promise | severity | criteria | {' | '.join(CLOUDS.values())} |",
                f"| --- | --- | --- | --- | {' | '.join('---' for _ in CLOUDS)} |",
            ]
        clouds = judged_on(check, types)
        cells = [_cell(check, cloud, judged=cloud in clouds) for cloud in CLOUDS]
        served = ", ".join(criterion.id for criterion in check.criteria)
        link = f"[{check.id}]({folder}/{name}.py)"
        lines.append(f"| {link} | {check.title} | {check.severity} | {served} | {' | '.join(cells)} |")
    return lines


def _cell(check: Check, cloud: str, *, judged: bool) -> str:
    if judged:
        return "judged"
    return "not yet" if check.exists_on(cloud) else "nothing"


def _served(
    checks: Mapping[str, Check], controls: Iterable[Control], types: Mapping[str, set[type[Fact]]]
) -> list[str]:
    lines = [
        "",
        "## Criteria",
        "",
        "Which controls of the default library serve each criterion, and which checks carry it. *Automatable*: how far",
        "the configuration of a cloud can carry it at all. *Shown by*: whether checks (*automated*), people (*manual*)",
        "or both (*hybrid*) show that its controls operate. Under each cloud: how many checks judge, by strength.",
        "",
        f"| criterion | subject | automatable | shown by | {' | '.join(CLOUDS.values())} | controls | checks |",
        f"| --- | --- | --- | --- | {' | '.join('---' for _ in CLOUDS)} | --- | --- |",
    ]
    for criterion, service in zip(all_criteria().values(), _service(checks, controls, types), strict=True):
        clouds = (
            ", ".join(f"{count} {strength}" for strength, count in service.strengths(cloud).items()) or "none"
            for cloud in CLOUDS
        )
        cells = [
            criterion.id,
            criterion.title,
            criterion.automatable,
            service.shown_by,
            *clouds,
            ", ".join(control.id for control in service.controls) or "none",
            ", ".join(check.id for check in service.checks) or "none",
        ]
        lines.append(f"| {' | '.join(cells)} |")
    return lines


def _coverage(checks: Iterable[Check]) -> list[str]:
    """What another tool asks for SOC 2, and which check of ours decides it."""
    asked = questions(checks)
    lines = [
        "",
        f"## Questions of {TOOL}",
        "",
        f"Each check that {TOOL} maps to SOC 2, and what decides the same here. Ours are fewer: one check judges all",
        "ports, plans or operations that are listed there one by one.",
        "",
        "| cloud | questions | decided | declined | open |",
        "| --- | --- | --- | --- | --- |",
    ]
    for cloud, name in CLOUDS.items():
        own = [each for each in asked if each.cloud == cloud]
        counts = (len(own), *(sum(map(test, own)) for test in (_decided, _declined, _open)))
        lines.append(f"| {name} | {' | '.join(map(str, counts))} |")
    lines += ["", "| cloud | question | decided by, or why not |", "| --- | --- | --- |"]
    for each in asked:
        said = ", ".join(each.decided_by) or each.declined or "open"
        lines.append(f"| {CLOUDS[each.cloud]} | {each.id} | {said} |")
    return lines


def _decided(each: Question) -> bool:
    return bool(each.decided_by)


def _declined(each: Question) -> bool:
    return bool(each.declined) and not each.decided_by


def _open(each: Question) -> bool:
    return each.open


def _criteria(mapped: Iterable[Criterion]) -> list[dict[str, str]]:
    return [{"id": each.id, "strength": each.strength.value, "why": each.why} for each in mapped]


def _control(control: Control, library: Library) -> dict[str, Any]:
    rule = control.due_rule
    return {
        "id": control.id,
        "title": control.title,
        "text": control.text,
        "criteria": _criteria(control.criteria),
        "kind": control.kind.value,
        "frequency": control.frequency.value,
        "owner": control.owner,
        "key": control.key,
        "severity": control.severity,
        "sla_days": control.sla_days,
        "policy": control.policy.value,
        "checks": list(control.checks),
        "params": {check_id: dict(values) for check_id, values in control.params.items()},
        "covers": control.covers.value,
        "not_covered": control.not_covered,
        "procedure": control.procedure,
        "due": control.due,
        "due_rule": None if rule is None else asdict(rule),
        "not_yet": control.not_yet,
        "risk": control.risk,
        "compensates_for": list(control.compensates_for),
        "compensated_by": list(library.compensating(control.id)),
        "not_applicable": control.not_applicable,
        "effective_from": control.effective_from and control.effective_from.isoformat(),
        "effective_to": control.effective_to and control.effective_to.isoformat(),
        "editorial": control.editorial,
        "approved_by": control.approved_by,
    }
