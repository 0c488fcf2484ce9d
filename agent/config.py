"""The settings: one TOML file, `PROOFKEEP_` environment variables over it, secrets from files.

A mistake becomes one line that names the file, the key and what to write instead.
"""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any, Literal

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
    field_validator,
    model_validator,
)
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from agent.errors import OperatorError

DEFAULT_FILE = Path("proofkeep.toml")
DEFAULT_DATABASE = "sqlite:///proofkeep.db"
_ADDRESS = re.compile(r"https?://(?:[A-Za-z0-9.-]+|\[[0-9A-Fa-f:]+\])(?::[0-9]{1,5})?(?:/\S*)?")
_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


class Section(BaseModel):
    """A table of the file; a key that it does not know is a mistake, not a comment."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True, frozen=True)


class Schedule(Section):
    """How often each target is read."""

    every: str = Field("1h", description="Interval between slots: a number with s, m, h or d, such as 15m or 1h.")

    @field_validator("every")
    @classmethod
    def _check_every(cls, value: str) -> str:
        seconds(value)
        return value

    @property
    def seconds(self) -> int:
        """Length of a slot in seconds."""
        return seconds(self.every)


class AwsTarget(Section):
    """One AWS account."""

    name: str = Field(description="The company's own name for the account, used in findings and alerts.")
    cloud: Literal["aws"]
    regions: tuple[str, ...] | Literal["enabled"] = Field(
        ("us-east-1",),
        description='Regions to read, or "enabled" for every region that the account has enabled.',
    )
    role_arn: str | None = Field(None, description="Read-only role to assume; without it the credential chain's own.")
    external_id: str | None = Field(None, description="External id that the role's trust policy asks for.")
    profile: str | None = Field(None, description="Profile of the AWS configuration files.")
    endpoint: str | None = Field(None, description="Another address for every service (tests, private endpoints).")
    concurrency: int = Field(16, ge=1, le=64, description="Calls under way at once.")
    attempts: int = Field(6, ge=1, le=20, description="How often a call is tried before it becomes a gap.")

    @field_validator("endpoint")
    @classmethod
    def _check_endpoint(cls, value: str | None) -> str | None:
        if value is not None and not _ADDRESS.fullmatch(value):
            message = "is no address; write https://host or https://host:port"
            raise ValueError(message)
        return value

    @field_validator("regions")
    @classmethod
    def _check_regions(cls, value: tuple[str, ...] | str) -> tuple[str, ...] | str:
        if not value:
            message = 'names no region; write at least one, or "enabled"'
            raise ValueError(message)
        return value


class Integrity(Section):
    """Who signs the ledger, and where its checkpoints are kept beside the database."""

    origin: str = Field("proofkeep/ledger", description="Name of this ledger in its checkpoints.")
    key_file: Path = Field(Path("proofkeep.key"), description="Private signing key, made on first use with mode 0600.")
    anchors: Path | None = Field(
        None,
        description="Folder for signed checkpoints; keep a copy of it where the agent cannot write. "
        "Default: beside a SQLite file with .anchors after its name, else proofkeep.anchors beside the key.",
    )


class Settings(BaseSettings):
    """Everything that can be set."""

    model_config = SettingsConfigDict(
        env_prefix="PROOFKEEP_",
        env_nested_delimiter="__",
        extra="forbid",
        hide_input_in_errors=True,
        frozen=True,
    )

    database: SecretStr = Field(
        SecretStr(DEFAULT_DATABASE),
        description="sqlite:///file.db, or postgresql+psycopg://user@host/name for PostgreSQL 15 and newer.",
    )
    schedule: Schedule = Field(Schedule(), description="How often each target is read.")
    targets: tuple[AwsTarget, ...] = Field((), description="The accounts to read.")
    integrity: Integrity = Field(Integrity(), description="Signing and anchoring of the ledger.")
    controls: tuple[Path, ...] = Field(
        (), description="The company's own control files, read after the default library."
    )
    keep_calls: Literal["changed", "all"] = Field(
        "changed",
        description="Keep each call in full (all), or those that listed, failed or brought a change (changed); "
        "the others are counted per operation.",
    )
    plugins: tuple[str, ...] = Field(
        (), description="Modules with further checks or collectors; only these are loaded."
    )

    def anchor_folder(self) -> Path:
        """Where checkpoints are written: each database has its own, or one would refuse the other as rolled back."""
        if self.integrity.anchors is not None:
            return self.integrity.anchors
        url = self.database.get_secret_value()
        if url.startswith("sqlite:///"):
            return Path(f"{url.removeprefix('sqlite:///')}.anchors")
        return self.integrity.key_file.parent / "proofkeep.anchors"

    @model_validator(mode="after")
    def _distinct_names(self) -> Settings:
        names = [target.name for target in self.targets]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            message = f"targets: the name {twice[0]!r} is used twice"
            raise ValueError(message)
        return self

    @classmethod
    def settings_customise_sources(  # pydantic gives all, wanted or not
        cls,
        settings_cls: type[BaseSettings],  # noqa: ARG003
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Environment over secret files over the TOML file, whose values arrive as arguments."""
        return env_settings, file_secret_settings, init_settings


