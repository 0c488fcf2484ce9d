"""Changes of configuration are recorded in every region scanned."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from checks.api import (
    DIRECT,
    PARTIAL,
    SUPPORTING,
    Check,
    Criterion,
    Facts,
    Finding,
    Params,
    fails,
    passes,
    unknown,
    unread_in,
)
from collectors.facts.monitoring import ConfigurationRecorder


def judge(facts: Facts, now: datetime, params: Params) -> Iterator[Finding]:
    """One finding per region; whatever was read and is wrong decides, even beside something unread.

    A recorder that has not delivered yet has no status, or a pending one: neither is a failure.
    """
    for recorder in facts.of(ConfigurationRecorder):
        if recorder.exists is False:
            yield fails(recorder, "there is no configuration recorder")
        elif recorder.recording is False:
            yield fails(recorder, "the recorder is stopped")
        elif recorder.all_resources is False:
            yield fails(recorder, "the recorder leaves out some types of resources")
        elif isinstance(recorder.last_status, str) and recorder.last_status.upper() == "FAILURE":
            yield fails(recorder, f"newest delivery of the recorder ended in {recorder.last_status}")
        elif gaps := unread_in(recorder.exists, recorder.recording, recorder.all_resources, recorder.last_status):
            yield unknown(recorder, *gaps)
        else:
            yield passes(recorder, f"the recorder is on for all resources; {_status(recorder.last_status)}")


def _status(last: object) -> str:
    return f"newest status is {last}" if last else "nothing was due yet"


CHECK = Check(
    id="audit_trail.recorder_on",
    title="Configuration changes are recorded",
    criteria=(
        Criterion("CC7.1", DIRECT, "a change that opens a weakness is seen"),
        Criterion("CC6.8", PARTIAL, "a change that nobody expected stands out"),
        Criterion("CC2.1", SUPPORTING, "keeps the inventory of resources current"),
        Criterion("CC3.4", SUPPORTING, "shows changes that need a new look at risk"),
        Criterion("CC8.1", SUPPORTING, "what was changed can be held against what was approved"),
    ),
    severity="medium",
    needs=(ConfigurationRecorder,),
    remediation="Create an AWS Config recorder that records all supported resource types (allSupported) in "
    "the region, with a delivery channel, and start it.  On Google Cloud, enable cloudasset.googleapis.com.",
    equivalents={
        "prowler": ("config_recorder_all_regions_enabled", "iam_cloud_asset_inventory_enabled"),
        "security_hub": ("Config.1",),
        "cis": ("AWS 3.3",),
    },
    judge=judge,
)
