"""Settings: each mistake is one line that names file, key and fix, and never the secret that stood there."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from agent import config
from agent.errors import OperatorError
from agent.schedule import Every

SECRET = "hunter2-secret"
"""Must never be shown."""
AZURE = '[[targets]]\nname = "a"\ncloud = "azure"\n'
TENANT = 'tenant_id = "11111111-2222-3333-4444-555555555555"\n'
TARGET = '[[targets]]\nname = "prod"\ncloud = "aws"\n'


@pytest.fixture(autouse=True)
def _bare(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("DATABASE", "SCHEDULE__EVERY", "KEEP_CALLS", "TARGETS"):
        monkeypatch.delenv(f"PROOFKEEP_{name}", raising=False)
    monkeypatch.chdir(tmp_path)


def write(text: str, name: str = "proofkeep.toml") -> Path:
    """A settings file below the present folder."""
    path = Path(name)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("text", "key", "fix"),
    [
        ("database = ", "", "not valid TOML"),
        ('databse = "sqlite:///x.db"', "databse", "no such setting; `proofkeep config schema` lists all"),
        ('[schedule]\nevery = "hourly"', "schedule.every", "write a number with s, m, h or d, such as 15m"),
        ('[schedule]\nevery = "0h"', "schedule.every", "is not an interval"),
        ('keep_calls = "some"', "keep_calls", "'changed' or 'all'"),
        ('[[targets]]\ncloud = "aws"', "targets.0.name", "Field required"),
        (
            '[[targets]]\nname = "a"\ncloud = "oracle"',
            "targets.0.cloud",
            "which this release reads",
        ),
        ('[[targets]]\nname = "a"', "targets.0.cloud", "is none of aws, azure"),
        (AZURE, "targets.0.tenant_id", "Field required"),
        (f'{AZURE}tenant_id = "contoso.com"', "targets.0.tenant_id", "write its 36 characters"),
        (f'{AZURE}{TENANT}subscriptions = ["prod"]', "targets.0.subscriptions", "is no id of a subscription"),
        (f'{AZURE}{TENANT}graph = "http://graph.example"', "targets.0.graph", "for loopback addresses only"),
        (f'{AZURE}{TENANT}authority = "login"', "targets.0.authority", "write https://host"),
        (f'{AZURE}{TENANT}regions = ["westeurope"]', "targets.0.regions", "no such setting"),
        (f"{TARGET}regions = []", "targets.0.regions", 'write at least one, or "enabled"'),
        (f"{TARGET}concurrency = 0", "targets.0.concurrency", "greater than or equal to 1"),
        (f"{TARGET}attempts = 21", "targets.0.attempts", "less than or equal to 20"),
        (f'{TARGET}endpoint = "127.0.0.1:5000"', "targets.0.endpoint", "write https://host"),
        (f'{TARGET}endpoint = "https://a b"', "targets.0.endpoint", "write https://host"),
        (f"{TARGET}{TARGET}", "settings", "the name 'prod' is used twice"),
        ('[integrity]\nkey = "x"', "integrity.key", "no such setting"),
    ],
)
def test_each_mistake_is_one_line_with_file_key_and_fix(text: str, key: str, fix: str) -> None:
    """Somebody can act on it without reading the code."""
    path = write(text)

    with pytest.raises(OperatorError) as caught:
        config.load(path)

    said = str(caught.value)
    assert said.startswith(f"{path}: {key}")
    assert fix in said
    assert "\n" not in said


@pytest.mark.parametrize(
    "text",
    [
        f'[database]\nurl = "{SECRET}"',
        f'password = "{SECRET}"',
        f'{TARGET}external_id = ["{SECRET}"]',
        f'{TARGET}endpoint = "{SECRET}"',
        f'{TARGET}concurrency = "{SECRET}"',
    ],
)
def test_mistakes_never_repeat_the_value(text: str) -> None:
    """What stands at the wrong place may be a password."""
    with pytest.raises(OperatorError) as caught:
        config.load(write(text))

    assert SECRET not in str(caught.value)


def test_secrets_do_not_show_when_settings_are_printed(caplog: pytest.LogCaptureFixture) -> None:
    """The database URL is masked in every form that a settings object takes by itself."""
    settings = config.load(write(f'database = "postgresql://agent:{SECRET}@db/evidence"'))
    logging.getLogger("test").warning("%s %r", settings, settings)

    assert SECRET not in f"{settings} {settings!r} {settings.model_dump(mode='json')} {caplog.text}"
    assert SECRET in settings.database.get_secret_value()


def test_several_mistakes_are_counted() -> None:
    """The first is shown, and how many more there are."""
    with pytest.raises(OperatorError, match=r"\(and 1 more\)"):
        config.load(write("nonsense = 1\nmore = 2"))


def test_environment_wins_over_the_file(monkeypatch: pytest.MonkeyPatch) -> None:
    """Flat and nested settings, and a mistake there names the key."""
    path = write('database = "sqlite:///file.db"\n[schedule]\nevery = "1h"')
    monkeypatch.setenv("PROOFKEEP_DATABASE", "sqlite:////elsewhere/env.db")
    monkeypatch.setenv("PROOFKEEP_SCHEDULE__EVERY", "15m")

    settings = config.load(path)

    assert settings.database.get_secret_value() == "sqlite:////elsewhere/env.db"
    assert settings.schedule.plan() == Every(900)
    monkeypatch.setenv("PROOFKEEP_SCHEDULE__EVERY", "soon")
    with pytest.raises(OperatorError, match=r"schedule\.every: 'soon' is not an interval"):
        config.load(path)


def test_command_line_wins_over_everything(monkeypatch: pytest.MonkeyPatch) -> None:
    """`--database` is what the operator typed just now."""
    monkeypatch.setenv("PROOFKEEP_DATABASE", "sqlite:///env.db")

    settings = config.load(None, database="sqlite:///typed.db")

    assert settings.database.get_secret_value() == "sqlite:///typed.db"


def test_secrets_come_from_files(tmp_path: Path) -> None:
    """A mounted secret stands over the settings file; a folder that is not there is named."""
    folder = tmp_path / "secrets"
    folder.mkdir()
    (folder / "PROOFKEEP_DATABASE").write_text(f"postgresql://agent:{SECRET}@db/evidence\n", encoding="utf-8")

    settings = config.load(write('database = "sqlite:///file.db"'), secrets=folder)

    assert settings.database.get_secret_value() == f"postgresql://agent:{SECRET}@db/evidence"
    with pytest.raises(OperatorError, match="no such folder of secret files"):
        config.load(None, secrets=tmp_path / "nowhere")


def test_relative_paths_are_relative_to_the_file() -> None:
    """The file means the same wherever the program is started, also for what it leaves out."""
    told = config.load(
        write(
            'database = "sqlite:///data/evidence.db"\ncontrols = ["own.toml"]\n'
            '[integrity]\nkey_file = "keys/signing.key"\nanchors = "anchors"',
            "deep/proofkeep.toml",
        )
    )
    silent = config.load(write("", "deep/silent.toml"))
    server = config.load(write('database = "postgresql://agent@db/evidence"', "deep/server.toml"))

    assert told.database.get_secret_value() == "sqlite:///deep/data/evidence.db"
    assert told.controls == (Path("deep/own.toml"),)
    assert told.integrity.key_file == Path("deep/keys/signing.key")
    assert told.anchor_folder() == Path("deep/anchors")
    assert silent.database.get_secret_value() == "sqlite:///deep/proofkeep.db"
    assert silent.integrity.key_file == Path("deep/proofkeep.key")
    assert silent.anchor_folder() == Path("deep/proofkeep.db.anchors")
    assert server.anchor_folder() == Path("deep/proofkeep.anchors")


def test_absolute_paths_stay() -> None:
    """And so does a database in memory."""
    told = config.load(write('database = "sqlite:////data/evidence.db"\ncontrols = ["/etc/own.toml"]', "deep/a.toml"))
    memory = config.load(write('database = "sqlite:///:memory:"', "deep/b.toml"))

    assert told.database.get_secret_value() == "sqlite:////data/evidence.db"
    assert told.controls == (Path("/etc/own.toml"),)
    assert memory.database.get_secret_value() == "sqlite:///:memory:"


def test_file_here_is_taken_without_being_named() -> None:
    """`proofkeep.toml` in the present folder, and defaults where there is none."""
    assert config.load(None).schedule.plan() == Every(3600)
    write('[schedule]\nevery = "2d"')
    assert config.load(None).schedule.plan() == Every(2 * 86400)


def test_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    """Absent, a folder, or no text."""
    binary = tmp_path / "binary.toml"
    binary.write_bytes(b"\xff\xfe\x00")

    for path, said in ((Path("none.toml"), "no such file"), (tmp_path, "cannot be read"), (binary, "cannot be read")):
        with pytest.raises(OperatorError, match=said):
            config.load(path)
