"""What RDS instances and clusters say about their address, their users and their logs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from agent.demo.loopback import Faults
from collectors.api import Kind
from collectors.aws import rds_clusters, rds_instances
from collectors.aws.rds_access import admitted
from collectors.facts.core import Fact, Reason, Unread
from collectors.facts.data_access import DatabaseAudit, DatabaseSignIn, DataEndpoint, StatementLog
from collectors.testing import Reading

Read = Callable[..., Reading]
Client = Callable[..., Any]

INSTANCES, CLUSTERS = rds_instances.COLLECTOR, rds_clusters.COLLECTOR
KIND = Kind("aws.some.group", "ec2", "DescribeSecurityGroups")
MASTER = {"MasterUsername": "app", "MasterUserPassword": "not-a-secret-1"}


def group(rds: Any, **parameters: str) -> str:
    """A parameter group with these parameters; `rds.` is written `rds__`."""
    rds.create_db_parameter_group(DBParameterGroupName="own", DBParameterGroupFamily="postgres14", Description="own")
    found = [
        {"ParameterName": name.replace("__", "."), "ParameterValue": value, "ApplyMethod": "immediate"}
        for name, value in parameters.items()
    ]
    rds.modify_db_parameter_group(DBParameterGroupName="own", Parameters=found)
    return "own"


def instance(rds: Any, name: str, **settings: Any) -> None:
    """A PostgreSQL instance, unless the settings say otherwise."""
    chosen = {"Engine": "postgres", "EngineVersion": "14.9", "DBInstanceClass": "db.t3.medium", "AllocatedStorage": 20}
    shut = {"PubliclyAccessible": False}
    rds.create_db_instance(**{"DBInstanceIdentifier": name, **shut, **chosen, **MASTER, **settings})


def doors(ec2: Any, *networks: str, port: int = 5432) -> str:
    """A security group that lets these networks in at one port."""
    made = str(ec2.create_security_group(GroupName="doors", Description="doors")["GroupId"])
    ranges = [{"CidrIp": each} for each in networks]
    rule = {"IpProtocol": "tcp", "FromPort": port, "ToPort": port, "IpRanges": ranges}
    ec2.authorize_security_group_ingress(GroupId=made, IpPermissions=[rule])
    return made


def test_parameters_become_facts(read: Read, client: Client) -> None:
    """Each parameter that the company set is what the server does."""
    rds = client("rds")
    own = group(
        rds,
        rds__force_ssl="1",
        log_connections="1",
        log_disconnections="1",
        log_statement="ddl",
        log_min_duration_statement="500",
        rds__log_retention_period="10080",
    )
    instance(rds, "own", DBParameterGroupName=own, EnableIAMDatabaseAuthentication=True)

    reading = read(INSTANCES)
    endpoint, audit = reading.fact(DataEndpoint, "own"), reading.fact(DatabaseAudit, "own")
    log, sign_in = reading.fact(StatementLog, "own"), reading.fact(DatabaseSignIn, "own")

    assert (endpoint.service, endpoint.requires_tls, endpoint.minimum_tls) == ("PostgreSQL server", True, "1.2")
    assert (endpoint.open_ranges, endpoint.admits_provider, endpoint.private_endpoints) == ((), False, 1)
    assert (audit.connections, audit.server_events) == (True, ("disconnections",))
    assert (audit.sent_to, audit.keeps, audit.kept_days, audit.longest_days) == ((), True, 7, 7)
    assert (log.statements, log.messages_from, log.slow_milliseconds) == ("ddl", "warning", 500)
    assert (sign_in.directory, sign_in.passwords) == (True, True)
    assert len(endpoint.documents) == 2


def test_defaults_hold_where_nothing_is_set(read: Read, client: Client) -> None:
    """Those of the engine and its version; a log that is sent away is kept where it goes."""
    instance(client("rds"), "plain", EnableCloudwatchLogsExports=["postgresql"])

    reading = read(INSTANCES)
    audit = reading.fact(DatabaseAudit, "plain")

    assert reading.fact(DataEndpoint, "plain").requires_tls is False
    assert (audit.connections, audit.sent_to, audit.keeps, audit.kept_days) == (
        False,
        ("CloudWatch Logs",),
        False,
        None,
    )
    assert reading.fact(StatementLog, "plain").statements == "none"
    assert reading.fact(DatabaseSignIn, "plain").directory is False


def test_other_engines_say_less(read: Read, client: Client) -> None:
    """What only an option group or the server itself knows is unread, and there is no log of statements."""
    instance(client("rds"), "shop", Engine="mysql", EngineVersion="8.0.35")

    reading = read(INSTANCES)
    audit = reading.fact(DatabaseAudit, "shop")

    assert reading.facts(StatementLog) == []
    assert isinstance(audit.connections, Unread)
    assert audit.connections.reason is Reason.SERVICE_UNSUPPORTED
    assert audit.server_events is None
    assert isinstance(audit.keeps, Unread)


def test_parameters_that_were_not_read_are_unread(read: Read, client: Client, faults: Faults) -> None:
    """The missing permission is named, and what does not need it is still said."""
    instance(client("rds"), "db")
    faults.deny.add("rds:DescribeDBParameters")

    reading = read(INSTANCES)
    endpoint = reading.fact(DataEndpoint, "db")

    for value in (
        endpoint.requires_tls,
        endpoint.minimum_tls,
        reading.fact(DatabaseAudit, "db").connections,
        reading.fact(StatementLog, "db").statements,
    ):
        assert isinstance(value, Unread)
        assert value.permission == "rds:DescribeDBParameters"
    assert endpoint.open_ranges == ()
    assert reading.fact(DatabaseSignIn, "db").directory is False


def test_a_public_server_is_open_to_what_its_groups_let_in(read: Read, client: Client, faults: Faults) -> None:
    """Only public networks at its own port; without the group, nobody knows."""
    rds, ec2 = client("rds"), client("ec2")
    guard = doors(ec2, "203.0.113.0/24", "10.0.0.0/8")
    instance(rds, "public", PubliclyAccessible=True, VpcSecurityGroupIds=[guard])
    instance(rds, "private", PubliclyAccessible=False, VpcSecurityGroupIds=[guard])
    instance(rds, "elsewhere", PubliclyAccessible=True, Port=6000, VpcSecurityGroupIds=[guard])

    reading = read(INSTANCES)

    assert reading.fact(DataEndpoint, "public").open_ranges == ("203.0.113.0/24",)
    assert reading.fact(DataEndpoint, "private").open_ranges == ()
    assert reading.fact(DataEndpoint, "elsewhere").open_ranges == ()

    faults.deny.add("ec2:DescribeSecurityGroups")
    denied = read(INSTANCES)
    unread = denied.fact(DataEndpoint, "public").open_ranges

    assert isinstance(unread, Unread)
    assert unread.permission == "ec2:DescribeSecurityGroups"
    assert denied.fact(DataEndpoint, "private").open_ranges == ()


def cluster(rds: Any, *, members: int = 1, **settings: Any) -> None:
    """An Aurora cluster `c` with members, and a parameter group of its own that demands TLS and logs DDL."""
    rds.create_db_cluster_parameter_group(
        DBClusterParameterGroupName="shared", DBParameterGroupFamily="aurora-postgresql14", Description="shared"
    )
    found = [
        {"ParameterName": name, "ParameterValue": value, "ApplyMethod": "immediate"}
        for name, value in (("rds.force_ssl", "1"), ("log_statement", "ddl"))
    ]
    rds.modify_db_cluster_parameter_group(DBClusterParameterGroupName="shared", Parameters=found)
    chosen = {"Engine": "aurora-postgresql", "EngineVersion": "14.6", "DBClusterParameterGroupName": "shared"}
    rds.create_db_cluster(**{"DBClusterIdentifier": "c", **chosen, **MASTER, **settings})
    for number in range(members):
        rds.create_db_instance(
            DBInstanceIdentifier=f"m{number}",
            DBInstanceClass="db.r6g.large",
            Engine="aurora-postgresql",
            DBClusterIdentifier="c",
            PubliclyAccessible=False,
        )


def test_a_cluster_by_its_own_group(read: Read, client: Client) -> None:
    """One server for the cluster; its members are none."""
    cluster(client("rds"))

    reading = read(CLUSTERS)
    endpoint = reading.fact(DataEndpoint, "c")

    assert (endpoint.service, endpoint.requires_tls, endpoint.minimum_tls) == ("PostgreSQL server", True, "1.2")
    assert endpoint.open_ranges == ()
    assert reading.fact(StatementLog, "c").statements == "ddl"
    assert reading.fact(DatabaseSignIn, "c").directory is False
    for type_ in (DataEndpoint, DatabaseAudit, DatabaseSignIn, StatementLog):
        found: list[Fact] = list(read(INSTANCES).facts(type_))
        assert found == []


@pytest.mark.parametrize(
    ("denied", "lost"),
    [
        ("rds:DescribeDBClusterParameters", {"tls", "log"}),
        ("rds:DescribeDBParameters", {"log"}),
        ("rds:DescribeDBInstances", {"log", "ranges"}),
    ],
)
def test_a_cluster_that_was_read_in_part(
    read: Read, client: Client, faults: Faults, denied: str, lost: set[str]
) -> None:
    """Exactly what rests on the missing read is unread."""
    cluster(client("rds"))
    faults.deny.add(denied)

    reading = read(CLUSTERS)
    endpoint = reading.fact(DataEndpoint, "c")
    values = {
        "tls": endpoint.requires_tls,
        "ranges": endpoint.open_ranges,
        "log": reading.fact(StatementLog, "c").statements,
    }

    assert {name for name, value in values.items() if isinstance(value, Unread)} == lost
    assert {value.permission for value in values.values() if isinstance(value, Unread)} == {denied}


def rule(**more: Any) -> dict[str, Any]:
    """A security group with one rule for port 5432."""
    chosen = {"IpProtocol": "tcp", "FromPort": 5000, "ToPort": 6000, **more}
    return {"SecurityGroups": [{"IpPermissions": [chosen]}]}


def test_what_a_rule_lets_in() -> None:
    """Ranges of ports, all protocols, both versions; private networks are not public."""
    assert admitted(rule(IpRanges=[{"CidrIp": "0.0.0.0/0"}]), KIND, 5432) == ("0.0.0.0/0",)
    assert admitted(rule(Ipv6Ranges=[{"CidrIpv6": "::/0"}]), KIND, 5432) == ("::/0",)
    assert admitted(rule(IpProtocol="udp", IpRanges=[{"CidrIp": "0.0.0.0/0"}]), KIND, 5432) == ()
    assert admitted(rule(IpRanges=[{"CidrIp": "0.0.0.0/0"}]), KIND, 3306) == ()
    assert admitted(rule(IpRanges=[{"CidrIp": "192.168.0.0/16"}]), KIND, 5432) == ()
    every = {"SecurityGroups": [{"IpPermissions": [{"IpProtocol": "-1", "IpRanges": [{"CidrIp": "8.0.0.0/8"}]}]}]}
    assert admitted(every, KIND, 1) == ("8.0.0.0/8",)


def test_a_prefix_list_is_not_guessed() -> None:
    """Its networks are elsewhere, so nobody knows whether they are public."""
    assert isinstance(admitted(rule(PrefixListIds=[{"PrefixListId": "pl-1"}]), KIND, 5432), Unread)
    assert admitted(rule(PrefixListIds=[{"PrefixListId": "pl-1"}]), KIND, 80) == ()
