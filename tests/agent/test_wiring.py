"""Parts come from this house and from modules that the configuration names, and from nowhere else."""

from __future__ import annotations

from pathlib import Path

import pytest

from agent import wiring
from agent.config import Settings
from agent.errors import OperatorError

PLUGIN = '''
"""A check of the company's own."""
from checks.identity.root_mfa import CHECK
from dataclasses import replace
CHECKS = (replace(CHECK, id="{id}"),)
'''


@pytest.fixture
def plugin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> str:
    """The name of an importable module that brings one check."""
    name = f"own_checks_{abs(hash(request.node.name))}"
    (tmp_path / f"{name}.py").write_text(PLUGIN.format(id=getattr(request, "param", "own.root_mfa")), encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    return name


def test_a_named_plugin_brings_its_checks(plugin: str) -> None:
    """A check of the company's own stands beside ours."""
    found = wiring.wire(Settings(plugins=(plugin,)))

    assert "own.root_mfa" in found.checks
    assert "identity.root_mfa" in found.checks


def test_a_plugin_that_is_not_named_is_not_loaded(plugin: str) -> None:
    """Being installed is not enough."""
    assert plugin
    assert "own.root_mfa" not in wiring.wire(Settings()).checks


@pytest.mark.parametrize("plugin", ["identity.root_mfa"], indirect=True)
def test_a_plugin_may_not_replace_a_check(plugin: str) -> None:
    """Otherwise it could turn a verdict round unseen."""
    with pytest.raises(OperatorError, match=r"brings 'identity.root_mfa', which exists already"):
        wiring.wire(Settings(plugins=(plugin,)))


def test_a_plugin_that_cannot_be_imported_is_named() -> None:
    """One line that says what to do."""
    with pytest.raises(OperatorError, match=r"plugins: 'no_such_module' cannot be imported"):
        wiring.wire(Settings(plugins=("no_such_module",)))


def test_control_files_that_are_wrong_are_refused(tmp_path: Path) -> None:
    """The line names the file."""
    file = tmp_path / "controls.toml"
    file.write_text("[[control]]\nid = 'AC-01'\n", encoding="utf-8")

    with pytest.raises(OperatorError, match=r"controls\.toml"):
        wiring.wire(Settings(controls=(file,)))


def test_each_scope_is_read_once() -> None:
    """A global collector once, any other once per region."""
    found = wiring.wire(Settings())
    scopes = [(collector.id, region) for collector, region in found.scopes("aws", ("us-east-1", "eu-west-1"))]

    assert len(scopes) == len(set(scopes))
    assert ("aws.s3_buckets", "global") in scopes
    assert {region for id_, region in scopes if id_ == "aws.vpcs"} == {"us-east-1", "eu-west-1"}


def test_only_what_is_promised_is_read(tmp_path: Path) -> None:
    """Without its control a check is left out, and so is the collector that only this check needs."""
    file = tmp_path / "own.toml"
    whole = wiring.wire(Settings())
    alone = [each for each in whole.library.controls if whole.library.controls[each].checks and each != "AC-04"]
    off = '[[control]]\nid = "{}"\ndisabled = true\nreason = "not ours"\n'
    file.write_text("".join(map(off.format, alone)), encoding="utf-8")
    few = wiring.wire(Settings(controls=(file,))).promised()

    assert set(few.checks) == set(whole.library.controls["AC-04"].checks)
    assert {id_ for id_ in few.collectors if id_.startswith("aws.")} == {"aws.iam_account"}
    assert set(whole.promised().checks) == set(whole.checks)


def test_every_check_has_a_digest_of_its_own() -> None:
    """Which code said PASS can be told check by check."""
    found = wiring.wire(Settings())
    digests = {wiring.check_digest(check) for check in found.checks.values()}

    assert len(digests) == len(found.checks)
