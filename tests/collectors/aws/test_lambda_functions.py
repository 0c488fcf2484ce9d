"""aws.lambda_functions"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from typing import Any

import pytest

from agent.demo.loopback import Faults
from collectors.aws.lambda_functions import COLLECTOR, FUNCTION
from collectors.facts.apps import WebApp
from collectors.facts.core import Unread
from collectors.testing import Reading

Read = Callable[..., Reading]
Client = Callable[..., Any]

URLS = "lambda:GET /2021-10-31/functions/{}/urls"


@pytest.fixture
def make(client: Client) -> Callable[[str], str]:
    """`make("name")`: a function; the value is the role that it acts with."""
    role: str = client("iam").create_role(RoleName="program", AssumeRolePolicyDocument="{}")["Role"]["Arn"]

    def create(name: str) -> str:
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w") as archive:
            archive.writestr("index.py", "def handler(event, context): ...")
        client("lambda").create_function(
            FunctionName=name,
            Runtime="python3.12",
            Role=role,
            Handler="index.handler",
            Code={"ZipFile": packed.getvalue()},
            Environment={"Variables": {"API_KEY": "made-up"}},
        )
        return role

    return create


def test_an_address_that_asks_nobody_is_open(read: Read, make: Callable[[str], str], faults: Faults) -> None:
    """One alias without a signature is enough; one that wants a signature is no open door."""
    role = make("open")
    make("signed")
    make("without")
    faults.answers[URLS.format("open")] = {"FunctionUrlConfigs": [{"AuthType": "AWS_IAM"}, {"AuthType": "NONE"}]}
    faults.answers[URLS.format("signed")] = {"FunctionUrlConfigs": [{"AuthType": "AWS_IAM"}]}

    reading = read(COLLECTOR)

    assert reading.fact(WebApp, "open").open_ranges == ("0.0.0.0/0", "::/0")
    assert reading.fact(WebApp, "signed").open_ranges == ()
    assert reading.fact(WebApp, "without").open_ranges == ()
    assert {(app.what, app.identity, app.access_logged) for app in reading.facts(WebApp)} == {
        ("function app", (role,), None)
    }


def test_environment_values_are_not_kept(read: Read, make: Callable[[str], str]) -> None:
    """No check needs them, and secrets are common there."""
    make("one")

    assert "made-up" not in str(list(read(COLLECTOR).documents.of(FUNCTION)))


def test_unread_addresses_are_not_a_closed_function(read: Read, make: Callable[[str], str], faults: Faults) -> None:
    """Only the function concerned is unread, and the permission is named."""
    make("one")
    make("two")
    faults.deny.add(URLS.format("one"))

    reading = read(COLLECTOR)
    ranges = reading.fact(WebApp, "one").open_ranges

    assert isinstance(ranges, Unread)
    assert ranges.permission == "lambda:ListFunctionUrlConfigs"
    assert reading.fact(WebApp, "two").open_ranges == ()


def test_a_lost_listing_leaves_the_population_unknown(read: Read, faults: Faults) -> None:
    """Without the list there may be functions or none."""
    assert read(COLLECTOR).documents.complete(FUNCTION, "us-east-1") is None
    faults.deny.add("lambda:GET /2015-03-31/functions")

    assert read(COLLECTOR).documents.complete(FUNCTION, "us-east-1") is not None
