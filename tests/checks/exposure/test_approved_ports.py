"""exposure.approved_ports"""

from __future__ import annotations

import pytest

from checks.api import Outcome
from checks.exposure.approved_ports import CHECK
from checks.testing import DENIED, fact, judged, outcome
from collectors.facts.network import NetworkGuard


@pytest.mark.parametrize(
    ("doors", "expected"),
    [
        ((), Outcome.PASS),
        (("tcp/443 0.0.0.0/0", "tcp/443 ::/0"), Outcome.PASS),
        (("tcp/80 0.0.0.0/0",), Outcome.FAIL),
        (("tcp/8080 0.0.0.0/0",), Outcome.FAIL),
        (("udp/443 0.0.0.0/0",), Outcome.FAIL),
        (("tcp/442-444 0.0.0.0/0",), Outcome.FAIL),
        (("tcp/8080 provider",), Outcome.FAIL),
        (("tcp/8080 203.0.113.0/24",), Outcome.PASS),
        (DENIED, Outcome.UNKNOWN),
    ],
)
def test_what_is_not_on_the_list_is_closed(doors: object, expected: Outcome) -> None:
    """HTTP without TLS and everything of UDP are not, unless the company puts them there."""
    assert outcome(CHECK, fact(NetworkGuard, attached=True, doors=doors)) is expected


def test_only_rules_before_something_open_it() -> None:
    """Whether they do must be known before they are blamed."""
    for attached, expected in ((False, Outcome.NOT_APPLICABLE), (DENIED, Outcome.UNKNOWN)):
        assert outcome(CHECK, fact(NetworkGuard, attached=attached, doors=("tcp/80 ::/0",))) is expected


def test_the_list_is_the_company_s() -> None:
    """Ports, ranges of them, and wide networks."""
    guard = fact(NetworkGuard, attached=True, doors=("tcp/80-90 20.0.0.0/8", "udp/53 20.0.0.0/8"))
    assert outcome(CHECK, guard, tcp=("86-90", "80-85"), udp=("53",)) is Outcome.PASS
    assert outcome(CHECK, guard, tcp=("80-84", "86-90"), udp=("53",)) is Outcome.FAIL
    assert outcome(CHECK, guard, networks=("20.0.0.0/7",)) is Outcome.PASS


def test_the_reason_names_what_is_too_much() -> None:
    """The parts of a range that nobody approved."""
    (finding,) = judged(CHECK, fact(NetworkGuard, attached=True, doors=("tcp/442-500 0.0.0.0/0",)))

    assert finding.reason == "lets in tcp/442 from 0.0.0.0/0, tcp/444-500 from 0.0.0.0/0, which is not on the list"
