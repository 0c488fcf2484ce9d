"""The models that clients are made of: reads and what they need, in the words of the SDK."""

from __future__ import annotations

from typing import Any

import botocore.session
import pytest
from botocore.loaders import Loader
from botocore.model import ServiceModel

from collectors.aws.provider import Aws, AwsAccess
from collectors.aws.service_models import CREDENTIALS, only_reads, service_models
from collectors.aws.session import is_read

SERVICES = ("ec2", "iam", "s3", "dynamodb", "cloudwatch", "lambda")
"""One of each protocol, and two whose shapes hold themselves."""


@pytest.mark.parametrize("service", SERVICES)
def test_reads_are_described_as_the_sdk_describes_them(service: str) -> None:
    """Every read is there, with equal input and output down to the last member, and nothing else is."""
    whole = Loader().load_service_model(service, "service-2")
    model = ServiceModel(service_models().load_service_model(service, "service-2"))
    original = ServiceModel(whole)

    assert list(model.operation_names) == [name for name in original.operation_names if is_read(name)]
    for name in model.operation_names:
        for side in ("input_shape", "output_shape"):
            ours, theirs = (getattr(each.operation_model(name), side) for each in (model, original))
            assert spelled(ours) == spelled(theirs), name


@pytest.mark.parametrize("service", ["rds", "neptune", "docdb", "s3"])
def test_what_the_sdk_adds_to_writes_is_left_out_with_them(service: str) -> None:
    """The SDK amends shapes of some services; each that is there has a type, so that errors can be told apart."""
    model = service_models().load_service_model(service, "service-2")

    assert [name for name, shape in model["shapes"].items() if "type" not in shape] == []
    assert ServiceModel(model).shape_for_error_code("AccessDenied") is None


def spelled(shape: Any) -> dict[str, Any]:
    """Every shape below one, by name: its kind, its members in their order, and how each is written."""
    found: dict[str, Any] = {}
    todo = [shape] if shape is not None else []
    while todo:
        each = todo.pop()
        if each.name in found:
            continue
        members = dict(getattr(each, "members", {}))
        inner = [
            getattr(each, part)
            for part in ("member", "key", "value")
            if each.type_name in {"list", "map"} and hasattr(each, part)
        ]
        found[each.name] = (
            each.type_name,
            each.serialization,
            each.metadata,
            [(name, member.name, member.serialization) for name, member in members.items()],
            [(one.name, one.serialization) for one in inner],
        )
        todo += [*members.values(), *inner]
    return found


def test_prose_is_left_out() -> None:
    """No documentation stays anywhere in a model."""

    def prose(value: Any) -> int:
        if isinstance(value, dict):
            return isinstance(value.get("documentation"), str) + sum(map(prose, value.values()))
        return sum(map(prose, value)) if isinstance(value, list) else 0

    whole = Loader().load_service_model("sns", "service-2")

    assert prose(whole) > 100
    assert prose(only_reads(whole)) == 0


@pytest.mark.parametrize("service", sorted(CREDENTIALS))
def test_what_the_sdk_asks_for_credentials_stays_whole(service: str) -> None:
    """It takes a role, or a token, by operations that are no reads."""
    if service not in botocore.session.get_session().get_available_services():
        pytest.skip("this SDK has no such service")

    assert service_models().load_service_model(service, "service-2") == Loader().load_service_model(
        service, "service-2"
    )


def test_accounts_share_one_loader(monkeypatch: pytest.MonkeyPatch) -> None:
    """No model is read twice in a process."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    cores = [Aws(AwsAccess(("us-east-1",)))._core._session for _ in range(2)]

    assert {id(core.get_component("data_loader")) for core in cores} == {id(service_models())}