def seconds(text: str) -> int:
    """`15m` in seconds.  Raises ValueError."""
    found = re.fullmatch(r"([1-9][0-9]*)([smhd])", text)
    if not found:
        message = f"{text!r} is not an interval; write a number with s, m, h or d, such as 15m"
        raise ValueError(message)
    return int(found[1]) * _UNITS[found[2]]


def load(path: Path | None, *, database: str | None = None, secrets: Path | None = None) -> Settings:
    """Settings from `path` (default `proofkeep.toml` where there is one) and the environment.

    Paths in the file are relative to it.  Raises OperatorError.
    """
    where = path or (DEFAULT_FILE if DEFAULT_FILE.exists() else None)
    given = _beside(where, _read(where)) if where else {}
    if secrets is not None and not secrets.is_dir():
        message = f"{secrets}: no such folder of secret files"
        raise OperatorError(message)
    try:
        settings = Settings(**given, _secrets_dir=secrets)
    except ValidationError as error:
        raise OperatorError(_one_line(where, error)) from error
    if database is not None:
        settings = settings.model_copy(update={"database": SecretStr(database)})
    return settings


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        message = f"{path}: no such file; copy config.example.toml and edit it"
        raise OperatorError(message) from error
    except (OSError, UnicodeDecodeError) as error:
        message = f"{path}: cannot be read ({error})"
        raise OperatorError(message) from error
    except tomllib.TOMLDecodeError as error:
        message = f"{path}: not valid TOML: {error}"
        raise OperatorError(message) from error


def _beside(file: Path, given: dict[str, Any]) -> dict[str, Any]:
    """The file's relative paths as seen from here, so that it means the same whoever starts the program where."""
    folder = file.parent
    if folder == Path():
        return given
    moved = dict(given)
    url = given.get("database", DEFAULT_DATABASE)
    if isinstance(url, str) and url.startswith("sqlite:///") and not url.startswith(("sqlite:////", "sqlite:///:")):
        moved["database"] = f"sqlite:///{folder / url.removeprefix('sqlite:///')}"
    if isinstance(given.get("controls"), list):
        moved["controls"] = [folder / path if isinstance(path, str) else path for path in given["controls"]]
    integrity = given.get("integrity", {})
    if isinstance(integrity, dict):
        paths = {key: folder / integrity[key] for key in ("key_file", "anchors") if isinstance(integrity.get(key), str)}
        moved["integrity"] = {"key_file": folder / "proofkeep.key", **integrity, **paths}
    return moved


def _one_line(path: Path | None, error: ValidationError) -> str:
    """The first mistake: file, key, what is wrong.  Never the value, which may be a secret."""
    first = error.errors(include_input=False, include_url=False)[0]
    key = ".".join(str(step) for step in first["loc"]) or "settings"
    said = first["msg"].removeprefix("Value error, ")
    if first["type"] == "extra_forbidden":
        said = "no such setting; `proofkeep config schema` lists all"
    elif first["type"] == "literal_error" and key.endswith("cloud"):
        said = "this release reads aws only"
    more = f" (and {error.error_count() - 1} more)" if error.error_count() > 1 else ""
    return f"{path or 'environment'}: {key}: {said}{more}"
