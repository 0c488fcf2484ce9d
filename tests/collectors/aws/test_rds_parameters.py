"""collectors.aws.rds_parameters"""

from __future__ import annotations

import pytest

from collectors.aws.rds_parameters import (
    UNSAID,
    Unsaid,
    engine,
    events,
    is_on,
    log_days,
    logs_connections,
    oldest_tls,
    requires_tls,
    values,
    word,
)


def body(name: str, version: str) -> dict[str, str]:
    """A server of this engine and version."""
    return {"Engine": name, "EngineVersion": version}


@pytest.mark.parametrize(
    ("name", "result"),
    [
        ("postgres", "postgres"),
        ("aurora-postgresql", "postgres"),
        ("aurora-mysql", "mysql"),
        ("mariadb", "mariadb"),
        ("sqlserver-se", "sqlserver"),
        ("custom-sqlserver-ee", "sqlserver"),
        ("oracle-ee-cdb", "oracle"),
        ("db2-se", "db2"),
        ("docdb", "docdb"),
        ("neptune", "neptune"),
    ],
)
def test_families_of_engines(name: str, result: str) -> None:
    """Editions and Amazon's own makes are of the same family."""
    assert engine(body(name, "1")) == result


def test_an_engine_that_nobody_knows_is_malformed() -> None:
    """It is not taken for another."""
    with pytest.raises(ValueError, match="no engine"):
        engine(body("sqlite", "3"))


@pytest.mark.parametrize(
    ("name", "version", "said", "result"),
    [
        ("postgres", "14.9", {}, False),
        ("postgres", "15.4", {}, True),
        ("postgres", "15.4", {"rds.force_ssl": "0"}, False),
        ("postgres", "14.9", {"rds.force_ssl": "1"}, True),
        ("aurora-postgresql", "16.4", {}, False),
        ("aurora-postgresql", "17.4", {}, True),
        ("mysql", "8.0.35", {}, False),
        ("mysql", "8.0.35", {"require_secure_transport": "ON"}, True),
        ("mysql", "8.4.3", {}, UNSAID),
        ("aurora-mysql", "8.0.mysql_aurora.3.04.0", {}, False),
        ("mariadb", "10.11.6", {}, False),
        ("mariadb", "11.8.2", {}, UNSAID),
        ("sqlserver-se", "15.00.4043.16.v1", {}, False),
        ("sqlserver-se", "15.00.4043.16.v1", {"rds.force_ssl": "1"}, True),
        ("docdb", "5.0.0", {}, True),
        ("docdb", "5.0.0", {"tls": "disabled"}, False),
        ("neptune", "1.3.2.1", {}, True),
        ("oracle-ee", "19.0.0.0", {}, UNSAID),
    ],
)
def test_who_refuses_plain_connections(name: str, version: str, said: dict[str, str], result: bool | Unsaid) -> None:
    """By the parameter, or by the default of the engine's version; what only the server knows is left unsaid."""
    assert requires_tls(body(name, version), said) is result


@pytest.mark.parametrize(
    ("name", "version", "said", "result"),
    [
        ("postgres", "12.17", {}, "1.0"),
        ("postgres", "13.1", {}, "1.2"),
        ("postgres", "15.4", {"ssl_min_protocol_version": "TLSv1.3"}, "1.3"),
        ("postgres", "15.4", {"ssl_min_protocol_version": "TLSv1"}, "1.0"),
        ("mysql", "8.0.27", {}, "1.0"),
        ("mysql", "8.0.28", {}, "1.2"),
        ("mysql", "5.7.44", {"tls_version": "TLSv1.2,TLSv1.1"}, "1.1"),
        ("aurora-mysql", "8.0.mysql_aurora.3.03.1", {}, "1.0"),
        ("aurora-mysql", "8.0.mysql_aurora.3.04.0", {}, "1.2"),
        ("mariadb", "10.11.6", {}, UNSAID),
        ("mariadb", "10.11.6", {"tls_version": "TLSv1.2,TLSv1.3"}, "1.2"),
        ("sqlserver-se", "15", {"rds.tls10": "enabled"}, "1.0"),
        ("sqlserver-se", "15", {"rds.tls10": "disabled", "rds.tls11": "enabled"}, "1.1"),
        ("sqlserver-se", "15", {"rds.tls10": "disabled", "rds.tls11": "disabled"}, "1.2"),
        ("sqlserver-se", "15", {"rds.tls10": "default", "rds.tls11": "default"}, UNSAID),
        ("sqlserver-se", "15", {}, UNSAID),
        ("docdb", "5.0.0", {}, "1.0"),
        ("docdb", "5.0.0", {"tls": "tls1.2+"}, "1.2"),
        ("neptune", "1.3.2.1", {}, UNSAID),
    ],
)
def test_the_oldest_tls(name: str, version: str, said: dict[str, str], result: str | Unsaid) -> None:
    """By the parameter, or by the default of the engine's version."""
    assert oldest_tls(body(name, version), said) == result


@pytest.mark.parametrize(
    ("name", "said", "result"),
    [
        ("postgres", {}, False),
        ("postgres", {"log_connections": "1"}, True),
        ("postgres", {"log_connections": "authentication"}, True),
        ("postgres", {"log_connections": "receipt"}, False),
        ("aurora-mysql", {}, False),
        ("aurora-mysql", {"server_audit_logging": "1", "server_audit_events": "QUERY,CONNECT"}, True),
        ("aurora-mysql", {"server_audit_logging": "1", "server_audit_events": "QUERY"}, False),
        ("aurora-mysql", {"server_audit_logging": "0", "server_audit_events": "CONNECT"}, False),
        ("mysql", {}, UNSAID),
        ("sqlserver-se", {}, UNSAID),
    ],
)
def test_who_writes_down_connections(name: str, said: dict[str, str], result: bool | Unsaid) -> None:
    """An audit log in an option group or in the server cannot be told from here."""
    assert logs_connections(body(name, "15.4"), said) is result


def test_server_events_of_postgresql() -> None:
    """Checkpoints are on by default since version 15; other engines have no such parameters."""
    assert events(body("postgres", "14.9"), {}) == ()
    assert events(body("postgres", "15.4"), {"log_disconnections": "1"}) == ("disconnections", "checkpoints")
    assert events(body("postgres", "15.4"), {"log_checkpoints": "0"}) == ()
    assert events(body("mysql", "8.0.35"), {}) is None


def test_values_defaults_and_days() -> None:
    """A parameter without a value is at its default; minutes are whole days."""
    listed = [{"ParameterName": "log_statement"}, {"ParameterName": "tls", "ParameterValue": " enabled "}]

    assert values({"Parameters": listed}) == {"tls": "enabled"}
    assert word({}, "log_statement") == "none"
    assert word({"log_statement": "DDL"}, "log_statement") == "ddl"
    assert log_days({}) == 3
    assert log_days({"rds.log_retention_period": "10080"}) == 7
    assert log_days({"rds.log_retention_period": "1439"}) == 0


def test_a_word_that_is_neither_on_nor_off_is_malformed() -> None:
    """It is not taken for off."""
    with pytest.raises(ValueError, match="neither"):
        is_on("perhaps")
