"""Hubs for devices are watched for attacks."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from checks.api import PARTIAL, Check, Criterion, Facts, Finding, Params, decide
from collectors.facts.detection import DeviceHub


def judge(facts: Facts, now: datetime, params: Params) -> Iterator[Finding]:
    """One finding per hub."""
    for hub in facts.of(DeviceHub):
        yield decide(
            hub,
            hub.protected,
            yes="threat detection for devices is on for the hub",
            no="no threat detection for devices is on for the hub",
        )


CHECK = Check(
    id="detection.device_hub_protected",
    title="Hubs for devices have threat detection",
    criteria=(
        Criterion("CC7.2", PARTIAL, "signs of attack through devices are looked for"),
        Criterion("CC6.6", PARTIAL, "attacks on this way in are noticed"),
    ),
    severity="high",
    needs=(DeviceHub,),
    remediation="Add the hub to an enabled security solution: on Azure, IoT Hub, Defender for IoT, Secure your IoT "
    "solution.",
    equivalents={"prowler": ("defender_ensure_iot_hub_defender_is_on",)},
    judge=judge,
)
