"""aws.config_recorder"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from agent.demo.loopback import Faults
from collectors.aws.config_recorder import COLLECTOR, records_everything
from collectors.facts.core import Reason, Unread
from collectors.facts.monitoring import ConfigurationRecorder
from collectors.testing import Reading

Read = Callable[..., Reading]
Client = Callable[..., Any]


def make_recorder(client: Client, region: str = "us-east-1", *, on: bool = True, every: bool = True) -> None:
    """A recorder with a place to deliver to."""
    group = {"allSupported": True} if every else {"allSupported": False, "resourceTypes": ["AWS::EC2::Instance"]}
    config = client("config", region)
    config.put_configuration_recorder(
        ConfigurationRecorder={
            "name": "default",
            "roleARN": "arn:aws:iam::123456789012:role/r",
            "recordingGroup": {"includeGlobalResourceTypes": False, **group},
        }
    )
    config.put_delivery_channel(DeliveryChannel={"name": "default", "s3BucketName": "b"})
    if on:
        config.start_configuration_recorder(ConfigurationRecorderName="default")


def test_a_region_without_a_recorder_says_so(read: Read) -> None:
    """There is one fact per region, and it rests on the empty answer."""
    (fact,) = read(COLLECTOR).facts(ConfigurationRecorder)

    assert (fact.exists, fact.recording, fact.all_resources, fact.last_status) == (False, False, False, None)
    assert fact.resource.uid == "arn:aws:config:us-east-1:123456789012:configuration-recorder"
    assert [reference.kind for reference in fact.documents] == ["aws.config.recorders"]


def test_each_region_has_its_own_recorder(read: Read, client: Client) -> None:
    """Settings and state are those of the region itself."""
    make_recorder(client, "us-east-1")
    make_recorder(client, "eu-west-1", on=False, every=False)

    reading = read(COLLECTOR, "us-east-1", "eu-west-1", "ap-south-1")
    here, there, nowhere = (
        reading.fact(ConfigurationRecorder, region) for region in ("us-east-1", "eu-west-1", "ap-south-1")
    )

    assert (here.exists, here.recording, here.all_resources) == (True, True, True)
    assert isinstance(here.last_status, str)
    assert len(here.documents) == 2
    assert (there.exists, there.recording, there.all_resources) == (True, False, False)
    assert nowhere.exists is False


@pytest.mark.parametrize("fault", ["deny", "throttle", "garble", "break_down"])
def test_without_the_recorders_only_the_state_is_known(read: Read, client: Client, faults: Faults, fault: str) -> None:
    """A lost answer is neither a recorder nor the lack of one."""
    make_recorder(client)
    getattr(faults, fault).add("config:DescribeConfigurationRecorders")

    (fact,) = read(COLLECTOR).facts(ConfigurationRecorder)

    assert isinstance(fact.exists, Unread)
    assert isinstance(fact.all_resources, Unread)
    assert fact.exists.operation == "config:DescribeConfigurationRecorders"
    assert fact.recording is True


def test_without_the_state_only_the_recorder_is_known(read: Read, client: Client, faults: Faults) -> None:
    """Whether it is on is open, and the reason is named."""
    make_recorder(client)
    operation = "config:DescribeConfigurationRecorderStatus"
    faults.deny.add(operation)

    (fact,) = read(COLLECTOR).facts(ConfigurationRecorder)

    denied = Unread(Reason.PERMISSION_DENIED, operation, operation, "AccessDenied")
    assert (fact.recording, fact.last_status) == (denied, denied)
    assert (fact.exists, fact.all_resources) == (True, True)


def test_a_recorder_that_does_not_exist_does_not_record(read: Read, faults: Faults) -> None:
    """What is proven needs no second answer."""
    faults.deny.add("config:DescribeConfigurationRecorderStatus")

    (fact,) = read(COLLECTOR).facts(ConfigurationRecorder)

    assert (fact.exists, fact.recording, fact.last_status) == (False, False, None)


def test_one_denied_region_leaves_the_others_alone(read: Read, client: Client, faults: Faults) -> None:
    """An answer that is lost after the first one costs one region only."""
    make_recorder(client, "us-east-1")
    make_recorder(client, "eu-west-1")
    faults.deny.add("config:DescribeConfigurationRecorders")
    faults.after = 1

    facts = read(COLLECTOR, "us-east-1", "eu-west-1").facts(ConfigurationRecorder)

    assert [isinstance(fact.exists, Unread) for fact in facts].count(True) == 1
    assert [fact.exists for fact in facts].count(True) == 1


def test_a_recorder_without_its_group_is_malformed() -> None:
    """What is recorded is never guessed."""
    with pytest.raises(KeyError):
        records_everything({"ConfigurationRecorders": [{"name": "default"}]})
