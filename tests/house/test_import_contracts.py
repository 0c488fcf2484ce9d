"""The import rules hold, and each of them fails when it is broken."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.house.tree import PACKAGES, ROOT, imports, python_files, relative

# Modules of the standard library that are data and nothing else.
DATA_MODULES = {
    "__future__",
    "abc",
    "collections",
    "collections.abc",
    "dataclasses",
    "datetime",
    "enum",
    "functools",
    "ipaddress",
    "itertools",
    "types",
    "typing",
}
# What loaders and the registry need beside that: reading files of the package itself.
LOADER_MODULES = DATA_MODULES | {
    "difflib",
    "fnmatch",
    "hashlib",
    "importlib",
    "importlib.resources",
    "json",
    "math",
    "operator",
    "pathlib",
    "pkgutil",
    "re",
    "tomllib",
}

# A planted module, and the contract that has to break.
VIOLATIONS = {
    "a check that reads a cloud": ("checks/identity/planted.py", "import boto3\n", "Checks know facts"),
    "a check that looks at the clock": ("checks/identity/planted.py", "import time\n", "Checks know facts"),
    "a check that reads the environment": ("checks/planted.py", "import os\n", "Checks know facts"),
    "a check that knows collectors": ("checks/planted.py", "import collectors.api\n", "Checks know facts"),
    "a check that asks the store": ("checks/planted.py", "import storage.rows\n", "judge and storage keeps"),
    "a store that knows a check": ("storage/planted.py", "import checks.api\n", "Storage knows no cloud"),
    "a store that knows facts": (
        "storage/planted.py",
        "import collectors.facts.core\n",
        "Storage knows no cloud",
    ),
    "a collector that judges": ("collectors/planted.py", "import checks.api\n", "judge and storage keeps"),
    "a collector that knows the agent": (
        "collectors/planted.py",
        "import agent\n",
        "judge and storage keeps",
    ),
    "a collector that logs": ("collectors/planted.py", "import logging\n", "Only the agent logs"),
    "a store that logs": ("storage/planted.py", "import structlog\n", "Only the agent logs"),
    "a fact that knows collectors": (
        "collectors/facts/planted.py",
        "import collectors.api\n",
        "Facts are the shared words",
    ),
    "a fact that looks at the clock": (
        "collectors/facts/planted.py",
        "import time\n",
        "Facts import no third party",
    ),
    "a cloud that knows another": (
        "collectors/azure/planted.py",
        "import collectors.aws\n",
        "Facts are the shared words",
    ),
}


def lint(tree: Path) -> subprocess.CompletedProcess[str]:
    """import-linter on a copy of the packages."""
    return subprocess.run(
        [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"],
        cwd=tree,
        env={**os.environ, "PYTHONPATH": str(tree), "PYTHONSAFEPATH": "1", "COLUMNS": "300", "NO_COLOR": "1"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A copy of the four packages and their rules."""
    for package in PACKAGES:
        shutil.copytree(ROOT / package, tmp_path / package, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def test_the_rules_hold(tree: Path) -> None:
    """The code as it stands breaks no contract."""
    result = lint(tree)

    assert result.returncode == 0, result.stdout + result.stderr


@pytest.mark.parametrize(("place", "source", "contract"), VIOLATIONS.values(), ids=list(VIOLATIONS))
def test_each_rule_breaks(tree: Path, place: str, source: str, contract: str) -> None:
    """A module that crosses a line breaks the contract that draws it."""
    planted = tree / place
    planted.parent.mkdir(exist_ok=True)
    (planted.parent / "__init__.py").touch()
    planted.write_text(f'"""Planted."""\n\n{source}', encoding="utf-8")

    result = lint(tree)

    assert result.returncode == 1
    assert re.search(rf"^[^\n]*{contract}[^\n]* BROKEN\b", result.stdout, re.MULTILINE), result.stdout + result.stderr


def test_facts_import_data_modules_only() -> None:
    """An allow-list, so that no library can slip in that the contracts do not name."""
    foreign = [
        f"{relative(path)}:{line} imports {name}"
        for path in python_files("collectors")
        if "facts" in path.relative_to(ROOT).parts
        for name, line in imports(path)
        if name not in DATA_MODULES and not name.startswith("collectors.facts")
    ]

    assert foreign == []


def test_checks_import_facts_and_pure_modules_only() -> None:
    """A judgement depends on nothing but its arguments, so that it can be repeated years later."""
    foreign = [
        f"{relative(path)}:{line} imports {name}"
        for path in python_files("checks")
        for name, line in imports(path)
        if name not in LOADER_MODULES and not re.match(r"(checks|collectors\.facts)(\.|$)", name)
    ]

    assert foreign == []
