"""The files of this repository as the guards read them, without caches and environments."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGES = ("agent", "checks", "collectors", "storage")

_SKIPPED = {
    ".git",
    ".venv",
    ".venv-deploy",
    "build",
    "dist",
    "htmlcov",
    "__pycache__",
    ".hypothesis",
    ".import_linter_cache",
}
_TEXT = {
    ".py",
    ".md",
    ".toml",
    ".lock",
    ".sql",
    ".mako",
    ".json",
    ".txt",
    ".html",
    ".css",
    ".yaml",
    ".yml",
    ".sh",
    ".tf",
    ".tpl",
    ".in",
    "",
}


@cache
def text_files() -> tuple[Path, ...]:
    """Every text file of the repository, sorted."""
    return tuple(sorted(path for path in _walk(ROOT) if path.suffix in _TEXT))


def _walk(folder: Path) -> Iterator[Path]:
    for path in folder.iterdir():
        if path.name in _SKIPPED or path.name.endswith("_cache") or path.is_symlink():
            continue
        if path.is_dir():
            yield from _walk(path)
        else:
            yield path


def python_files(*folders: str) -> list[Path]:
    """Every module below `folders`, or below all packages and tests."""
    wanted = folders or (*PACKAGES, "tests")
    return [path for path in text_files() if path.suffix == ".py" and path.relative_to(ROOT).parts[0] in wanted]


def relative(path: Path) -> str:
    """`path` as it is written in messages and tables."""
    return path.relative_to(ROOT).as_posix()


def imports(path: Path) -> Iterator[tuple[str, int]]:
    """Each absolute module name that the file imports, anywhere in it, and the line."""
    for node in ast.walk(ast.parse(path.read_bytes())):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield alias.name, node.lineno
        elif isinstance(node, ast.ImportFrom):
            yield f"{'.' * node.level}{node.module or ''}", node.lineno
