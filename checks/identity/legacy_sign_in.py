"""Programs that cannot ask for a second factor get no answer."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from checks.api import PARTIAL, Check, Criterion, Facts, Finding, Param, Params
from checks.sign_in import Demand, judge_rules
from checks.thresholds import names
from collectors.facts.directory import EVERYTHING, Clients, DirectorySettings, SignInRule

DEMAND = Demand(EVERYTHING, Clients.LEGACY, "of old protocols what they cannot give, so that they stay outside")


def judge(facts: Facts, now: datetime, params: Params) -> Iterator[Finding]:
    """One finding per directory.  A rule shuts them out by name, or by demanding a factor that they cannot show."""
    for directory in facts.of(DirectorySettings):
        yield judge_rules(directory, facts, DEMAND, names(params, "exceptions"))


CHECK = Check(
    id="identity.legacy_sign_in",
    title="Old protocols cannot sign in",
    criteria=(
        Criterion("CC6.1", PARTIAL, "a way in that knows passwords only would undo the second factor"),
        Criterion("CC6.6", PARTIAL, "old mail protocols are where stolen passwords are tried first"),
    ),
    severity="high",
    needs=(DirectorySettings, SignInRule),
    remediation="In Entra, make a conditional access policy for all users, all resources and the client apps "
    "Exchange ActiveSync and Other clients that blocks access, and turn it on; or turn on security defaults.",
    equivalents={},
    judge=judge,
    params=(
        Param("exceptions", (), "exceptions", "whom and what a rule may leave out, written as findings write them"),
    ),
)
