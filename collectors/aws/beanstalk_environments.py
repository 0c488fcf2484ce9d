"""Environments of Elastic Beanstalk, and whether their logs leave the machines."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from collectors.api import Body, Collector, Document, Kind, Then
from collectors.aws.session import Reader
from collectors.documents import Documents
from collectors.facts.core import Fact
from collectors.facts.service_logs import WorkLog

ENVIRONMENT = Kind("aws.elasticbeanstalk.environment", "elasticbeanstalk", "DescribeEnvironments", items="Environments")
SETTINGS = Kind("aws.elasticbeanstalk.settings", "elasticbeanstalk", "DescribeConfigurationSettings")
KEPT = ("EnvironmentArn", "EnvironmentName", "ApplicationName")
"""What is judged; the rest tells how the environment fares."""

NAMESPACE, STREAMS = "aws:elasticbeanstalk:cloudwatch:logs", "StreamLogs"
LOGS = "its machines"
GONE = frozenset({"Terminating", "Terminated"})


def fetch(aws: Reader) -> Iterator[Document | Then]:
    """Every environment and its settings."""
    for environment in aws.listing(ENVIRONMENT, IncludeDeleted=False):
        if environment["Status"] in GONE:
            continue
        uid = environment["EnvironmentArn"]
        yield aws.document(ENVIRONMENT, uid, {key: environment[key] for key in KEPT if key in environment})
        names = (environment["ApplicationName"], environment["EnvironmentName"])
        yield Then(settings, (uid, *names), f"{uid}/{SETTINGS.operation}")


def settings(aws: Reader, uid: str, application: str, environment: str) -> Iterator[Document]:
    """The settings of one environment about logs; others hand values to the program, which are often secrets."""
    for found in aws.read(SETTINGS, uid, ApplicationName=application, EnvironmentName=environment):
        every = [option for each in found.body.get("ConfigurationSettings") or () for option in each["OptionSettings"]]
        yield replace(found, body={"OptionSettings": [each for each in every if each.get("Namespace") == NAMESPACE]})


def shape(docs: Documents) -> Iterator[Fact]:
    """One fact per environment."""
    for environment in docs.of(ENVIRONMENT):
        name = str(environment.body["EnvironmentName"])
        yield WorkLog(
            resource=docs.resource("app_environment", environment.uid, name, environment.region),
            documents=docs.about(environment.uid),
            what="app environment",
            kinds=(LOGS,),
            kept=docs.value(SETTINGS, environment.uid, kept_logs),
        )


def kept_logs(body: Body) -> tuple[str, ...]:
    """Its machines, where their logs stream to a log store.  Raises KeyError where the answer does not say."""
    said = {each["OptionName"]: each.get("Value") for each in body["OptionSettings"]}
    return (LOGS,) if str(said[STREAMS]).lower() == "true" else ()


COLLECTOR = Collector(
    id="aws.beanstalk_environments",
    title="Elastic Beanstalk environments and their logs",
    scope="region",
    kinds=(ENVIRONMENT, SETTINGS),
    emits={WorkLog: ENVIRONMENT},
    source="AWS Elastic Beanstalk API 2010-12-01",
    fetch=fetch,
    shape=shape,
)
