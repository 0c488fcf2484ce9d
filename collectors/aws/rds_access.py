"""How RDS servers are reached, who signs in, and what they write down: the same for instances and for clusters."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from ipaddress import collapse_addresses, ip_network
from typing import Any, TypeVar

from collectors.api import Body, Document, Kind
from collectors.aws import rds_parameters as meaning
from collectors.aws.rds_parameters import DOCDB, NEPTUNE, POSTGRES, SERVICES, Parameters, Unsaid
from collectors.documents import Documents
from collectors.facts.core import DocumentRef, Fact, Reason, Resource, Unread
from collectors.facts.data_access import DatabaseAudit, DatabaseSignIn, DataEndpoint, StatementLog

T = TypeVar("T")

PRIVATE = tuple(
    ip_network(each)
    for each in ("10.0.0.0/8", "100.64.0.0/10", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16", "fc00::/7")
)
"""Addresses that nobody has on the internet."""
CENTRAL = "CloudWatch Logs"
RECORDS = {POSTGRES: {"postgresql"}, DOCDB: {"audit"}, NEPTUNE: {"audit"}, "sqlserver": {"error"}}
"""Exported logs that hold connections, by engine; `audit` for all others."""
JOINED = frozenset({"joined", "kerberos-enabled"})


@dataclass(frozen=True, slots=True)
class Server:
    """One instance that stands alone, or one cluster, with what was read about it."""

    docs: Documents
    listed: Document
    kind: Kind
    resource: Resource
    documents: tuple[DocumentRef, ...]
    parameters: Parameters | Unread
    """Those that decide about TLS."""
    logging: Parameters | Unread
    """Those that decide about logs."""
    open_ranges: tuple[str, ...] | Unread

    def facts(self) -> Iterator[Fact]:
        """Its address, who signs in and what it writes down."""
        engine = self._field(meaning.engine)
        which = engine if isinstance(engine, str) else "unknown"
        what = SERVICES.get(which, "database server")
        yield DataEndpoint(
            resource=self.resource,
            documents=self.documents,
            service=what,
            requires_tls=self._said(
                self.parameters, meaning.requires_tls, "no parameter tells whether it takes plain connections"
            ),
            minimum_tls=self._said(
                self.parameters, meaning.oldest_tls, "no parameter tells which versions of TLS it takes"
            ),
            open_ranges=self.open_ranges,
            admits_provider=False,  # AWS has no such rule: what runs there needs a rule of the security group as well
            private_endpoints=1,  # every server has an address in a network of the company
        )
        yield DatabaseSignIn(
            resource=self.resource,
            documents=self.documents,
            engine=which,
            directory=self._field(self._directory),
            passwords=self._field(self._passwords),
        )
        yield self._audit(which)
        if which == POSTGRES:
            yield self._statements()

    def _audit(self, which: str) -> DatabaseAudit:
        logs = self._field(lambda body: set(body.get("EnabledCloudwatchLogsExports", ())))
        sent: tuple[str, ...] | Unread
        sent = logs if isinstance(logs, Unread) else ((CENTRAL,) if logs & RECORDS.get(which, {"audit"}) else ())
        here = which == POSTGRES and sent == ()
        unsaid = self._unsaid("no parameter tells how long it keeps the record itself")
        return DatabaseAudit(
            resource=self.resource,
            documents=self.documents,
            engine=which,
            connections=self._said(
                self.logging, meaning.logs_connections, "audit rules lie in an option group or in the server"
            ),
            server_events=self._said(self.logging, meaning.events, ""),
            sent_to=sent,
            # How long CloudWatch keeps it is a setting of the log group.
            keeps=sent if isinstance(sent, Unread) else (True if here else (False if sent else unsaid)),
            kept_days=self._said(self.logging, lambda _, said: meaning.log_days(said), "") if here else None,
            longest_days=meaning.MOST_LOG_DAYS if here else None,
        )

    def _statements(self) -> StatementLog:
        def of(name: str) -> str | Unread:
            return self._said(self.logging, lambda _, said: meaning.word(said, name), "")

        return StatementLog(
            resource=self.resource,
            documents=self.documents,
            statements=of("log_statement"),
            messages_from=of("log_min_messages"),
            failed_from=of("log_min_error_statement"),
            verbosity=of("log_error_verbosity"),
            slow_milliseconds=self._said(
                self.logging, lambda _, said: int(meaning.word(said, "log_min_duration_statement")), ""
            ),
        )

    def _directory(self, body: Body) -> bool | Unread:
        """Identities of IAM, or of a directory that the server has joined, can sign in."""
        if meaning.engine(body) == DOCDB:
            return self._unsaid("users of DocumentDB, IAM's too, are made in the server")
        joined = any(str(each.get("Status")) in JOINED for each in body.get("DomainMemberships", ()))
        return joined or bool(body["IAMDatabaseAuthenticationEnabled"])

    def _passwords(self, body: Body) -> bool:
        """Every server has a master user with a password; Neptune knows no users of its own."""
        return meaning.engine(body) != NEPTUNE

    def _field(self, read: Callable[[Body], T | Unread]) -> T | Unread:
        return self.docs.field(self.kind, self.listed, read)

    def _said(self, said: Parameters | Unread, read: Callable[[Body, Parameters], T | Unsaid], why: str) -> T | Unread:
        """What the parameters mean; unread with `why` where the API says nothing about it."""
        if isinstance(said, Unread):
            return said
        found: T | Unsaid | Unread = self.docs.field(self.kind, self.listed, lambda body: read(body, said))
        return self._unsaid(why) if isinstance(found, Unsaid) else found

    def _unsaid(self, why: str) -> Unread:
        return Unread(Reason.SERVICE_UNSUPPORTED, self.kind.call, self.kind.needs, why)


def in_force(docs: Documents, kind: Kind, uid: str, statuses: list[str]) -> Parameters | Unread:
    """The parameters of a group, once each server that uses it has taken them over."""
    waiting = next((each for each in statuses if each != "in-sync"), None)
    if waiting is not None:
        said = f"the parameter group is {waiting}: its values are not in force yet"
        return Unread(Reason.PARTIAL_LISTING, kind.call, kind.needs, said)
    return docs.value(kind, uid, meaning.values)


def security_groups(body: Body) -> list[str]:
    """The security groups of an instance or of a cluster."""
    return [str(each["VpcSecurityGroupId"]) for each in body.get("VpcSecurityGroups", ())]


def reached_from(docs: Documents, kind: Kind, region: str, body: Body, port: int) -> tuple[str, ...] | Unread:
    """Public addresses that the security groups of a server with a public address let in."""
    found: list[Any] = []
    for group in [each["VpcSecurityGroupId"] for each in body["VpcSecurityGroups"]]:
        uid = group_uid(docs.partition, region, docs.account, group)
        ranges = docs.value(kind, uid, lambda said: admitted(said, kind, port))
        if isinstance(ranges, Unread):
            return ranges
        found += map(ip_network, ranges)
    four = collapse_addresses(each for each in found if each.version == 4)  # noqa: PLR2004  # IPv4
    six = collapse_addresses(each for each in found if each.version == 6)  # noqa: PLR2004  # IPv6
    return tuple(map(str, [*four, *six]))


def group_uid(partition: str, region: str, account: str, group: str) -> str:
    """The ARN of a security group."""
    return f"arn:{partition}:ec2:{region}:{account}:security-group/{group}"


def admitted(body: Body, kind: Kind, port: int) -> tuple[str, ...] | Unread:
    """Public networks that a security group lets in at a port.  What a prefix list holds is not in the answer."""
    (group,) = body["SecurityGroups"]
    rules = [each for each in group["IpPermissions"] if _holds(each, port)]
    if any(each.get("PrefixListIds") for each in rules):
        said = "a rule names a prefix list, whose networks this read does not hold"
        return Unread(Reason.SERVICE_UNSUPPORTED, kind.call, kind.needs, said)
    named = [each["CidrIp"] for rule in rules for each in rule.get("IpRanges", ())]
    named += [each["CidrIpv6"] for rule in rules for each in rule.get("Ipv6Ranges", ())]
    return tuple(each for each in named if not _is_private(each))


def _holds(rule: Body, port: int) -> bool:
    """All protocols, or TCP with this port in its range."""
    if rule["IpProtocol"] == "-1":
        return True
    return rule["IpProtocol"] in {"tcp", "6"} and rule["FromPort"] <= port <= rule["ToPort"]


def _is_private(text: str) -> bool:
    network = ip_network(text)
    return any(network.version == each.version and network.subnet_of(each) for each in PRIVATE)  # type: ignore[arg-type]
