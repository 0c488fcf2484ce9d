"""collectors.gcp.log_filters"""

from __future__ import annotations

import pytest

from collectors.gcp.log_entries import ACTIVITY, CHANGES, INCIDENT, OBJECTS, WRITES, entry
from collectors.gcp.log_filters import NotUnderstood, parse

ONE = entry(ACTIVITY, "compute.googleapis.com", "gce_route", "v1.compute.routes.insert")
RECORD = (
    'LOG_ID("cloudaudit.googleapis.com/activity") OR LOG_ID("externalaudit.googleapis.com/activity")'
    ' OR LOG_ID("cloudaudit.googleapis.com/system_event")'
)


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("", True),
        ("  \n-- a remark\n", True),
        ('resource.type="gce_route"', True),
        ("resource.type=GCE_ROUTE", True),
        ('resource.type="gce_network"', False),
        ('resource.type!="gce_network"', True),
        ('protoPayload.methodName:"compute.routes"', True),
        ('protoPayload.methodName="compute.routes.insert"', False),
        (r'protoPayload.methodName=~"compute\.(routes|firewalls)\."', True),
        (r'protoPayload.methodName!~"^beta"', True),
        ('protoPayload.methodName:("routes.delete" OR "routes.insert")', True),
        ('protoPayload.methodName:("routes.delete" AND "routes.insert")', False),
        ('logName="projects/p/logs/cloudaudit.googleapis.com%2Factivity"', True),
        ('logName:"cloudaudit.googleapis.com"', True),
        ('log_id("cloudaudit.googleapis.com/activity")', True),
        ('NOT LOG_ID("cloudaudit.googleapis.com/activity")', False),
        ('-resource.type="gce_network"', True),
        ("severity>=ERROR", False),
        ("severity>=NOTICE severity<WARNING", True),
        ("protoPayload.serviceName:*", True),
        ("jsonPayload.reason:*", False),
        ('textPayload="x"', False),
        ('textPayload="x" OR resource.type="gce_route"', True),
        ('labels.team="x"', None),
        ('NOT labels.team="x"', None),
        ('resource.type="gce_route" AND labels.team="x"', None),
        ('resource.type="gce_network" AND labels.team="x"', False),
        ('"routes.insert"', True),
        ("somebody", None),
    ],
)
def test_what_a_filter_says_of_an_entry(text: str, answer: bool | None) -> None:
    """Yes, no, or that it depends on what is not known."""
    assert parse(text)(ONE) is answer


def test_or_binds_tighter_than_and() -> None:
    """`a AND b OR c` is `a AND (b OR c)`, which is not what most languages say."""
    no, yes = 'resource.type="x"', 'resource.type="gce_route"'

    assert parse(f"{no} AND {yes} OR {yes}")(ONE) is False
    assert parse(f"({no} AND {yes}) OR {yes}")(ONE) is True
    assert parse(f"{yes}\n{no}")(ONE) is False


@pytest.mark.parametrize(
    "text", ["(", 'a="b', "a=", "a=(b", "= b", 'source("x")', "a=starts_with(x)", "a=~'('", "a>3", ")"]
)
def test_what_cannot_be_read_is_refused(text: str) -> None:
    """A filter that is guessed at would be worse than none."""
    with pytest.raises(NotUnderstood):
        parse(text)


def test_filters_of_the_benchmark_take_their_events() -> None:
    """The filters that a common benchmark asks for, each with the changes that it is meant for and no others."""
    wanted = {
        'protoPayload.methodName="SetIamPolicy" AND protoPayload.serviceData.policyDelta.auditConfigDeltas:*': {
            "SetIamPolicy:auditConfigs"
        },
        '(protoPayload.serviceName="cloudresourcemanager.googleapis.com") AND (ProjectOwnership OR'
        ' projectOwnerInvitee) OR (protoPayload.serviceData.policyDelta.bindingDeltas.action="REMOVE" AND'
        ' protoPayload.serviceData.policyDelta.bindingDeltas.role="roles/owner") OR'
        ' (protoPayload.serviceData.policyDelta.bindingDeltas.action="ADD" AND'
        ' protoPayload.serviceData.policyDelta.bindingDeltas.role="roles/owner")': {
            "SetIamPolicy:add roles/owner",
            "SetIamPolicy:remove roles/owner",
        },
        'resource.type="gcs_bucket" AND protoPayload.methodName="storage.setIamPermissions"': {
            "storage.setIamPermissions"
        },
        'protoPayload.methodName="cloudsql.instances.update"': {"cloudsql.instances.update"},
        'resource.type="gce_route" AND (protoPayload.methodName:"compute.routes.delete" OR'
        ' protoPayload.methodName:"compute.routes.insert")': {"compute.routes.delete", "compute.routes.insert"},
        'resource.type="iam_role" AND (protoPayload.methodName="google.iam.admin.v1.CreateRole" OR'
        ' protoPayload.methodName="google.iam.admin.v1.DeleteRole" OR'
        ' protoPayload.methodName="google.iam.admin.v1.UpdateRole")': {
            f"google.iam.admin.v1.{each}" for each in ("CreateRole", "DeleteRole", "UpdateRole")
        },
    }

    for text, events in wanted.items():
        assert {name for name, each in CHANGES.items() if parse(text)(each)} == events, text


def test_the_record_of_changes_is_told_from_that_of_access() -> None:
    """Google's own filter takes every change and no access to data."""
    takes = parse(RECORD)

    assert all(takes(each) for each in (*WRITES, *CHANGES.values()))
    assert not any(takes(each) for each in OBJECTS)
    assert takes(INCIDENT) is False
