"""The AWS Config recorder of each region: whether there is one, whether it is on, and what it records."""

from __future__ import annotations

from collections.abc import Iterator

from collectors.api import Body, Collector, Document, Kind, Then
from collectors.aws.session import Reader
from collectors.documents import Documents
from collectors.facts.core import Fact, Unread
from collectors.facts.monitoring import ConfigurationRecorder

RECORDERS = Kind("aws.config.recorders", "config", "DescribeConfigurationRecorders", items="ConfigurationRecorders")
STATUS = Kind(
    "aws.config.recorder_status",
    "config",
    "DescribeConfigurationRecorderStatus",
    items="ConfigurationRecordersStatus",
    volatile=("lastStatusChangeTime",),
)


def fetch(aws: Reader) -> Iterator[Document | Then]:
    """The region's recorders (AWS allows one, and lists no service's own here), and the state of each."""
    yield from aws.gather(RECORDERS, region_uid(aws.partition, aws.region, aws.account))
    for each in aws.listing(STATUS):
        yield aws.document(STATUS, aws.arn("config", f"configuration-recorder/{each['name']}"), each)


def region_uid(partition: str, region: str, account: str) -> str:
    """Stands for the recording of changes in a region, whether or not there is a recorder."""
    return f"arn:{partition}:config:{region}:{account}:configuration-recorder"


def shape(docs: Documents) -> Iterator[Fact]:
    """Exactly one fact per region."""
    for region in docs.regions:
        yield _recorder(docs, region)


def _recorder(docs: Documents, region: str) -> ConfigurationRecorder:
    uid = region_uid(docs.partition, region, docs.account)
    exists = docs.value(RECORDERS, uid, lambda body: bool(body["ConfigurationRecorders"]))
    status = next((each for each in docs.of(STATUS) if each.region == region), None)
    # A complete list of states that is empty says that nothing is recorded; so does the lack of any recorder.
    idle = False if exists is False else docs.complete(STATUS, region) or False
    return ConfigurationRecorder(
        resource=docs.resource("configuration_recorder", uid, region, region),
        documents=docs.about(uid, *(each for each in (status,) if each)),
        exists=exists,
        recording=docs.field(STATUS, status, lambda body: bool(body["recording"])) if status else idle,
        all_resources=docs.value(RECORDERS, uid, records_everything),
        last_status=_last_status(docs, status, idle),
    )


def _last_status(docs: Documents, status: Document | None, idle: bool | Unread) -> str | None | Unread:
    if status:
        # AWS leaves it out of a recorder that has never been started.
        return docs.field(STATUS, status, lambda body: body.get("lastStatus"))
    return idle if isinstance(idle, Unread) else None


def records_everything(body: Body) -> bool:
    """Some recorder takes every type of resource that AWS Config knows, without exceptions."""
    return any(recorder["recordingGroup"]["allSupported"] for recorder in body["ConfigurationRecorders"])


COLLECTOR = Collector(
    id="aws.config_recorder",
    title="AWS Config recorders and their state",
    scope="region",
    kinds=(RECORDERS, STATUS),
    emits={ConfigurationRecorder: None},
    source="AWS Config API 2014-11-12",
    fetch=fetch,
    shape=shape,
)
