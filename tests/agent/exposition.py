"""Reads a scrape back with Prometheus' own parser."""

from __future__ import annotations

from prometheus_client.parser import text_string_to_metric_families

from agent.metrics import Metrics

Series = dict[tuple[tuple[str, str], ...], float]
"""Values by labels."""


def scrape(metrics: Metrics) -> dict[str, Series]:
    """Each sample by its name and labels."""
    found: dict[str, Series] = {}
    for family in text_string_to_metric_families(metrics.text().decode()):
        for sample in family.samples:
            labels = tuple(sorted(sample.labels.items()))
            assert labels not in found.setdefault(sample.name, {}), f"{sample.name}{labels} twice"
            found[sample.name][labels] = sample.value
    return found


def labels(**given: str) -> tuple[tuple[str, str], ...]:
    """Labels as `scrape` has them."""
    return tuple(sorted(given.items()))
