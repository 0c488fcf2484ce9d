"""What may stand in the files of this repository."""

from __future__ import annotations

import ast
import re
import tomllib
from importlib.metadata import packages_distributions

import pytest

from tests.house.tree import PACKAGES, ROOT, python_files, relative, text_files

LONGEST = 450
LOCKS = ("requirements.lock", "requirements-dev.lock", "requirements-build.lock", "requirements-deploy.lock")

# Where everything may be caught, and why.
BROAD_EXCEPT = {
    "agent/judge.py": "a broken check is an ERROR of its own and the run goes on",
    "agent/fetch.py": "a broken collector is a gap of its own and the run goes on",
    "agent/daemon.py": "a job of the clock that breaks is reported and the clock goes on",
    "agent/rounds.py": "a broken run is reported, hurts no other account, and is tried again",
    "agent/worker.py": "a part that cannot be read is tried again, and then a gap that says why",
    "agent/demo/loopback.py": "moto raises whatever it likes for an operation that it lacks",
    "collectors/reader.py": "whatever an SDK call raises is sorted into a gap by consequence",
}

# Words that only an auditor or a certifying body may say about a company.
OPINION = re.compile(r"\b(certified|compliant)\b", re.IGNORECASE)
OPINION_EXPLAINED = {
    "collectors/aws/machine_assessments.py": "the word that AWS answers with",
    "tests/collectors/aws/test_machine_assessments.py": "the word that AWS answers with",
    "tests/house/test_files.py": "the rule itself",
}

# A place on somebody's own machine, or the address of a package registry.
MACHINE = re.compile(r"(?<![\w.}])/(?:work|root|Users|home/(?!user\b)\w+)/|/tmp/dev/|\bpypi\b|pythonhosted")
MACHINE_EXPLAINED = {"tests/house/test_files.py": "the rule itself"}

VAGUE_NAMES = {"utils", "util", "helpers", "helper", "common", "base", "manager", "misc"}


def lines_that_match(pattern: re.Pattern[str], explained: dict[str, str]) -> list[str]:
    """`file:line` of each match outside the files that explain why they need it."""
    return [
        f"{relative(path)}:{number}: {line.strip()}"
        for path in text_files()
        if relative(path) not in explained
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if pattern.search(line)
    ]


def test_no_file_gives_an_opinion() -> None:
    """Proofkeep reports facts; it never calls a company by a word that is the auditor's to say."""
    assert lines_that_match(OPINION, OPINION_EXPLAINED) == []


def test_no_file_names_a_machine_or_a_registry() -> None:
    """A clone works anywhere, so no path of one machine and no registry address stands in it."""
    assert lines_that_match(MACHINE, MACHINE_EXPLAINED) == []


@pytest.mark.parametrize("text", ["it is certified", "Compliant!", "non-compliant"])
def test_the_opinion_rule_finds_its_words(text: str) -> None:
    """The pattern matches what it is there to match."""
    assert OPINION.search(text)


@pytest.mark.parametrize("text", ["see |root|x", '"|work|main"', "|home|jane|x", "(|Users|jane|x)"])
def test_the_machine_rule_finds_paths(text: str) -> None:
    """The pattern matches what it is there to match."""
    assert MACHINE.search(text.replace("|", "/"))


@pytest.mark.parametrize("lock", LOCKS)
def test_locks_hold_hashes_and_no_address(lock: str) -> None:
    """Every locked package has a hash, and none says where to fetch it."""
    text = (ROOT / lock).read_text(encoding="utf-8")
    entries = re.findall(r"^([A-Za-z0-9][^\s=]*)==((?:.*\\\n)*.*)", text, re.MULTILINE)

    assert "://" not in text
    assert not re.search(r"^\s*(-i|-f|--\w*index|--find-links)", text, re.MULTILINE)
    assert entries
    assert [name for name, rest in entries if "--hash=sha256:" not in rest] == []


@pytest.mark.parametrize(
    ("lock", "extras"), [("requirements.lock", ("aws", "postgres")), ("requirements-dev.lock", ("all",))]
)
def test_locks_hold_every_declared_dependency(lock: str, extras: tuple[str, ...]) -> None:
    """A dependency that is declared and not locked would be missing from the installation."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    chosen = project["optional-dependencies"] if extras == ("all",) else extras
    declared = [
        *project["dependencies"],
        *(dep for extra in chosen for dep in project["optional-dependencies"][extra]),
    ]
    names = {re.split(r"[\[<>=!~ ]", dep)[0].lower() for dep in declared} - {"proofkeep"}
    locked = set(re.findall(r"^([a-z0-9.-]+)==", (ROOT / lock).read_text(encoding="utf-8"), re.MULTILINE))

    assert names - locked == set(), "run: make lock"


def test_files_stay_readable() -> None:
    """A longer module does more than one thing."""
    lengths = {relative(path): path.read_bytes().count(b"\n") for path in python_files()}

    assert {name: length for name, length in lengths.items() if length > LONGEST} == {}


def test_names_say_something() -> None:
    """A module is named by its subject."""
    assert [
        relative(path) for path in python_files() if path.stem in VAGUE_NAMES or path.parent.name in VAGUE_NAMES
    ] == []


def broad_handlers(source: str) -> list[int]:
    """Lines of handlers that catch everything and do not raise it again in the end."""
    return [
        node.lineno
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.ExceptHandler) and _catches_all(node) and not _raises_again(node)
    ]


def _catches_all(handler: ast.ExceptHandler) -> bool:
    return handler.type is None or any(
        isinstance(name, ast.Name) and name.id in {"Exception", "BaseException"} for name in ast.walk(handler.type)
    )


def _raises_again(handler: ast.ExceptHandler) -> bool:
    last = handler.body[-1]
    return isinstance(last, ast.Raise) and last.exc is None


def test_nothing_is_swallowed() -> None:
    """Everything is caught only where a run must go on; elsewhere faults keep their names."""
    found = {
        f"{relative(path)}:{line}"
        for path in python_files(*PACKAGES)
        if relative(path) not in BROAD_EXCEPT
        for line in broad_handlers(path.read_text(encoding="utf-8"))
    }

    assert found == set()


@pytest.mark.parametrize(
    ("handler", "broad"),
    [
        ("except: pass", True),
        ("except Exception: pass", True),
        ("except BaseException as fault: raise ValueError from fault", True),
        ("except (OSError, Exception): pass", True),
        ("except OSError: pass", False),
        ("except BaseException: x.close(); raise", False),
    ],
)
def test_broad_handlers_are_recognized(handler: str, broad: bool) -> None:
    """Bare, named and grouped handlers are found; narrow ones and those that only clean up are not."""
    assert broad_handlers(f"try: x\n{handler}") == [2] * broad


@pytest.mark.parametrize("name", [*PACKAGES, "tests"])
def test_no_other_distribution_owns_our_names(name: str) -> None:
    """Two distributions with one import name would shadow each other."""
    assert set(packages_distributions().get(name, [])) <= {"proofkeep"}
