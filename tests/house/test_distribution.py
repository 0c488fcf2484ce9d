"""What is installed is what stands in the repository, data files included."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from pathlib import Path
from zipfile import ZipFile

from tests.house.tree import PACKAGES, ROOT, relative, text_files


def test_the_wheel_holds_all_files_of_the_packages(tmp_path: Path) -> None:
    """Criteria, controls, migrations and pages go along with the code, and nothing else does."""
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)],
        cwd=ROOT,
        check=True,
        capture_output=True,
        timeout=120,
    )
    (wheel,) = tmp_path.glob("proofkeep-*.whl")
    with ZipFile(wheel) as archive:
        packed = {name for name in archive.namelist() if ".dist-info/" not in name}

    assert packed == {relative(path) for path in text_files() if path.relative_to(ROOT).parts[0] in PACKAGES}


def test_the_container_installs_what_the_locks_say() -> None:
    """The image takes hashed packages only, runs as a user without rights, and names its base by tag."""
    lines = (ROOT / "Dockerfile").read_text(encoding="utf-8").replace("\\\n", " ").splitlines()
    installs = [part for line in lines for part in line.split("&&") if "pip install" in part]

    assert installs
    assert all("--require-hashes" in part or "--no-deps" in part for part in installs)
    assert [line for line in lines if line.startswith("USER")] == ["USER 10001"]
    assert {line.split()[1] for line in lines if line.startswith("FROM")} == {"python:3.12-slim-bookworm"}


def test_the_changelog_knows_the_version() -> None:
    """The newest heading is either the version that the project declares or what is not released yet."""
    version = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
    headings = [
        line for line in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8").splitlines() if line.startswith("## ")
    ]

    assert headings[0] == "## [Unreleased]" or headings[0].startswith(f"## [{version}]")
