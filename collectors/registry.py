"""Finds every collector: each module of a cloud's folder that defines `COLLECTOR`.  No registration line anywhere."""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache
from pathlib import Path

from collectors.api import Collector

CLOUDS = ("aws", "azure", "gcp")


@cache
def collectors_of(cloud: str) -> dict[str, Collector]:
    """Every collector of a cloud by id, sorted by id."""
    package = importlib.import_module(f"collectors.{cloud}")
    modules = (
        importlib.import_module(f"collectors.{cloud}.{item.name}") for item in pkgutil.iter_modules(package.__path__)
    )
    found = [module.COLLECTOR for module in modules if hasattr(module, "COLLECTOR")]
    return {collector.id: collector for collector in sorted(found, key=lambda each: each.id)}


def source_of(collector: Collector) -> Path:
    """The file that a collector's code is in, whose digest goes into each run."""
    file = importlib.import_module(collector.shape.__module__).__file__
    if file is None:
        message = f"collector {collector.id} has no source file"
        raise FileNotFoundError(message)
    return Path(file)
