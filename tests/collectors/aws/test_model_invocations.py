"""aws.model_invocations"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from agent.demo.loopback import Faults
from collectors.aws.model_invocations import COLLECTOR
from collectors.facts.core import Unread
from collectors.facts.service_logs import UseLog
from collectors.testing import Reading

Read = Callable[..., Reading]
Client = Callable[..., Any]


def use(client: Client) -> None:
    """Somebody called a model."""
    client("cloudwatch").put_metric_data(
        Namespace="AWS/Bedrock", MetricData=[{"MetricName": "Invocations", "Value": 1}]
    )


def keep(client: Client) -> None:
    """Invocations go to a log store."""
    config = {"logGroupName": "models", "roleArn": "arn:aws:iam::123456789012:role/role"}
    client("bedrock").put_model_invocation_logging_configuration(loggingConfig={"cloudWatchConfig": config})


def test_a_region_in_which_nobody_calls_a_model_has_nothing_to_log(read: Read) -> None:
    """Each region has its own fact."""
    one, other = read(COLLECTOR, "us-east-1", "eu-west-1").facts(UseLog)

    assert (one.resource.region, other.resource.region) == ("eu-west-1", "us-east-1")
    assert (one.kinds, one.kept) == ((), ())


def test_a_region_in_which_models_are_called_has(read: Read, client: Client) -> None:
    """Nothing is kept unless somebody says so."""
    use(client)

    (log,) = read(COLLECTOR).facts(UseLog)

    assert (log.what, log.kinds, log.kept) == ("model service of the region", ("model invocations",), ())


def test_a_log_that_is_on_settles_it(read: Read, client: Client) -> None:
    """Whether anybody calls a model is then not asked."""
    keep(client)

    reading = read(COLLECTOR)
    (log,) = reading.facts(UseLog)

    assert (log.kinds, log.kept) == (("model invocations",), ("model invocations",))
    assert reading.operations() == {"bedrock:GetModelInvocationLoggingConfiguration"}


@pytest.mark.parametrize("fault", ["deny", "throttle", "garble", "break_down"])
def test_a_lost_configuration_is_unread(read: Read, client: Client, faults: Faults, fault: str) -> None:
    """It may be on or not."""
    keep(client)
    getattr(faults, fault).add("bedrock:GET /logging/modelinvocations")

    (log,) = read(COLLECTOR).facts(UseLog)

    assert isinstance(log.kept, Unread)
    assert log.kept.permission == "bedrock:GetModelInvocationLoggingConfiguration"


@pytest.mark.parametrize("fault", ["deny", "throttle", "garble", "break_down"])
def test_without_the_metrics_it_is_not_known_whether_there_is_use(read: Read, faults: Faults, fault: str) -> None:
    """Nothing is kept, and perhaps there is nothing to keep."""
    getattr(faults, fault).add("monitoring:ListMetrics")

    (log,) = read(COLLECTOR).facts(UseLog)

    assert log.kept == ()
    assert isinstance(log.kinds, Unread)
    assert log.kinds.permission == "cloudwatch:ListMetrics"
