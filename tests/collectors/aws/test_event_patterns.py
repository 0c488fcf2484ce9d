"""What filter patterns of CloudWatch Logs and event patterns of EventBridge take"""

from __future__ import annotations

import json
from typing import Any

import pytest

from collectors.aws import event_patterns, filter_patterns

NO_ERROR = "$.errorCode NOT EXISTS"


@pytest.mark.parametrize(
    ("pattern", "events"),
    [
        ("{ $.eventName = CreateVpc }", ("*:createvpc",)),
        ('{($.eventName=CreateVpc)||($.eventName="DeleteVpc")}', ("*:createvpc", "*:deletevpc")),
        (
            "{ ($.eventSource = s3.amazonaws.com) && (($.eventName = PutBucketAcl) || ($.eventName = PutBucketCors)) }",
            ("s3:putbucketacl", "s3:putbucketcors"),
        ),
        ("{ $.eventSource = organizations.amazonaws.com }", ("organizations:*",)),
        (f"{{ $.eventName = CreateVpc && {NO_ERROR} }}", ("*:createvpc",)),
        ("{ $.eventName = Delete* }", ("*:delete*",)),
        ('{ $.eventName = CreateVpc && $.userIdentity.userName = "one" }', ()),
        ('{ $.eventName = CreateVpc && $.sourceIPAddress != "198.51.100.7" }', ()),
        ("{ $.eventName = CreateVpc && $.eventName = DeleteVpc }", ()),
        ("{ $.eventName = CreateVpc && $.errorCode EXISTS }", ()),
        (
            '{$.userIdentity.type="Root" && $.userIdentity.invokedBy NOT EXISTS && $.eventType != "AwsServiceEvent"}',
            ("root:*",),
        ),
        ('{ $.userIdentity.type = "Root" && $.eventName = CreateVpc }', ()),
        (
            '{ ($.errorCode = "*UnauthorizedOperation") || ($.errorCode = "AccessDenied*") }',
            ("error:accessdenied", "error:unauthorizedoperation"),
        ),
        (
            '{ ($.eventName = ConsoleLogin) && ($.errorMessage = "Failed authentication") }',
            ("signin:consolelogin:failed",),
        ),
        ("{ $.eventName = ConsoleLogin }", ("*:consolelogin", "signin:consolelogin:failed")),
        ('{ ($.eventName = "ConsoleLogin") && ($.additionalEventData.MFAUsed != "Yes") }', ()),
        ("ERROR", ()),
        ("", ()),
    ],
)
def test_a_filter_takes_what_its_terms_say(pattern: str, events: tuple[str, ...]) -> None:
    """And nothing that a further condition narrows."""
    assert filter_patterns.events(pattern) == events


@pytest.mark.parametrize(
    "pattern",
    ["{ $.eventName = }", "{ ($.eventName = A }", "{ $.eventName = A", "{ eventName = A }", "{ $.eventName = A ) }"],
)
def test_a_pattern_of_another_form_is_not_guessed_at(pattern: str) -> None:
    """Whoever asks learns that it was not understood."""
    with pytest.raises(ValueError, match=r"."):
        filter_patterns.events(pattern)


CALL = {"detail-type": ["AWS API Call via CloudTrail"]}
RUN = {"detail-type": ["Glue Job State Change"]}


@pytest.mark.parametrize(
    ("pattern", "events"),
    [
        ({**CALL, "source": ["aws.iam"], "detail": {"eventName": ["CreateUser"]}}, ("iam:createuser",)),
        (
            {
                **CALL,
                "detail": {"eventSource": ["ec2.amazonaws.com"], "eventName": [{"prefix": "Delete"}, "CreateVpc"]},
            },
            ("ec2:createvpc", "ec2:delete*"),
        ),
        ({**CALL, "source": ["aws.iam"]}, ("iam:*",)),
        ({**CALL, "detail": {"userIdentity": {"type": ["Root"]}}}, ("root:*",)),
        ({**CALL, "detail": {"eventName": ["CreateUser"], "userAgent": ["x"]}}, ()),
        ({**CALL, "detail": {"eventName": [{"anything-but": ["CreateUser"]}]}}, ()),
        ({**CALL, "source": ["aws.iam"], "account": ["1"]}, ()),
        ({"source": ["aws.ec2"], "detail-type": ["EC2 Instance State-change Notification"]}, ()),
        ({"source": ["aws.health"]}, ("health:*",)),
        ({"source": ["aws.health"], "detail": {"eventTypeCategory": ["issue"]}}, ("health:incident",)),
        (
            {"source": ["aws.health"], "detail": {"eventTypeCategory": ["issue"], "service": ["EC2"]}},
            ("health:incident",),
        ),
        ({"source": ["aws.health"], "detail": {"eventTypeCode": ["x"]}}, ()),
        (
            {"source": ["aws.guardduty"], "detail": {"severity": [{"numeric": [">=", 7]}]}},
            ("finding:critical", "finding:high"),
        ),
        ({"source": ["aws.guardduty"], "detail": {"severity": [{"numeric": [">=", 4, "<", 7]}]}}, ("finding:medium",)),
        ({"source": ["aws.guardduty"], "detail": {"severity": [{"numeric": [">", 8]}]}}, ("finding:critical",)),
        ({"source": ["aws.guardduty"], "detail": {"severity": [8]}}, ()),
        ({"source": ["aws.guardduty"], "detail": {"type": ["x"]}}, ()),
        (
            {
                "source": ["aws.securityhub"],
                "detail": {"findings": {"Severity": {"Label": ["HIGH"]}, "Workflow": {"Status": ["NEW"]}}},
            },
            ("finding:high",),
        ),
        ({"source": ["aws.securityhub"], "detail": {"findings": {"Workflow": {"Status": ["NOTIFIED"]}}}}, ()),
        ({**RUN, "detail": {"state": ["FAILED", "TIMEOUT"]}}, ("failed:data_job *",)),
        ({**RUN, "source": ["aws.glue"], "detail": {"state": [{"prefix": "FAIL"}]}}, ("failed:data_job *",)),
        ({**RUN, "detail": {"state": [{"anything-but": ["SUCCEEDED"]}]}}, ("failed:data_job *",)),
        ({**RUN, "detail": {"state": [{"anything-but": "FAILED"}]}}, ()),
        ({**RUN, "detail": {"state": ["SUCCEEDED"]}}, ()),
        ({**RUN, "detail": {"state": [{"exists": True}]}}, ()),
        ({**RUN, "detail": {"state": ["FAILED"], "jobName": ["Nightly"]}}, ("failed:data_job nightly",)),
        ({**RUN, "detail": {"state": ["FAILED"], "message": ["x"]}}, ()),
        ({**RUN, "source": ["aws.states"], "detail": {"state": ["FAILED"]}}, ()),
        (
            {
                "source": ["aws.states"],
                "detail-type": ["Step Functions Execution Status Change"],
                "detail": {"status": ["FAILED"], "stateMachineArn": ["arn:M"]},
            },
            ("failed:state_machine arn:m",),
        ),
    ],
)
def test_a_rule_takes_what_its_pattern_says(pattern: dict[str, Any], events: tuple[str, ...]) -> None:
    """And nothing that a further condition narrows."""
    assert event_patterns.events(json.dumps(pattern)) == events
