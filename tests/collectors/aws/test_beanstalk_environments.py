"""aws.beanstalk_environments"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from agent.demo.loopback import Faults
from collectors.aws.beanstalk_environments import COLLECTOR, ENVIRONMENT
from collectors.facts.core import Reason, Unread
from collectors.facts.service_logs import WorkLog
from collectors.testing import Reading

Read = Callable[..., Reading]
Client = Callable[..., Any]

SETTINGS = "elasticbeanstalk:DescribeConfigurationSettings"


def make_environment(client: Client) -> None:
    """The environment `shop-live`."""
    beanstalk = client("elasticbeanstalk")
    beanstalk.create_application(ApplicationName="shop")
    beanstalk.create_environment(ApplicationName="shop", EnvironmentName="shop-live", SolutionStackName="Python")


def option(namespace: str, name: str, value: str) -> str:
    """One option of an environment."""
    return f"<member><Namespace>{namespace}</Namespace><OptionName>{name}</OptionName><Value>{value}</Value></member>"


def answer(*options: str) -> str:
    """The answer of Elastic Beanstalk with these options; moto has none."""
    secret = option("aws:elasticbeanstalk:application:environment", "TOKEN", "made-up")
    inner = f"<member><OptionSettings>{secret}{''.join(options)}</OptionSettings></member>"
    result = f"<ConfigurationSettings>{inner}</ConfigurationSettings>"
    outer = "DescribeConfigurationSettings"
    return f"<{outer}Response><{outer}Result>{result}</{outer}Result></{outer}Response>"


def streams(value: str) -> str:
    """Whether logs leave the machines."""
    return option("aws:elasticbeanstalk:cloudwatch:logs", "StreamLogs", value)


def test_a_region_without_any_costs_one_call(read: Read) -> None:
    """Empty is proven, not assumed."""
    reading = read(COLLECTOR)

    assert reading.facts(WorkLog) == []
    assert reading.documents.complete(ENVIRONMENT, "us-east-1") is None
    assert reading.operations() == {"elasticbeanstalk:DescribeEnvironments"}


@pytest.mark.parametrize(("value", "kept"), [("true", ("its machines",)), ("false", ())])
def test_environments_say_whether_logs_leave_the_machines(
    read: Read, client: Client, faults: Faults, value: str, kept: tuple[str, ...]
) -> None:
    """What is handed to the program is not kept."""
    make_environment(client)
    faults.answers[SETTINGS] = answer(streams(value))

    reading = read(COLLECTOR)
    log = reading.fact(WorkLog, "shop-live")

    assert log.resource.uid == "arn:aws:elasticbeanstalk:us-east-1:123456789012:environment/shop/shop-live"
    assert (log.what, log.kinds, log.kept) == ("app environment", ("its machines",), kept)
    assert "made-up" not in str([document.body for document in reading.page.documents])


def test_an_answer_that_does_not_say_so_is_malformed(read: Read, client: Client, faults: Faults) -> None:
    """A missing option proves nothing."""
    make_environment(client)
    faults.answers[SETTINGS] = answer()

    assert isinstance(read(COLLECTOR).fact(WorkLog, "shop-live").kept, Unread)


@pytest.mark.parametrize("fault", ["deny", "throttle", "garble", "break_down"])
def test_a_lost_detail_costs_its_own_resource_alone(read: Read, client: Client, faults: Faults, fault: str) -> None:
    """It is there, and what it logs is not known."""
    make_environment(client)
    faults.answers[SETTINGS] = answer(streams("true"))
    getattr(faults, fault).add(SETTINGS)

    log = read(COLLECTOR).fact(WorkLog, "shop-live")

    assert isinstance(log.kept, Unread)
    assert log.kept.permission == "elasticbeanstalk:DescribeConfigurationSettings"


def test_a_denied_listing_leaves_the_population_unknown(read: Read, client: Client, faults: Faults) -> None:
    """None read is not none there."""
    make_environment(client)
    faults.deny.add("elasticbeanstalk:DescribeEnvironments")

    reading = read(COLLECTOR)
    unread = reading.documents.complete(ENVIRONMENT, "us-east-1")

    assert reading.facts(WorkLog) == []
    assert unread is not None
    assert (unread.reason, unread.operation, unread.permission) == (
        Reason.PERMISSION_DENIED,
        "elasticbeanstalk:DescribeEnvironments",
        "elasticbeanstalk:DescribeEnvironments",
    )
