"""Runs one collector on a loopback cloud as the agent does, for the fixtures of each cloud."""

from __future__ import annotations

from dataclasses import fields

import orjson

from agent.demo.loopback_http import Served
from agent.fetch import Identified, Limits, fetch_all
from collectors.api import Collector
from collectors.provenance import Page
from collectors.testing import Reading
from storage.canon import dumps


def run(provider: Identified, collector: Collector, places: tuple[str, ...]) -> Reading:
    """Fetch with the real session and pool in each of `places`, through JSON as staging does it."""
    identity = provider.identify()
    total = Page()
    for batch in fetch_all(provider, [(collector, place) for place in places], Limits(8)):
        for arrived in batch:
            total.absorb(Page.from_json(orjson.loads(dumps(arrived.page.to_json()))))
    return Reading(collector, identity, places, total)


def renew(estate: Served) -> None:
    """Everything as it is in a new one.  The server holds this very object."""
    fresh = type(estate)()
    for each in fields(estate):
        setattr(estate, each.name, getattr(fresh, each.name))
