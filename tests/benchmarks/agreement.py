"""Our verdicts beside another tool's, resource by resource: `python tests/benchmarks/agreement.py --golden FILE`.

FILE holds the other tool's verdicts on one account as a JSON list of
`{"check_id", "resource_id", "resource_arn", "region", "status"}`, and `--endpoint` serves that same account.  The
account is read once, and each verdict is laid beside ours of the same question (`equivalents`) and the same resource.
The other tool is a second opinion, not the truth: `agreement.toml` says of each difference who is right, and why.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
import tempfile
import tomllib
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any, Literal

sys.path[0] = str(Path(__file__).resolve().parents[2])

from checks.coverage import TOOL, declined  # noqa: E402  # after the path is set
from tests.benchmarks.lines import BenchmarkFailed  # noqa: E402
from tests.benchmarks.processes import python  # noqa: E402

NOTES = Path(__file__).with_name("agreement.toml")
NONE = "-"
"""Stands for a verdict that one side did not give."""
_WORST_FIRST = ("FAIL", "ERROR", "UNKNOWN", "PASS", "NOT_APPLICABLE", NONE)
_RIGHT = ("ours", "theirs", "both", "neither")
_SETTINGS = """\
database = "sqlite:///agreement.db"

[[targets]]
name = "account"
cloud = "aws"
regions = ["{region}"]
endpoint = "{endpoint}"
"""
_INCOMPLETE = (0, 1, 3)
"""Exit codes of a run that ended; no loopback server knows every operation of AWS."""
_LETS_IN = re.compile(r"\btcp/(\d+)(?:-(\d+))? from ")
"""As reasons name doors."""
_LAST_PORT = 65535

Row = Mapping[str, Any]
"""One verdict, ours or theirs, as its tool prints it."""


@dataclass(frozen=True, slots=True)
class Part:
    """What one of their checks asks, where one of ours asks that and more in a single verdict."""

    check: str
    ports: tuple[int, ...] = ()
    """TCP ports; our verdict counts as a FAIL only when its reason names one of them."""
    all_ports: bool = False
    """Only a rule that lets everything in counts as a FAIL."""
    names: tuple[str, ...] = ()
    """Words; our verdict counts as a FAIL only when its reason names one of them."""

    def outcome(self, finding: Row) -> str:
        """Our verdict on this part alone."""
        said = str(finding["outcome"])
        if said != "FAIL" or self._concerns(str(finding["reason"])):
            return said
        return "PASS"

    def _concerns(self, reason: str) -> bool:
        if self.names:
            return any(re.search(rf"(?<![\w:]){re.escape(name)}(?![\w:])", reason) for name in self.names)
        spans = [(int(low), int(high or low)) for low, high in _LETS_IN.findall(reason)]
        if self.all_ports:
            return any(low == 0 for low, _ in spans) and any(high == _LAST_PORT for _, high in spans)
        return any(low <= port <= high for low, high in spans for port in self.ports)


@dataclass(frozen=True, slots=True)
class Same:
    """How a resource that they name otherwise is called by us."""

    check: str
    theirs: re.Pattern[str]
    """Searched for in `ARN ID`."""
    ours: str
    """Shell pattern of our uid, with `\\1` for what the first group found."""


@dataclass(frozen=True, slots=True)
class Why:
    """Why verdicts differ."""

    check: str
    resource: str
    theirs: str
    ours: str
    right: str
    """Who: ours, theirs, both (two questions, or two thresholds) or neither (the server answers as AWS never does)."""
    reason: str

    def explains(self, found: Difference) -> bool:
        """Whether it is about this one."""
        return (
            fnmatchcase(found.check, self.check)
            and fnmatchcase(found.resource, self.resource)
            and fnmatchcase(found.theirs, self.theirs)
            and fnmatchcase(found.ours, self.ours)
        )


@dataclass(frozen=True, slots=True)
class Notes:
    """What `agreement.toml` says."""

    parts: tuple[Part, ...]
    same: tuple[Same, ...]
    why: tuple[Why, ...]


@dataclass(frozen=True, slots=True)
class Difference:
    """Two verdicts on one resource, or one where the other side has none."""

    check: str
    resource: str
    theirs: str
    ours: str
    by: str = ""
    """Our check."""
    said: str = ""
    """Our reason."""


@dataclass(slots=True)
class Compared:
    """One of their checks."""

    check: str
    ours: tuple[str, ...]
    """Our checks that decide it; none yet, or declined, when empty."""
    verdicts: int
    declined: str = ""
    agree: Counter[str] = field(default_factory=Counter)
    differ: list[Difference] = field(default_factory=list)

    def of(self, kind: Literal["differ", "only theirs", "only ours"]) -> list[Difference]:
        """The differences of one kind."""
        found: dict[str, list[Difference]] = {"differ": [], "only theirs": [], "only ours": []}
        for each in self.differ:
            found["only theirs" if each.ours == NONE else "only ours" if each.theirs == NONE else "differ"].append(each)
        return found[kind]


def notes(file: Path) -> Notes:
    """Read the explanations.  Raises KeyError, ValueError for what is not understood."""
    said = tomllib.loads(file.read_text(encoding="utf-8"))
    why = tuple(
        Why(
            each["check"],
            each.get("resource", "*"),
            each.get("theirs", "*"),
            each.get("ours", "*"),
            each["right"],
            each["reason"],
        )
        for each in said.get("difference", ())
    )
    for each in why:
        if each.right not in _RIGHT:
            message = f"{each.check}: right = {each.right!r} is none of {', '.join(_RIGHT)}"
            raise ValueError(message)
    return Notes(
        parts=tuple(
            Part(
                each["check"], tuple(each.get("ports", ())), each.get("all_ports", False), tuple(each.get("names", ()))
            )
            for each in said.get("part", ())
        ),
        same=tuple(Same(each["check"], re.compile(each["theirs"]), each["ours"]) for each in said.get("same", ())),
        why=why,
    )


def compare(
    golden: Sequence[Row],
    findings: Sequence[Row],
    catalog: Mapping[str, Any],
    told: Notes,
    behind: Mapping[str, Sequence[str]],
) -> list[Compared]:
    """Each of their checks, in order of id.

    `behind` are, by a machine's uid, the uids of the guards that stand before it: they judge the machine, we the guard.
    """
    theirs: dict[str, list[Row]] = defaultdict(list)
    for row in golden:
        theirs[row["check_id"]].append(row)
    ours: dict[str, list[Row]] = defaultdict(list)
    for finding in findings:
        ours[finding["check"]].append(finding)
    deciding: dict[str, list[str]] = defaultdict(list)
    for check in catalog["checks"]:
        for peer in check["equivalents"].get(TOOL, ()):
            deciding[peer].append(check["id"])
    found = []
    answered: set[tuple[str, str]] = set()
    for peer, rows in sorted(theirs.items()):
        compared = Compared(peer, tuple(deciding[peer]), len(rows), declined().get(("aws", peer), ""))
        if compared.ours:
            own = [each for check in compared.ours for each in ours[check]]
            answered |= _lay_beside(compared, rows, own, told, behind)
        found.append(compared)
    for compared in found:
        # What answers another of their checks on the same resource is no verdict that they lack.
        compared.differ = [
            each for each in compared.differ if each.theirs != NONE or (each.by, each.resource) not in answered
        ]
    return found


def _lay_beside(
    compared: Compared, rows: Sequence[Row], findings: Sequence[Row], told: Notes, behind: Mapping[str, Sequence[str]]
) -> set[tuple[str, str]]:
    """Fill in the comparison; return (check, uid) of each finding of ours that answers one of their verdicts."""
    part = next((each for each in told.parts if fnmatchcase(compared.check, each.check)), None)
    same = [each for each in told.same if fnmatchcase(compared.check, each.check)]
    guards = {guard for row in rows for guard in behind.get(row["resource_arn"], ())}
    matched: set[tuple[str, str]] = set()
    for row in rows:
        found = _about(row, findings, same, behind)
        matched.update((each["check"], each["resource"]) for each in found)
        judged = [(part.outcome(each) if part else str(each["outcome"]), each) for each in found]
        outcome, finding = min(judged, key=lambda pair: _WORST_FIRST.index(pair[0]), default=(NONE, None))
        if outcome == row["status"]:
            compared.agree[outcome] += 1
        else:
            ground = (finding["check"], finding["reason"]) if finding else ()
            compared.differ.append(Difference(compared.check, row["resource_arn"], row["status"], outcome, *ground))
    # Where they judge machines and we judge what stands before them, one more of ours is no machine more.
    uids = {uid for _, uid in matched}
    kinds = set(map(_kind, uids if uids.isdisjoint(guards) else ()))
    for finding in findings:
        check, uid = finding["check"], finding["resource"]
        if (check, uid) not in matched and _kind(uid) in kinds:
            outcome = part.outcome(finding) if part else str(finding["outcome"])
            if outcome != "NOT_APPLICABLE":
                compared.differ.append(Difference(compared.check, uid, NONE, outcome, check, finding["reason"]))
    return matched


def _about(row: Row, findings: Sequence[Row], same: Sequence[Same], behind: Mapping[str, Sequence[str]]) -> list[Row]:
    """Our findings on the resource of one of their verdicts."""
    arn, named = str(row["resource_arn"]), str(row["resource_id"])
    for each in same:
        if found := each.theirs.search(f"{arn} {named}"):
            pattern = found.expand(each.ours)
            return [finding for finding in findings if fnmatchcase(finding["resource"], pattern)]
    exact = [finding for finding in findings if finding["resource"].lower() == arn.lower()]
    named_alike = (finding for finding in findings if _last(finding["resource"]) == named)
    return exact or [each for each in findings if each["resource"] in behind.get(arn, ())] or list(named_alike)


def _last(uid: str) -> str:
    return re.split("[/:]", uid)[-1]


def _kind(uid: str) -> str:
    """What an ARN is of, without its name: verdicts on databases of another service are no answer to theirs."""
    parts = uid.split(":")
    return ":".join((*parts[:3], re.split("[/:]", ":".join(parts[5:]).strip("/"))[0])) if len(parts) > 5 else uid


def explanation(found: Difference, told: Notes) -> Why | None:
    """The first that fits."""
    return next((each for each in told.why if each.explains(found)), None)


def report(compared: Sequence[Compared], told: Notes) -> tuple[list[str], int]:
    """The table and each difference as lines, and how many differences nobody has explained."""
    width = max(len(each.check) for each in compared)
    heading = (
        f"{'peer check':<{width}}  {'agree':<22} {'differ (theirs/ours)':<34} {'only theirs':>11} {'only ours':>9}"
    )
    lines = [f"{heading}  ours"]
    for each in compared:
        agree = " ".join(f"{count} {outcome}" for outcome, count in sorted(each.agree.items()))
        pairs = Counter(f"{found.theirs}/{found.ours}" for found in each.of("differ"))
        differ = " ".join(f"{count} {pair}" for pair, count in sorted(pairs.items()))
        only = f"{len(each.of('only theirs')) or '':>11} {len(each.of('only ours')) or '':>9}"
        by = ", ".join(each.ours) or ("declined" if each.declined else "not decided")
        lines.append(f"{each.check:<{width}}  {agree:<22} {differ:<34} {only}  {by}")
    groups: dict[Why | None, list[Difference]] = defaultdict(list)
    for found in (found for each in compared for found in each.differ):
        groups[explanation(found, told)].append(found)
    lines += ["", "differences"]
    for why, several in groups.items():
        lines.append(f"\n{why.right} right: {why.reason}" if why else "\nNOT EXPLAINED")
        lines += map(_told, several)
    unexplained = len(groups[None]) if None in groups else 0
    return [*lines, "", *_sums(compared, groups), f"{unexplained} differences unexplained"], unexplained


def _told(found: Difference) -> str:
    ground = f"{found.by}: {found.said[:160]}" if found.by else ""
    return f"  {found.check}  {found.resource}  {found.theirs}/{found.ours}  {ground}".rstrip()


def _sums(compared: Sequence[Compared], groups: Mapping[Why | None, Sequence[Difference]]) -> Iterator[str]:
    decided = [each for each in compared if each.ours]
    agree = sum(each.agree.total() for each in decided)
    declined = sum(bool(each.declined) for each in compared if not each.ours)
    yield (
        f"{len(compared)} peer checks: {len(decided)} decided, {declined} declined, "
        f"{len(compared) - len(decided) - declined} neither; "
        f"{sum(each.verdicts for each in decided)} of {sum(each.verdicts for each in compared)} verdicts compared"
    )
    both = sum(len(each.of("differ")) for each in compared)
    alone = sum(len(each.of("only theirs")) for each in compared)
    ours = sum(len(each.of("only ours")) for each in compared)
    yield f"{agree} agree, {both} differ, {alone} only theirs, {ours} only ours"
    right = Counter[str]()
    for why, several in groups.items():
        right[why.right if why else "unexplained"] += len(several)
    yield "right: " + ", ".join(f"{who} {count}" for who, count in sorted(right.items()))


def _behind(folder: Path, endpoint: str, region: str) -> dict[str, list[str]]:
    """By ARN of each machine, the ARNs of its security groups.  In a process of its own, which imports the SDK."""
    said = python("-m", "tests.benchmarks.guards", endpoint, region, folder=folder).output
    found: dict[str, list[str]] = json.loads(said)
    return found


def main() -> int:
    """Read, compare, print; 0 when every difference is explained, 1 otherwise, 2 when something did not run."""
    asked = _arguments()
    told = notes(asked.notes)
    golden = json.loads(asked.golden.read_text(encoding="utf-8"))
    try:
        with tempfile.TemporaryDirectory(prefix="proofkeep-agreement-") as made:
            folder = Path(made)
            settings = _SETTINGS.format(region=asked.region, endpoint=asked.endpoint)
            (folder / "proofkeep.toml").write_text(settings, encoding="utf-8")
            python("-m", "agent", "collect", "--json", folder=folder, codes=_INCOMPLETE)
            findings = json.loads(python("-m", "agent", "findings", "--json", folder=folder, codes=_INCOMPLETE).output)
            catalog = json.loads(python("-m", "agent", "catalog", "--json", folder=folder).output)
            behind = _behind(folder, asked.endpoint, asked.region)
    except BenchmarkFailed as error:
        sys.stderr.write(f"agreement: {error}\n")
        return 2
    lines, unexplained = report(compare(golden, findings, catalog, told, behind), told)
    sys.stdout.write("\n".join(lines) + "\n")
    return int(unexplained > 0)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Our verdicts beside another tool's, resource by resource.")
    parser.add_argument("--golden", type=Path, required=True, help="the other tool's verdicts, a JSON list")
    parser.add_argument("--endpoint", required=True, help="where the account that they are about is served")
    parser.add_argument("--region", default="us-east-1", help="the region that they are about (default us-east-1)")
    parser.add_argument("--notes", type=Path, default=NOTES, help="the explanations (default: those beside this file)")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
