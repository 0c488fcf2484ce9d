"""exposure.admin_ports"""

from __future__ import annotations

import pytest

from checks.api import Outcome
from checks.exposure.admin_ports import CHECK
from checks.testing import DENIED, fact, judged, outcome
from collectors.facts.network import NetworkGuard


@pytest.mark.parametrize(
    ("doors", "expected"),
    [
        ((), Outcome.PASS),
        (("tcp/443 0.0.0.0/0", "tcp/19 ::/0", "udp/22 0.0.0.0/0"), Outcome.PASS),
        (("tcp/22 0.0.0.0/0",), Outcome.FAIL),
        (("tcp/22 ::/0",), Outcome.FAIL),
        (("tcp/3000-4000 128.0.0.0/1",), Outcome.FAIL),
        (("tcp/0-65535 0.0.0.0/0",), Outcome.FAIL),
        (("tcp/5432 provider",), Outcome.FAIL),
        (("udp/161 0.0.0.0/0",), Outcome.FAIL),
        (("tcp/22 203.0.113.0/24", "tcp/22 2001:db8::/56"), Outcome.PASS),
        (("tcp/22 203.0.112.0/23",), Outcome.FAIL),
        (("tcp/22 2001:db8::/55",), Outcome.FAIL),
        (DENIED, Outcome.UNKNOWN),
    ],
)
def test_wide_networks_reach_no_such_port(doors: object, expected: Outcome) -> None:
    """In ranges too, over both versions of IP, and from whatever runs at the provider."""
    assert outcome(CHECK, fact(NetworkGuard, attached=True, doors=doors)) is expected


@pytest.mark.parametrize(
    ("attached", "doors", "expected"),
    [
        (False, ("tcp/22 0.0.0.0/0",), Outcome.NOT_APPLICABLE),
        (DENIED, ("tcp/22 0.0.0.0/0",), Outcome.UNKNOWN),
        (DENIED, (), Outcome.PASS),
        (False, DENIED, Outcome.NOT_APPLICABLE),
    ],
)
def test_only_rules_before_something_open_it(attached: object, doors: object, expected: Outcome) -> None:
    """Rules that open nothing are harmless wherever they are."""
    assert outcome(CHECK, fact(NetworkGuard, attached=attached, doors=doors)) is expected


def test_networks_and_ports_are_the_company_s() -> None:
    """A wide network may be approved, with all that lies in it, and ports be left out."""
    guard = fact(NetworkGuard, attached=True, doors=("tcp/22 20.1.0.0/16",))
    assert outcome(CHECK, guard, networks=("20.0.0.0/8",)) is Outcome.PASS
    assert outcome(CHECK, guard, networks=("21.0.0.0/8", "::/0")) is Outcome.FAIL
    assert outcome(CHECK, guard, tcp=("3389",)) is Outcome.PASS
    assert outcome(CHECK, guard, max_addresses=65536) is Outcome.PASS


def test_the_reason_names_ports_and_sources() -> None:
    """Only the ports that matter, and no endless list of networks."""
    doors = ("tcp/0-65535 0.0.0.0/0", "tcp/22 provider", *(f"tcp/22 {n}.0.0.0/8" for n in (20, 30, 40, 50)))
    (finding,) = judged(CHECK, fact(NetworkGuard, attached=True, doors=doors), tcp=("22",))

    assert finding.reason == "lets in tcp/22 from 0.0.0.0/0 and the provider and 20.0.0.0/8 and 3 more networks"
