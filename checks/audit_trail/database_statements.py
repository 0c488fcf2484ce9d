"""PostgreSQL servers write down changes of the schema, warnings and statements that fail."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from checks.api import (
    PARTIAL,
    SUPPORTING,
    Check,
    Criterion,
    Facts,
    Finding,
    Param,
    Params,
    fails,
    passes,
    unknown,
    unread_in,
)
from checks.thresholds import names
from collectors.facts.core import Unread
from collectors.facts.data_access import StatementLog

LEVELS = (
    *("debug5", "debug4", "debug3", "debug2", "debug1"),
    *("info", "notice", "warning", "error", "log", "fatal", "panic"),
)
"""PostgreSQL's words for how severe a message is, the mildest first: its manual, Message Severity Levels."""


def judge(facts: Facts, now: datetime, params: Params) -> Iterator[Finding]:
    """One finding per server; one shortcoming that is known decides."""
    for log in facts.of(StatementLog):
        if wrong := next(filter(None, _shortcomings(log, params)), None):
            yield fails(log, wrong)
        elif gaps := unread_in(log.statements, log.messages_from, log.failed_from, log.verbosity):
            yield unknown(log, *gaps)
        else:
            yield passes(
                log,
                f"log_statement is {log.statements}, messages are recorded from {log.messages_from} on, "
                f"failed statements from {log.failed_from} on",
            )


def _shortcomings(log: StatementLog, params: Params) -> Iterator[str | None]:
    statements, verbosity = names(params, "statements"), names(params, "verbosity")
    if not isinstance(log.statements, Unread) and log.statements not in statements:
        yield f"log_statement is {log.statements}, not {' or '.join(statements)}"
    yield _milder("log_min_messages", log.messages_from, str(params["messages_from"]))
    yield _milder("log_min_error_statement", log.failed_from, str(params["failed_from"]))
    if not isinstance(log.verbosity, Unread) and log.verbosity not in verbosity:
        yield f"log_error_verbosity is {log.verbosity}, not {' or '.join(verbosity)}"


def _milder(name: str, found: str | Unread, wanted: str) -> str | None:
    """What is wrong with a level that leaves out what is wanted.  A word that is not PostgreSQL's is never enough."""
    if isinstance(found, Unread):
        return None
    if found in LEVELS and LEVELS.index(found) <= LEVELS.index(wanted):
        return None
    return f"{name} is {found}, which leaves out {wanted}"


CHECK = Check(
    id="audit_trail.database_statements",
    title="PostgreSQL servers record schema changes, warnings and failures",
    criteria=(
        Criterion("CC7.2", PARTIAL, "odd statements, and those that fail again and again, can be noticed"),
        Criterion("CC7.3", SUPPORTING, "shows what was changed during an event"),
        Criterion("CC8.1", SUPPORTING, "changes of the schema leave a record of their own"),
    ),
    severity="medium",
    needs=(StatementLog,),
    remediation="Set log_statement to ddl, log_min_messages to warning, log_min_error_statement to error and "
    "log_error_verbosity to default: flags of the Cloud SQL instance, server parameters on Azure, the parameter group "
    "on AWS.",
    equivalents={
        "prowler": (
            "cloudsql_instance_postgres_log_error_verbosity_flag",
            "cloudsql_instance_postgres_log_min_error_statement_flag",
            "cloudsql_instance_postgres_log_min_messages_flag",
            "cloudsql_instance_postgres_log_statement_flag",
        ),
    },
    judge=judge,
    params=(
        Param("statements", ("ddl", "mod", "all"), "values of log_statement", "those that are enough"),
        Param("messages_from", "warning", "level of PostgreSQL", "messages of this level must be recorded"),
        Param("failed_from", "error", "level of PostgreSQL", "statements that fail at this level must be recorded"),
        Param("verbosity", ("default", "verbose"), "values of log_error_verbosity", "those that are enough"),
    ),
)
