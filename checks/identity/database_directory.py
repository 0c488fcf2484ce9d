"""Database servers know people by the company's directory."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from checks.api import PARTIAL, Check, Criterion, Facts, Finding, Params, fails, passes, unknown
from collectors.facts.core import Unread
from collectors.facts.data_access import DatabaseSignIn


def judge(facts: Facts, now: datetime, params: Params) -> Iterator[Finding]:
    """One finding per database server.  Passwords beside the directory are told and do not fail."""
    for server in facts.of(DatabaseSignIn):
        if isinstance(server.directory, Unread):
            yield unknown(server, server.directory)
        elif not server.directory:
            yield fails(server, f"{server.engine} server knows nobody of the directory, only passwords of its own")
        else:
            beside = {True: ", beside passwords of its own", False: " and nobody else"}
            others = "" if isinstance(server.passwords, Unread) else beside[server.passwords]
            yield passes(server, f"{server.engine} server knows people of the directory{others}")


CHECK = Check(
    id="identity.database_directory",
    title="Database servers take identities of the directory",
    criteria=(
        Criterion("CC6.1", PARTIAL, "one place proves who someone is, for databases too"),
        Criterion("CC6.2", PARTIAL, "one switch there ends the access of a person to databases"),
    ),
    severity="medium",
    needs=(DatabaseSignIn,),
    remediation="Name a Microsoft Entra administrator of the Azure database server, best with passwords switched "
    "off; on AWS turn on IAM database authentication.",
    equivalents={},
    judge=judge,
)
