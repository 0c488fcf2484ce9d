"""The tables of the settings file, one class each.  What a mistake is, is decided here and said in one line."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator, model_validator

from agent.schedule import Cron, Every, Plan

ADDRESS = re.compile(r"https?://(?:[A-Za-z0-9.-]+|\[[0-9A-Fa-f:]+\])(?::[0-9]{1,5})?(?:/\S*)?")
_LISTEN = re.compile(r"(?:[A-Za-z0-9.-]+|\[[0-9A-Fa-f:]+\]):[0-9]{1,5}")
_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
LARGEST_PORT = 65535
DEFAULT_INTERVAL = "1h"

Severity = Literal["critical", "high", "medium", "low"]
"""Most severe first."""


def seconds(text: str) -> int:
    """`15m` in seconds.  Raises ValueError."""
    found = re.fullmatch(r"([1-9][0-9]*)([smhd])", text)
    if not found:
        message = f"{text!r} is not an interval; write a number with s, m, h or d, such as 15m"
        raise ValueError(message)
    return int(found[1]) * _UNITS[found[2]]


def _interval(value: str) -> str:
    seconds(value)
    return value


def _interval_or_nothing(value: str) -> str:
    return _interval(value) if value else value


class Section(BaseModel):
    """A table of the file; a key that it does not know is a mistake, not a comment."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True, frozen=True)


class Schedule(Section):
    """When targets are read: each `every`, or at the times of a `cron` line."""

    every: str | None = Field(
        None, description="Interval between slots: a number with s, m, h or d.  Default: 1h where there is no cron."
    )
    cron: str | None = Field(
        None, description="Instead of `every`: minute, hour, day of month, month, day of week, as in crontab, in UTC."
    )
    jitter: str = Field("", description="Spread the starts of targets over this long, the same way in each slot.")
    deadline: str = Field(
        "1h", description="What is not read this long after its run began becomes a gap, and the run is sealed."
    )

    _intervals = field_validator("deadline")(_interval)
    _optional_intervals = field_validator("jitter")(_interval_or_nothing)

    @field_validator("every")
    @classmethod
    def _check_every(cls, value: str | None) -> str | None:
        return None if value is None else _interval(value)

    @field_validator("cron")
    @classmethod
    def _check_cron(cls, value: str | None) -> str | None:
        if value is not None:
            Cron(value)
        return value

    @model_validator(mode="after")
    def _one_of_two(self) -> Schedule:
        if self.every and self.cron:
            message = "has both every and cron; keep one of the two"
            raise ValueError(message)
        return self

    def plan(self) -> Plan:
        """The slots that it asks for."""
        return Cron(self.cron) if self.cron else Every(seconds(self.every or DEFAULT_INTERVAL))


class Integrity(Section):
    """Who signs the ledger, and where its checkpoints are kept beside the database."""

    origin: str = Field("proofkeep/ledger", description="Name of this ledger in its checkpoints.")
    key_file: Path = Field(Path("proofkeep.key"), description="Private signing key, made on first use with mode 0600.")
    anchors: Path | None = Field(
        None,
        description="Folder for signed checkpoints; keep a copy of it where the agent cannot write. "
        "Default: beside a SQLite file with .anchors after its name, else proofkeep.anchors beside the key.",
    )


class Daemon(Section):
    """How `proofkeep run` behaves."""

    listen: str = Field("127.0.0.1:9464", description='Address of /healthz, /readyz and /metrics; "" opens no port.')
    parallel: int = Field(4, ge=1, le=64, description="Targets that are read at once.")
    verify_every: str = Field("1d", description='How often the whole store is verified; "" never.')
    ping_url: SecretStr | None = Field(
        None, description="Asked with GET while all is well, so that a monitor outside notices a dead agent."
    )
    ping_every: str = Field("1m", description="How often the monitor outside is told.")

    _intervals = field_validator("ping_every")(_interval)
    _optional_intervals = field_validator("verify_every")(_interval_or_nothing)

    @field_validator("listen")
    @classmethod
    def _check_listen(cls, value: str) -> str:
        if value and not (_LISTEN.fullmatch(value) and int(value.rpartition(":")[2]) <= LARGEST_PORT):
            message = "is no address to listen on; write host:port, such as 127.0.0.1:9464"
            raise ValueError(message)
        return value

    @field_validator("ping_url")
    @classmethod
    def _check_ping(cls, value: SecretStr | None) -> SecretStr | None:
        return _refuse_no_address(value)


