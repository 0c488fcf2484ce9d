"""The settings: one TOML file, `PROOFKEEP_` environment variables over it, secrets from files.

A mistake becomes one line that names the file, the key and what to write instead.
"""

from __future__ import annotations

import os
import tomllib
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, SecretStr, ValidationError, model_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from agent.audit_section import Audit
from agent.errors import OperatorError
from agent.schedule import Declared
from agent.sections import Alerting, AlertRoute, Daemon, Integrity, Logs, Maintenance, Schedule, Scope, Workers
from agent.target_sections import AnyTarget
from checks.controls import company_files
from collectors.registry import CLOUDS

DEFAULT_FILE = Path("proofkeep.toml")
_TAGGED = 2
"""Place of the cloud in the path to a mistake in a target, where pydantic puts it: `targets`, number, cloud."""
SECRETS = "PROOFKEEP_SECRETS"
DEFAULT_DATABASE = "sqlite:///proofkeep.db"


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
    targets: tuple[AnyTarget, ...] = Field((), description="The accounts to read.")
    daemon: Daemon = Field(Daemon(), description="How `proofkeep run` behaves.")
    workers: Workers = Field(Workers(), description="Reading with several processes or machines.")
    log: Logs = Field(Logs(), description="What the agent says about itself.")
    alerts: tuple[AlertRoute, ...] = Field((), description="Who is told when a control or the collection fails.")
    alerting: Alerting = Field(Alerting(), description="When a condition is worth a message.")
    maintenance: tuple[Maintenance, ...] = Field((), description="Times in which nothing is alerted.")
    integrity: Integrity = Field(Integrity(), description="Signing and anchoring of the ledger.")
    controls: tuple[Path, ...] = Field(
        (),
        description="The company's own control files, read after the default library; those in the folder controls.d "
        "beside this file are read after them.",
    )
    scope: Scope = Field(Scope(), description="Which criteria the examination covers.")
    audit: Audit = Field(Audit(), description="The thresholds of an evaluation, each with a default of our judgment.")
    keep_calls: Literal["changed", "all"] = Field(
        "changed",
        description="Keep each call in full (all), or those that listed, failed or brought a change (changed); "
        "the others are counted per operation.",
    )
    plugins: tuple[str, ...] = Field(
        (), description="Modules with further checks or collectors; only these are loaded."
    )

    def plans(self) -> Declared:
        """When each target is to be read."""
        own = {target.name: target.schedule.plan() for target in self.targets if target.schedule}
        return Declared(self.schedule.plan(), own)

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
        for table, names in (
            ("targets", [target.name for target in self.targets]),
            ("alerts", [route.name for route in self.alerts]),
        ):
            twice = sorted({name for name in names if names.count(name) > 1})
            if twice:
                message = f"{table}: the name {twice[0]!r} is used twice"
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


def load(path: Path | None, *, database: str | None = None, secrets: Path | None = None) -> Settings:
    """Settings from `path` (default `proofkeep.toml` where there is one) and the environment.

    Paths in the file are relative to it.  `secrets` is a folder with one file per setting, by default the one that
    PROOFKEEP_SECRETS names.  Raises OperatorError.
    """
    if secrets is None and os.environ.get(SECRETS):
        secrets = Path(os.environ[SECRETS])
    where = path or (DEFAULT_FILE if DEFAULT_FILE.exists() else None)
    given = _beside(where, _read(where)) if where else {}
    if secrets is not None and not secrets.is_dir():
        message = f"{secrets}: no such folder of secret files"
        raise OperatorError(message)
    try:
        settings = Settings(**given, _secrets_dir=secrets)
    except ValidationError as error:
        raise OperatorError(_one_line(where, error)) from error
    if where is not None:
        found = company_files(where.parent)
        settings = settings.model_copy(update={"controls": (*settings.controls, *found)})
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
    steps = first["loc"]
    if steps[:1] == ("targets",):
        steps = steps[:_TAGGED] + steps[_TAGGED + 1 :]
    key = ".".join(map(str, steps)) or "settings"
    said = first["msg"].removeprefix("Value error, ")
    if first["type"] == "extra_forbidden":
        said = "no such setting; `proofkeep config schema` lists all"
    elif first["type"].startswith("union_tag"):
        key, said = f"{key}.cloud", f"is none of {', '.join(CLOUDS)}, which this release reads"
    more = f" (and {error.error_count() - 1} more)" if error.error_count() > 1 else ""
    return f"{path or 'environment'}: {key}: {said}{more}"
