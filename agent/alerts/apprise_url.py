"""Hands alerts to chat, mail and pager services through Apprise.

Apprise tells yes or no and writes its reasons into a log.  Those may repeat an address, a header or an answer, so only
the numbers in them are kept.
"""

from __future__ import annotations

import json
import logging
import re

from apprise import (
    Apprise,
    AppriseAsset,
    AppriseResultStatus,
    NotifyBase,
    NotifyFormat,
    NotifyType,
    OverflowMode,
    PersistentStoreMode,
)
from apprise.plugins.email import NotifyEmail
from pydantic import SecretStr

from agent.alerts import text
from agent.alerts.answer import YES, Answer, Limits, is_permanent
from agent.alerts.message import Alert, Change
from storage.rows import OutboxRow

_STATUS = re.compile(r"\berror=([1-5][0-9]{2})\b")
_TYPES = {"critical": NotifyType.FAILURE, "high": NotifyType.FAILURE}

# Its lines name addresses and recipients, so they go nowhere but to the call that asks for them: at this level, which
# tells whether somebody took the message.
logging.getLogger("apprise").addHandler(logging.NullHandler())
logging.getLogger("apprise").setLevel(logging.INFO)
logging.getLogger("apprise").propagate = False


class AppriseUrl:
    """One service that an Apprise address leads to."""

    def __init__(self, address: SecretStr, limits: Limits) -> None:
        """Keep the address; nothing is connected yet."""
        self._address = address
        self._limits = limits

    def __call__(self, row: OutboxRow, _now: int) -> Answer:
        """Send one message."""
        service = _service(self._address, self._limits)
        if service is None:
            return Answer("Apprise does not understand its url", permanent=True)
        try:
            alert = Alert.from_json(json.loads(row.payload))
        except (ValueError, KeyError, TypeError):
            return Answer("the message cannot be read", permanent=True)
        sender = Apprise(asset=service.asset)
        sender.add(service)
        title = text.title(alert)
        result = sender.notify(
            title=title,
            body=text.body(alert, service.body_maxlen - len(title)),
            notify_type=kind(alert),
            body_format=NotifyFormat.TEXT,
            log_level=logging.INFO,
        )
        said = [(entry.level, entry.message) for one in result.results for entry in one.logs()]
        return _answer(result.status, said, str(service.service_name))


def is_usable(address: SecretStr) -> bool:
    """Whether Apprise knows the service and finds all that it needs in the address."""
    return _service(address, Limits()) is not None


def kind(alert: Alert) -> NotifyType:
    """The color or symbol that a service shows."""
    match alert.change:
        case Change.RECOVERED:
            return NotifyType.SUCCESS
        case Change.NOTICE | Change.WAIVED:
            return NotifyType.INFO
        case _:
            return _TYPES.get(alert.severity, NotifyType.WARNING)


def _service(address: SecretStr, limits: Limits) -> NotifyBase | None:
    asset = AppriseAsset(
        app_id="Proofkeep",
        app_desc="Evidence for SOC 2",
        app_url="",
        async_mode=False,
        # What follows a redirect is a GET without the message, whose answer would pass for a yes.
        http_redirects=False,
        storage_mode=PersistentStoreMode.MEMORY,
        service_timeout=limits.connect + 2 * limits.read,
    )
    service = Apprise.instantiate(address.get_secret_value(), asset=asset)
    if service is None:
        return None
    # What the address says itself stands; these replace what Apprise would take otherwise.
    if service.socket_connect_timeout == NotifyBase.socket_connect_timeout:
        # For mail this is the only limit, also of each answer.
        service.socket_connect_timeout = limits.read if isinstance(service, NotifyEmail) else limits.connect
    if service.socket_read_timeout == NotifyBase.socket_read_timeout:
        service.socket_read_timeout = limits.read
    if service.overflow_mode == OverflowMode.UPSTREAM:
        # A service refuses what is too long for it.
        service.overflow_mode = OverflowMode.TRUNCATE
    return service


def _answer(status: AppriseResultStatus, said: list[tuple[str, str]], name: str) -> Answer:
    """What Apprise's word means for the next attempt."""
    if status is AppriseResultStatus.SUCCESS:
        return YES
    if status is AppriseResultStatus.NOMATCH:
        return Answer("Apprise finds nobody to tell in its url", permanent=True)
    if status is AppriseResultStatus.TIMEOUT:
        return Answer(f"{name} took too long")
    if any(level == "INFO" and message.startswith("Sent ") for level, message in said):
        # Another attempt would tell those again who know.
        return Answer(f"{name} was taken by some of its recipients and refused by others", permanent=True)
    statuses = sorted({int(number) for _, message in said for number in _STATUS.findall(message)})
    if statuses:
        return Answer(f"{name} answered {', '.join(map(str, statuses))}", is_permanent(statuses))
    return Answer(f"{name} did not take it")
