"""`catalog`, `iam`, `doctor`, `db` and `config`: what comes before the first run."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from agent import catalog
from agent.config import Settings
from checks.criteria import all_criteria
from checks.registry import all_checks
from tests.agent.conftest import Account, Agent, say


def test_the_catalog_for_programs() -> None:
    """All four lists in one, or one of them."""
    every = say("catalog", "--json").json
    criteria = say("catalog", "criteria", "--json").json

    assert set(every) == {"checks", "controls", "criteria", "collectors"}
    assert [each["id"] for each in every["checks"]] == list(all_checks())
    assert criteria == every["criteria"]


@pytest.mark.parametrize(
    ("part", "texts"),
    [
        ("checks", ("identity.user_mfa", "Users who can sign in have MFA", "CC6.1 direct", "AC-02", "aws")),
        (
            "controls",
            ("AC-05", "identity.access_key_age", "Head of Security", "a failure counts", "account takeover", "at once"),
        ),
        ("criteria", ("CC6.1", "PI1.5", "aws: ")),
        ("collectors", ("aws.s3_buckets", "s3:ListAllMyBuckets", "ObjectStore")),
    ],
)
def test_the_catalog_for_people(part: str, texts: tuple[str, ...]) -> None:
    """A table with a count below."""
    said = say("catalog", part)

    assert said.code == 0
    assert [text for text in texts if text not in said.out] == []
    assert said.out.splitlines()[-1].endswith(f" {part}")


def test_the_catalog_shows_the_rules_of_a_control(tmp_path: Path) -> None:
    """Days of repair, due rule, dates, approval, and why it does not apply."""
    (tmp_path / "controls.d").mkdir()
    (tmp_path / "controls.d" / "own.toml").write_text("""
        [[control]]
        id = "ACME-1"
        title = "Visitors sign in"
        text = "We write down who visits our office within 2 days."
        criteria = [{ id = "CC6.4", strength = "partial", why = "visitors are known" }]
        frequency = "quarterly"
        owner = "Office Manager"
        kind = "manual"
        key = false
        severity = "low"
        sla_days = 2
        policy = "remediate_within_sla"
        risk = "visitors"
        procedure = "Keep the visitor book."
        due = "Within 10 days of the end of the quarter, 5 days of grace."
        due_days = 10
        grace_days = 5
        fiscal_month = 4
        effective_from = 2026-02-01
        effective_to = 2027-02-01
        approved_by = "CEO"
        [[control]]
        id = "AC-15"
        not_applicable = "We own no devices."
        """)
    (tmp_path / "proofkeep.toml").write_text("")
    said = say("catalog", "controls", "--config", str(tmp_path / "proofkeep.toml")).out
    plain = " ".join(said.split())

    for text in ("visitors", "after 2 days", "10 days after", "5 of grace", "from month 4", "CEO", "from 2026-02-01"):
        assert text in plain
    assert "no: We own no devices." in plain


def test_the_catalog_lists_all_criteria() -> None:
    """Also those that nothing serves automatically."""
    said = say("catalog", "criteria").out

    assert "61 criteria" in said
    assert [name for name in all_criteria() if f"\n {name} " not in said] == []


def test_the_page_can_be_written(tmp_path: Path) -> None:
    """What the house compares with."""
    said = say("catalog", "--write-readme", str(tmp_path / "README.md"))

    assert (said.code, said.out) == (0, "")
    assert (tmp_path / "README.md").read_text(encoding="utf-8") == catalog.readme()


def test_the_policy_is_json() -> None:
    """Ready to be attached, with and without --json."""
    said = say("iam", "aws")
    policy = json.loads(said.out)

    assert policy["Version"] == "2012-10-17"
    assert say("iam", "aws", "--json").out == said.out


def test_another_cloud_is_refused() -> None:
    """The choices are named."""
    said = say("iam", "mars")

    assert said.code == 2
    assert "'mars' is not one of 'aws', 'azure', 'gcp'" in said.err


def test_doctor_finds_nothing_wrong_with_what_can_be_read(agent: Agent) -> None:
    """Who we are, how the clock stands, what was asked; and not a file is written."""
    said = agent("doctor")
    left = sorted(path.name for path in agent.folder.iterdir())

    assert said.code == 0
    assert "acme: arn:aws:sts::123456789012:user/moto" in said.out
    assert "clock agrees" in said.out
    assert "is made by the first `proofkeep collect`" in said.out
    assert " granted, " in said.out
    assert left == ["proofkeep.toml"]


def test_doctor_names_a_missing_right(agent: Agent, account: Account) -> None:
    """The right, how many reads failed, and the checks that it blinds."""
    account.faults.deny.add("s3:GetBucketEncryption")
    said = agent("doctor")
    (row,) = [line for line in said.out.splitlines() if "s3:GetEncryptionConfiguration" in line]

    assert said.code == 3
    assert "denied" in row
    assert "2 of 2 failed" in row
    assert "encryption.object_store_at_rest" in row
    assert "s3:GetBucketVersioning" not in said.out
    assert "s3:GetBucketVersioning" in agent("doctor", "--all").out


def test_doctor_for_programs(agent: Agent) -> None:
    """Settings, and every right of every target."""
    said = agent("doctor", "--target", "acme", "--json").json
    (target,) = said["targets"]

    assert [each["ok"] for each in said["settings"]] == [True, True, True, True]
    assert target["account"] == "123456789012"
    assert {each["state"] for each in target["permissions"]} == {"granted", "not exercised"}


def test_doctor_tells_a_wrong_configuration(agent: Agent) -> None:
    """Exit code 2 outweighs what cannot be read."""
    (agent.folder / "signing.key").write_text("no key")
    (agent.folder / "signing.key").chmod(0o600)
    said = agent("doctor")

    assert said.code == 2
    assert "holds no readable private key" in said.out


def test_doctor_needs_a_target(tmp_path: Path) -> None:
    """Without one, and with one that does not exist, one line says so."""
    (tmp_path / "empty.toml").write_text("")
    said = say("doctor", "--config", str(tmp_path / "empty.toml"))

    assert said.code == 2
    assert "no target is configured" in said.err


def test_doctor_knows_its_targets(agent: Agent) -> None:
    """A misspelled name is refused with those that exist."""
    said = agent("doctor", "--target", "acne")

    assert said.code == 2
    assert "no such target; the configuration has acme" in said.err


def test_a_database_is_made_and_brought_up(empty_database_url: str) -> None:
    """Twice, on either kind of server; the second time there is nothing to do."""
    first = say("db", "upgrade", "--database", empty_database_url)
    again = say("db", "upgrade", "--database", empty_database_url, "--json")

    assert first.code == again.code == 0
    assert first.out.endswith("current\n")
    assert again.json["schema"] in first.out
    assert say("gaps", "--database", empty_database_url).code == 0


def test_a_database_url_that_nobody_understands() -> None:
    """Refused in one line that does not repeat it."""
    said = say("db", "upgrade", "--database", "oracle://me:hunter2@host/db")

    assert said.code == 2
    assert "hunter2" not in said.err


def test_the_schema_is_that_of_the_settings() -> None:
    """For editors."""
    assert say("config", "schema").json == json.loads(json.dumps(Settings.model_json_schema()))


def test_the_settings_are_shown_without_secrets(agent: Agent, monkeypatch: pytest.MonkeyPatch) -> None:
    """File and environment together; passwords and external ids masked, in both forms."""
    monkeypatch.setenv("PROOFKEEP_SCHEDULE__EVERY", "15m")
    url = "postgresql+psycopg://me:hunter2@host/db"
    table = agent("config", "show", "--database", url)
    plain = agent("config", "show", "--database", url, "--json")

    assert plain.json["schedule"]["every"] == "15m"
    assert plain.json["database"] == "postgresql+psycopg://me:***@host/db"
    assert plain.json["targets"][0]["external_id"] == "***"
    assert plain.json["integrity"]["anchors"] == str(agent.folder / "anchors")
    for said in (table, plain):
        assert said.code == 0
        assert "hunter2" not in said.out
        assert "told-to-nobody" not in said.out


def test_everything_works_on_either_database(agent: Agent, account: Account, database_url: str) -> None:
    """One run, then every question once."""
    (agent.folder / "other").mkdir()
    other = Agent.at(agent.folder / "other", account.url, database=database_url)
    assert other("collect").code == 0

    for words in (
        ("evidence", "--check", "identity.user_mfa"),
        ("timeline", "alice"),
        ("gaps", "--all"),
        ("replay",),
        ("checkpoint",),
        ("verify", "--checkpoint", str(other.folder / "anchors")),
    ):
        said = other(*words)
        assert (said.code, said.err) == (0, ""), words
        assert said.out, words
