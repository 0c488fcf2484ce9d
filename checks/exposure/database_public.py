"""No database has an address on the internet."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from checks.api import DIRECT, PARTIAL, Check, Criterion, Facts, Finding, Params, decide
from collectors.facts.core import Unread
from collectors.facts.stores import Database


def judge(facts: Facts, now: datetime, params: Params) -> Iterator[Finding]:
    """One finding per database, members of a cluster too: each has an address of its own."""
    for database in facts.of(Database):
        private = database.public if isinstance(database.public, Unread) else not database.public
        yield decide(database, private, yes="has no public address", no="has a public address")


CHECK = Check(
    id="exposure.database_public",
    title="Databases are not public",
    criteria=(
        Criterion("CC6.6", DIRECT, "outsiders cannot even knock"),
        Criterion("CC6.1", PARTIAL, "the network keeps the data apart from the internet"),
        Criterion("C1.1", PARTIAL, "confidential records are kept from outsiders"),
    ),
    severity="critical",
    needs=(Database,),
    remediation="Turn off public access of the database (PubliclyAccessible). On Azure turn off publicNetworkAccess "
    "of the server or account and use private endpoints or a network of your own.",
    equivalents={
        "prowler": ("rds_instance_no_public_access",),
        "aws_config": ("rds-instance-public-access-check",),
        "security_hub": ("RDS.2",),
        "cis": ("AWS 2.3.3",),
    },
    judge=judge,
)
