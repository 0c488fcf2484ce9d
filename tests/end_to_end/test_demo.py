"""`proofkeep demo` as anybody can try it: three clouds on loopback, one refused call each, one matrix."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.end_to_end.program import Said, finish
from tests.house.tree import ROOT

LONGEST = 300.0
REFUSED = (
    "kms:GetKeyRotationStatus",
    "Microsoft.KeyVault:vaults/keys",
    "cloudkms:projects.locations.keyRings.cryptoKeys.cryptoKeyVersions.list",
)


def run(folder: Path, *words: str) -> Said:
    """One command, with no credentials of anybody's in its environment."""
    foreign = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "AZURE_", "GOOGLE_"))}
    process = subprocess.Popen(
        [sys.executable, "-m", "agent", *words],
        cwd=folder,
        env={**foreign, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    return finish(process, LONGEST)


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Said]:
    """The demo, run once: the folder that it was run in, and what it said."""
    folder = tmp_path_factory.mktemp("demo")
    return folder, run(folder, "demo")


def test_the_three_clouds_stand_side_by_side(played: tuple[Path, Said]) -> None:
    """One line for each control, with its state in each cloud."""
    _, said = played
    lines = said.out.splitlines()
    (second_factor,) = [line for line in lines if line.strip().startswith("AC-02")]
    (people,) = [line for line in lines if line.strip().startswith("CF-04")]

    assert said.code == 0, said.err
    assert any(re.search(r"control\s+AWS\s+Azure\s+Google", line) for line in lines)
    assert re.search(r"FAIL 3/1/0\s+FAIL 8/2/0\s+FAIL 4/3/0", second_factor)
    assert re.search(r"MANUAL\s+MANUAL\s+MANUAL", people)


def test_what_is_refused_on_purpose_is_told_and_decides_nothing(played: tuple[Path, Said]) -> None:
    """One read a cloud, no more beside the regions that are left out, and what rests on it is UNKNOWN."""
    folder, _ = played
    config = ("--config", str(folder / "proofkeep-demo" / "proofkeep.toml"))

    gaps = run(folder, "gaps", "--json", *config).json
    unknown = run(folder, "findings", "--outcome", "UNKNOWN", "--json", *config).json

    assert {gap["operation"] for gap in gaps if gap["reason"] != "EXCLUDED_BY_CONFIG"} == set(REFUSED)
    assert {each["cloud"] for each in unknown if each["check"].startswith("encryption.key")} == {"aws", "azure", "gcp"}
    assert run(folder, "verify", *config).code == 0
