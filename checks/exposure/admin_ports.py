"""No port for administration or a database is open to everywhere."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from checks.api import DIRECT, PARTIAL, Check, Criterion, Facts, Finding, Param, Params
from checks.doors import Spans, judge_doors
from checks.networks import Door
from collectors.facts.network import NetworkGuard


def judge(facts: Facts, now: datetime, params: Params) -> Iterator[Finding]:
    """One finding per set of rules; one that stands before nothing opens nothing."""
    right = "lets no wide network reach a port for administration or a database"
    yield from judge_doors(facts, params, _asked, right=right)


def _asked(found: Door, spans: Spans) -> Iterator[Door]:
    """The parts of a door that lie in the ports asked for."""
    for first, last in spans:
        if first <= found.last and found.first <= last:
            yield Door(found.protocol, max(first, found.first), min(last, found.last), found.source)


CHECK = Check(
    id="exposure.admin_ports",
    title="Ports for administration and databases are closed to everywhere",
    criteria=(
        Criterion("CC6.6", DIRECT, "outsiders cannot try passwords and flaws of what only insiders use"),
        Criterion("CC6.1", PARTIAL, "the network keeps systems apart from the internet"),
    ),
    severity="critical",
    needs=(NetworkGuard,),
    remediation="Narrow the source of the rule that lets these ports in to the networks that need them, or reach the "
    "machines through a bastion or a private network: on Azure the inbound rules of the network security group, on AWS "
    "those of the security group.",
    equivalents={
        "prowler": (
            "compute_firewall_rdp_access_from_the_internet_allowed",
            "compute_firewall_ssh_access_from_the_internet_allowed",
            "ec2_instance_port_cassandra_exposed_to_internet",
            "ec2_instance_port_cifs_exposed_to_internet",
            "ec2_instance_port_elasticsearch_kibana_exposed_to_internet",
            "ec2_instance_port_ftp_exposed_to_internet",
            "ec2_instance_port_kafka_exposed_to_internet",
            "ec2_instance_port_kerberos_exposed_to_internet",
            "ec2_instance_port_ldap_exposed_to_internet",
            "ec2_instance_port_memcached_exposed_to_internet",
            "ec2_instance_port_mongodb_exposed_to_internet",
            "ec2_instance_port_mysql_exposed_to_internet",
            "ec2_instance_port_oracle_exposed_to_internet",
            "ec2_instance_port_postgresql_exposed_to_internet",
            "ec2_instance_port_rdp_exposed_to_internet",
            "ec2_instance_port_redis_exposed_to_internet",
            "ec2_instance_port_sqlserver_exposed_to_internet",
            "ec2_instance_port_ssh_exposed_to_internet",
            "ec2_instance_port_telnet_exposed_to_internet",
            "ec2_securitygroup_allow_ingress_from_internet_to_tcp_port_22",
            "ec2_securitygroup_allow_ingress_from_internet_to_tcp_port_3389",
            "ec2_securitygroup_allow_ingress_from_internet_to_tcp_port_cassandra_7199_9160_8888",
            "ec2_securitygroup_allow_ingress_from_internet_to_tcp_port_elasticsearch_kibana_9200_9300_5601",
            "ec2_securitygroup_allow_ingress_from_internet_to_tcp_port_ftp_20_21",
            "ec2_securitygroup_allow_ingress_from_internet_to_tcp_port_kafka_9092",
            "ec2_securitygroup_allow_ingress_from_internet_to_tcp_port_memcached_11211",
            "ec2_securitygroup_allow_ingress_from_internet_to_tcp_port_mongodb_27017_27018",
            "ec2_securitygroup_allow_ingress_from_internet_to_tcp_port_mysql_3306",
            "ec2_securitygroup_allow_ingress_from_internet_to_tcp_port_oracle_1521_2483",
            "ec2_securitygroup_allow_ingress_from_internet_to_tcp_port_postgres_5432",
            "ec2_securitygroup_allow_ingress_from_internet_to_tcp_port_redis_6379",
            "ec2_securitygroup_allow_ingress_from_internet_to_tcp_port_sql_server_1433_1434",
            "ec2_securitygroup_allow_ingress_from_internet_to_tcp_port_telnet_23",
            "network_rdp_internet_access_restricted",
            "network_ssh_internet_access_restricted",
        ),
    },
    judge=judge,
    params=(
        Param(
            "tcp",
            (
                "20-23",
                "88",
                "135",
                "139",
                "389",
                "445",
                "464",
                "636",
                "749-750",
                "1433-1434",
                "1521",
                "2483-2484",
                "3306",
                "3389",
                "5432",
                "5601",
                "5985-5986",
                "6379",
                "7000-7001",
                "7199",
                "8888",
                "9042",
                "9092",
                "9160",
                "9200",
                "9300",
                "11211",
                "27017-27018",
            ),
            "ports",
            "TCP ports for administration, directories, file sharing, queues and databases",
        ),
        Param("udp", ("161", "1434", "3389", "11211"), "ports", "the same of UDP"),
        Param("max_addresses", 256, "addresses", "widest network that may reach them"),
        Param("networks", (), "networks in CIDR form", "wider networks that the company approved"),
    ),
)
