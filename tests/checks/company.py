"""Control files of a made-up company."""

from __future__ import annotations

from pathlib import Path

from checks.controls import Library, load
from checks.registry import all_checks

OWN = """
[[control]]
id = "AC-05"
title = "Keys are young"
text = "We replace keys within 30 days."
criteria = [{ id = "CC6.1", strength = "direct", why = "a leaked key soon stops working" }]
frequency = "daily"
owner = "CTO"
kind = "automated"
key = true
severity = "high"
sla_days = 7
policy = "strict"
checks = ["identity.access_key_age"]
params = { "identity.access_key_age" = { max_age_days = 30 } }
covers = "part"
not_covered = "Keys of partners."
"""
MANUAL = """
[[control]]
id = "ACME-1"
title = "Visitors sign in"
text = "We write down who visits our office."
criteria = [{ id = "CC6.4", strength = "partial", why = "visitors are known" }]
frequency = "event"
owner = "Office Manager"
kind = "manual"
key = false
severity = "low"
sla_days = 30
policy = "strict"
procedure = "Keep the visitor book."
due = "For each visit, on its day."
"""


def library(tmp_path: Path, *texts: str) -> Library:
    """The default library under company files with these texts."""
    paths = [tmp_path / f"own{number}.toml" for number in range(len(texts))]
    for path, text in zip(paths, texts, strict=True):
        path.write_text(text)
    return load(paths, all_checks())