class Workers(Section):
    """Reading with several processes or machines; needs PostgreSQL."""

    enabled: bool = Field(
        default=False, description="Leave the reading to `proofkeep worker` processes instead of this one."
    )
    stalled: str = Field("1m", description="A job whose worker has not been heard of for this long is done again.")

    _intervals = field_validator("stalled")(_interval)


class Logs(Section):
    """What the agent says about itself, on standard error."""

    format: Literal["auto", "console", "json"] = Field(
        "auto", description="auto: console on a terminal, JSON lines otherwise."
    )
    level: Literal["debug", "info", "warning", "error"] = Field("info", description="Nothing below this is logged.")


class AlertRoute(Section):
    """One receiver of alerts and what it is told.  A filter that is not given lets everything pass."""

    name: str = Field(description="Your own name for the receiver, as `alerts list` and the metrics show it.")
    url: SecretStr | None = Field(
        None, description="Any Apprise address: slack://…, mailto://…, workflows://…, pagerduty://…"
    )
    webhook: SecretStr | None = Field(None, description="Instead of `url`: where signed JSON is posted.")
    secret: SecretStr | None = Field(None, description="Key of the webhook's HMAC-SHA256 signature.")
    severity: Severity = Field("low", description="The least severe alert that it is told of.")
    controls: tuple[str, ...] = Field((), description="Only alerts of these controls.")
    criteria: tuple[str, ...] = Field((), description="Only alerts of controls that serve these criteria.")
    owners: tuple[str, ...] = Field((), description="Only alerts of controls or targets of these owners.")
    targets: tuple[str, ...] = Field((), description="Only alerts of these targets.")
    about: tuple[Literal["controls", "collection"], ...] = Field(
        ("controls", "collection"), description="Failing controls, trouble with the collection, or both."
    )

    @field_validator("webhook")
    @classmethod
    def _check_webhook(cls, value: SecretStr | None) -> SecretStr | None:
        return _refuse_no_address(value)

    @model_validator(mode="after")
    def _one_of_two(self) -> AlertRoute:
        if (self.url is None) == (self.webhook is None):
            message = "needs either url or webhook"
            raise ValueError(message)
        if self.webhook is not None and self.secret is None:
            message = "has a webhook without a secret; write the key that signs its messages"
            raise ValueError(message)
        return self


class Scope(Section):
    """Which criteria the examination covers.  Security always is; what is left out is listed with its reason."""

    categories: tuple[str, ...] | None = Field(
        None,
        description="Beside security: availability, processing_integrity, confidentiality, privacy.  Default: those of "
        "the profile, or all.",
    )
    profile: str = Field("", description="saas, cloud, bpo, fintech or startup: a first choice of scope and controls.")
    reasons: dict[str, str] = Field({}, description="Why each category that is left out is left out.")
    not_relevant: dict[str, str] = Field({}, description="Criteria that do not apply, each with its reason.")


class Alerting(Section):
    """When a condition is worth a message."""

    reminder: str = Field("1d", description='How often an alert that stays open is repeated; "" never.')
    flaps: int = Field(3, ge=2, description="Opening this often within `settle` counts as flapping.")
    settle: str = Field("1d", description="A flapping alert is quiet until nothing changed for this long.")
    link: str = Field("", description="Address of your own page about a control; {control} and {target} are filled in.")

    _intervals = field_validator("settle")(_interval)
    _optional_intervals = field_validator("reminder")(_interval_or_nothing)


class Maintenance(Section):
    """A time in which nothing is alerted; what still fails afterwards is."""

    reason: str = Field(description="Why, in a few words.")
    begins: datetime = Field(description="Start, with its zone: 2026-03-14T22:00:00Z.")
    ends: datetime = Field(description="End, with its zone.")
    targets: tuple[str, ...] = Field((), description="Only for these targets; without it for all.")

    @field_validator("begins", "ends")
    @classmethod
    def _check_zone(cls, value: datetime) -> datetime:
        if value.tzinfo is None:
            message = "has no zone; write 2026-03-14T22:00:00Z"
            raise ValueError(message)
        return value.astimezone(UTC)

    @model_validator(mode="after")
    def _in_order(self) -> Maintenance:
        if self.ends <= self.begins:
            message = "ends before it begins"
            raise ValueError(message)
        return self


def _refuse_no_address(value: SecretStr | None) -> SecretStr | None:
    if value is not None and not ADDRESS.fullmatch(value.get_secret_value()):
        message = "is no address; write https://host/path"
        raise ValueError(message)
    return value
