"""Judges the doors of network guards by their ports: shared by the checks of ports that stand open to everywhere."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from checks.api import Facts, Finding, Params, fails, not_applicable, passes, unknown, unread_in
from checks.networks import Door, span_of, told, wide_doors
from checks.thresholds import names, number
from collectors.facts.core import Unread
from collectors.facts.network import NetworkGuard

Spans = Sequence[tuple[int, int]]
"""First and last of each range of ports, in the order of the parameter."""


def judge_doors(
    facts: Facts, params: Params, wrong: Callable[[Door, Spans], Iterator[Door]], *, right: str, but: str = ""
) -> Iterator[Finding]:
    """One finding per set of rules; one that stands before nothing opens nothing.

    `wrong` gives the parts of a wide door that must not be open, by the ports that the parameters `tcp` and `udp` name.
    `max_addresses` and `networks` say which doors are wide.  `right` is the reason of a PASS; `but` ends that of FAIL.
    """
    spans = {protocol: [span_of(each) for each in names(params, protocol)] for protocol in ("tcp", "udp")}
    most, approved = number(params, "max_addresses"), names(params, "networks")
    for guard in facts.of(NetworkGuard):
        if guard.attached is False:
            yield not_applicable(guard, "stands before nothing")
            continue
        found = [] if isinstance(guard.doors, Unread) else wide_doors(guard.doors, most, approved)
        doors = [part for each in found for part in wrong(each, spans[each.protocol])]
        if doors and guard.attached is True:
            yield fails(guard, f"lets in {told(doors)}{but}")
        elif gaps := unread_in(guard.doors, *((guard.attached,) if doors else ())):
            yield unknown(guard, *gaps)
        else:
            yield passes(guard, right)
