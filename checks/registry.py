"""Finds every check: each module of a subject folder that defines `CHECK`.  No registration line anywhere."""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache
from pathlib import Path

import checks
from checks.api import Check


@cache
def all_checks() -> dict[str, Check]:
    """Every check of this package by id, sorted by id."""
    found: dict[str, Check] = {}
    for folder in pkgutil.iter_modules(checks.__path__):
        if not folder.ispkg:
            continue
        package = importlib.import_module(f"checks.{folder.name}")
        for module in pkgutil.iter_modules(package.__path__):
            check: Check = importlib.import_module(f"checks.{folder.name}.{module.name}").CHECK
            found[check.id] = check
    return dict(sorted(found.items()))


def source_of(check: Check) -> Path:
    """The file that a check's code is in, whose digest goes into each run's manifest."""
    file = importlib.import_module(check.judge.__module__).__file__
    if file is None:
        message = f"check {check.id} has no source file"
        raise FileNotFoundError(message)
    return Path(file)
