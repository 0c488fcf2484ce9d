"""Jobs and programs log their work."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from checks.api import PARTIAL, SUPPORTING, Check, Criterion, Facts, Finding, Params
from checks.kept_logs import judge_log
from collectors.facts.service_logs import WorkLog


def judge(facts: Facts, now: datetime, params: Params) -> Iterator[Finding]:
    """One finding per job or program that has such a log."""
    for log in facts.of(WorkLog):
        yield judge_log(log)


CHECK = Check(
    id="audit_trail.work_log",
    title="Jobs and programs log their work",
    criteria=(
        Criterion("CC7.2", PARTIAL, "failures and odd behavior of what runs can be noticed"),
        Criterion("PI1.3", SUPPORTING, "what was processed, and what failed, leaves a record"),
        Criterion("CC7.3", SUPPORTING, "shows what ran during an event"),
    ),
    severity="medium",
    needs=(WorkLog,),
    remediation="Switch on the log that the finding names: the log level of the state machine, continuous logs of the "
    "Glue job, a CloudWatch log group of the DataSync task, logging of source and target of the DMS task (severity "
    "LOGGER_SEVERITY_DEFAULT or more), CloudWatch or S3 logs of the CodeBuild project, a log driver of each container "
    "of the ECS task definition, StreamLogs of the Elastic Beanstalk environment, slow logs of the OpenSearch domain, "
    "query metrics of the Athena workgroup.",
    equivalents={
        "prowler": (
            "athena_workgroup_logging_enabled",
            "codebuild_project_logging_enabled",
            "datasync_task_logging_enabled",
            "dms_replication_task_source_logging_enabled",
            "dms_replication_task_target_logging_enabled",
            "ecs_task_definitions_logging_enabled",
            "elasticbeanstalk_environment_cloudwatch_logging_enabled",
            "glue_etl_jobs_logging_enabled",
            "opensearch_service_domains_cloudwatch_logging_enabled",
            "stepfunctions_statemachine_logging_enabled",
        ),
        "aws_config": (
            "athena-workgroup-logging-enabled",
            "codebuild-project-logging-enabled",
            "datasync-task-logging-enabled",
            "dms-replication-task-sourcedb-logging",
            "dms-replication-task-targetdb-logging",
            "ecs-task-definition-log-configuration",
            "elastic-beanstalk-logs-to-cloudwatch",
            "glue-job-logging-enabled",
            "opensearch-logs-to-cloudwatch",
            "step-functions-state-machine-logging-enabled",
        ),
        "security_hub": (
            "Athena.4",
            "CodeBuild.4",
            "DataSync.1",
            "DMS.7",
            "DMS.8",
            "ECS.9",
            "ElasticBeanstalk.3",
            "StepFunctions.1",
        ),
    },
    judge=judge,
)
