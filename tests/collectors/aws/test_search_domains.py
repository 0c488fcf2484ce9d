"""aws.search_domains"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from agent.demo.loopback import Faults
from collectors.aws.search_domains import COLLECTOR, DOMAIN, publishes
from collectors.facts.core import Reason, Unread
from collectors.facts.service_logs import UseLog, WorkLog
from collectors.testing import Reading

Read = Callable[..., Reading]
Client = Callable[..., Any]


def make_domain(client: Client, name: str) -> None:
    """A domain."""
    client("opensearch").create_domain(DomainName=name)


def publish(faults: Faults, name: str, **logs: bool) -> None:
    """The domain says which logs it publishes; moto forgets them."""
    options = {key: {"Enabled": on} for key, on in logs.items()}
    faults.answers[f"es:GET /2021-01-01/opensearch/domain/{name}"] = {
        "DomainStatus": {"DomainName": name, "LogPublishingOptions": options}
    }


def test_a_region_without_any_costs_one_call(read: Read) -> None:
    """Empty is proven, not assumed."""
    reading = read(COLLECTOR)

    assert reading.facts(UseLog) == []
    assert reading.documents.complete(DOMAIN, "us-east-1") is None
    assert reading.operations() == {"opensearch:ListDomainNames"}


def test_domains_say_which_logs_they_publish(read: Read, client: Client, faults: Faults) -> None:
    """Access to data is one fact, and slow work is another."""
    for name in ("told", "slow", "bare"):
        make_domain(client, name)
    publish(faults, "told", AUDIT_LOGS=True, SEARCH_SLOW_LOGS=True, INDEX_SLOW_LOGS=True)
    publish(faults, "slow", AUDIT_LOGS=False, SEARCH_SLOW_LOGS=True)

    reading = read(COLLECTOR)
    use = {log.resource.name: log.kept for log in reading.facts(UseLog)}
    work = {log.resource.name: log.kept for log in reading.facts(WorkLog)}

    assert use == {"told": ("access to data",), "slow": (), "bare": ()}
    assert work == {"told": ("slow searches", "slow indexing"), "slow": ("slow searches",), "bare": ()}
    told = reading.fact(WorkLog, "told")
    assert told.resource.uid == "arn:aws:es:us-east-1:123456789012:domain/told"
    assert (told.what, told.kinds) == ("search domain", ("slow searches", "slow indexing"))


@pytest.mark.parametrize("fault", ["deny", "throttle", "garble", "break_down"])
def test_a_lost_detail_costs_its_own_domain_alone(read: Read, client: Client, faults: Faults, fault: str) -> None:
    """Both of its facts are unread."""
    make_domain(client, "lost")
    make_domain(client, "kept")
    getattr(faults, fault).add("es:GET /2021-01-01/opensearch/domain/lost")

    reading = read(COLLECTOR)

    for kept in (reading.fact(UseLog, "lost").kept, reading.fact(WorkLog, "lost").kept):
        assert isinstance(kept, Unread)
        assert kept.permission == "es:DescribeDomain"
    assert reading.fact(UseLog, "kept").kept == ()


def test_an_answer_about_no_domain_is_malformed() -> None:
    """A domain that never logged still has its name."""
    assert publishes({"DomainName": "bare"}) == frozenset()
    with pytest.raises(KeyError):
        publishes({})


def test_a_denied_listing_leaves_the_population_unknown(read: Read, client: Client, faults: Faults) -> None:
    """None read is not none there."""
    make_domain(client, "told")
    faults.deny.add("es:GET /2021-01-01/domain")

    reading = read(COLLECTOR)
    unread = reading.documents.complete(DOMAIN, "us-east-1")

    assert reading.facts(UseLog) == []
    assert unread is not None
    assert (unread.reason, unread.operation, unread.permission) == (
        Reason.PERMISSION_DENIED,
        "opensearch:ListDomainNames",
        "es:ListDomainNames",
    )
