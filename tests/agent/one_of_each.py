"""A loopback account with one of every thing that the collectors read, so that every read is exercised."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable
from typing import Any

from tests.agent import logged_services

# The caller makes the account know the provider's own policies SecurityAudit and ViewOnlyAccess.
Client = Callable[[str], Any]

ANYONE = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}


def build(client: Client) -> None:
    """Make everything."""
    _people(client("iam"))
    _organization(client("organizations"))
    client("kms").create_key()
    client("s3").create_bucket(Bucket="trail")
    _machines(client("ec2"))
    client("logs").create_log_group(logGroupName="app")
    _trail(client("cloudtrail"))
    client("sns").create_topic(Name="topic")
    client("sqs").create_queue(QueueName="queue")
    client("secretsmanager").create_secret(Name="secret", SecretString="made-up")
    client("secretsmanager").put_secret_value(SecretId="secret", SecretString="made-up-too")
    client("guardduty").create_detector(Enable=True)
    _recorder(client("config"))
    _databases(client("rds"), client("dynamodb"))
    _warehouses(client("redshift"), client("elasticache"))
    _movers(client("dax"), client("kafka"), client("kinesis"), client("dms"), client("transfer"))
    _disks(client("ec2"))
    client("efs").create_file_system(CreationToken="files")
    _network(client("ec2"), client("elbv2"))
    _doors(client("ec2"))
    _names(client("route53"), client("acm"))
    _fronts(client("cloudfront"), client("wafv2"), client("apigateway"))
    _backups(client("backup"))
    _alarms(client("logs"), client("cloudwatch"), client("events"))
    _programs(client("eks"), client("ecr"), client("lambda"), client("ec2"))
    logged_services.build(client)


ANSWERS: dict[str, Any] = {
    **logged_services.ANSWERS,
    "backup:GET /backup/plans/*/selections/": {"BackupSelectionsList": []},
    "backup:GET /backup-vaults/*/recovery-points/": {"RecoveryPoints": []},
    "config:DescribeConformancePacks": {
        "ConformancePackDetails": [{"ConformancePackArn": "arn:pack/one", "ConformancePackName": "one"}]
    },
    "config:GetConformancePackComplianceDetails": {
        "ConformancePackName": "one",
        "ConformancePackRuleEvaluationResults": [],
    },
    "guardduty:POST /detector/*/findings": {"findingIds": ["one"]},
    "guardduty:POST /detector/*/findings/get": {"findings": []},
    "iam:ListOrganizationsFeatures": "<R><ListOrganizationsFeaturesResult><EnabledFeatures>"
    "<member>RootCredentialsManagement</member></EnabledFeatures></ListOrganizationsFeaturesResult></R>",
    "inspector2:POST /findings/list": {
        "findings": [
            {
                "severity": "HIGH",
                "firstObservedAt": 1700000000,
                "resources": [{"type": "AWS_EC2_INSTANCE", "id": "i-00000000"}],
            }
        ]
    },
}
"""What the loopback account answers besides, for things that moto cannot make."""


def _alarms(logs: Any, cloudwatch: Any, events: Any) -> None:
    transformation = {"metricName": "changes", "metricNamespace": "Trail", "metricValue": "1"}
    logs.put_metric_filter(
        logGroupName="app", filterName="changes", filterPattern="{ $.eventName = DeleteTrail }",
        metricTransformations=[transformation],
    )  # fmt: skip
    cloudwatch.put_metric_alarm(
        AlarmName="changes", Namespace="Trail", MetricName="changes", Statistic="Sum", Period=300,
        EvaluationPeriods=1, Threshold=1.0, ComparisonOperator="GreaterThanOrEqualToThreshold",
    )  # fmt: skip
    events.put_rule(Name="health", EventPattern=json.dumps({"source": ["aws.health"]}), State="ENABLED")


def _programs(eks: Any, ecr: Any, functions: Any, ec2: Any) -> None:
    role = "arn:aws:iam::123456789012:role/role"
    subnet = ec2.describe_subnets()["Subnets"][0]["SubnetId"]
    eks.create_cluster(name="cluster", roleArn=role, resourcesVpcConfig={"subnetIds": [subnet]})
    eks.create_nodegroup(clusterName="cluster", nodegroupName="pool", subnets=[subnet], nodeRole=role)
    ecr.create_repository(repositoryName="images")
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("index.py", "def handler(event, context): ...")
    functions.create_function(
        FunctionName="program", Runtime="python3.12", Role=role, Handler="index.handler",
        Code={"ZipFile": packed.getvalue()},
    )  # fmt: skip


def _organization(organizations: Any) -> None:
    organizations.create_organization(FeatureSet="ALL")
    nobody = {
        "Version": "2012-10-17",
        "Statement": {"Effect": "Deny", "Action": "cloudtrail:StopLogging", "Resource": "*"},
    }
    limit = organizations.create_policy(
        Name="trails", Description="Trails stay on", Type="SERVICE_CONTROL_POLICY", Content=json.dumps(nobody)
    )["Policy"]["PolicySummary"]["Id"]
    organizations.attach_policy(PolicyId=limit, TargetId=organizations.list_roots()["Roots"][0]["Id"])


def _people(iam: Any) -> None:
    iam.create_user(UserName="one")
    iam.create_access_key(UserName="one")
    policy = iam.create_policy(PolicyName="some", PolicyDocument=json.dumps(ANYONE))["Policy"]["Arn"]
    iam.attach_user_policy(UserName="one", PolicyArn=policy)
    iam.attach_user_policy(UserName="one", PolicyArn="arn:aws:iam::aws:policy/SecurityAudit")
    iam.put_user_policy(UserName="one", PolicyName="own", PolicyDocument=json.dumps(ANYONE))
    iam.create_group(GroupName="all")
    iam.put_group_policy(GroupName="all", PolicyName="own", PolicyDocument=json.dumps(ANYONE))
    trust = {"Version": "2012-10-17", "Statement": []}
    iam.create_role(RoleName="role", AssumeRolePolicyDocument=json.dumps(trust))
    bound = "arn:aws:iam::aws:policy/job-function/ViewOnlyAccess"
    iam.create_role(RoleName="bounded", AssumeRolePolicyDocument=json.dumps(trust), PermissionsBoundary=bound)
    iam.put_role_policy(RoleName="role", PolicyName="own", PolicyDocument=json.dumps(ANYONE))


def _trail(cloudtrail: Any) -> None:
    cloudtrail.create_trail(
        Name="trail", S3BucketName="trail", IsMultiRegionTrail=True,
        CloudWatchLogsLogGroupArn="arn:aws:logs:us-east-1:123456789012:log-group:app:*",
        CloudWatchLogsRoleArn="arn:aws:iam::123456789012:role/role",
    )  # fmt: skip
    cloudtrail.start_logging(Name="trail")


def _recorder(config: Any) -> None:
    config.put_configuration_recorder(
        ConfigurationRecorder={"name": "default", "roleARN": "arn:aws:iam::123456789012:role/role"}
    )


def _databases(rds: Any, dynamodb: Any) -> None:
    rds.create_db_instance(
        DBInstanceIdentifier="db", DBInstanceClass="db.t3.micro", Engine="postgres", AllocatedStorage=20,
        MasterUsername="admin", MasterUserPassword="made-up-Passw0rd", PubliclyAccessible=True,
    )  # fmt: skip
    rds.create_db_snapshot(DBInstanceIdentifier="db", DBSnapshotIdentifier="db-copy")
    rds.create_db_cluster_parameter_group(
        DBClusterParameterGroupName="shared", DBParameterGroupFamily="aurora-postgresql14", Description="shared"
    )
    rds.create_db_cluster(
        DBClusterIdentifier="cluster", Engine="aurora-postgresql", DBClusterParameterGroupName="shared",
        MasterUsername="admin", MasterUserPassword="made-up-Passw0rd",
    )  # fmt: skip
    rds.create_db_instance(
        DBInstanceIdentifier="member", DBInstanceClass="db.r6g.large", Engine="aurora-postgresql",
        DBClusterIdentifier="cluster",
    )  # fmt: skip
    rds.create_db_cluster_snapshot(DBClusterIdentifier="cluster", DBClusterSnapshotIdentifier="cluster-copy")
    dynamodb.create_table(
        TableName="table", BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
    )  # fmt: skip
    dynamodb.create_backup(TableName="table", BackupName="table-copy")


def _warehouses(redshift: Any, elasticache: Any) -> None:
    redshift.create_cluster(
        ClusterIdentifier="warehouse", NodeType="ra3.large", MasterUsername="admin",
        MasterUserPassword="made-up-Passw0rd", PubliclyAccessible=True,
    )  # fmt: skip
    elasticache.create_replication_group(ReplicationGroupId="cache", ReplicationGroupDescription="cache")


def _movers(dax: Any, kafka: Any, kinesis: Any, dms: Any, transfer: Any) -> None:
    role = "arn:aws:iam::123456789012:role/role"
    dax.create_cluster(ClusterName="accelerator", NodeType="dax.t3.small", ReplicationFactor=1, IamRoleArn=role)
    kafka.create_cluster_v2(ClusterName="brokers", Serverless={"VpcConfigs": [{"SubnetIds": ["one"]}]})
    kinesis.create_stream(StreamName="stream", ShardCount=1)
    dms.create_endpoint(EndpointIdentifier="endpoint", EndpointType="target", EngineName="s3")
    transfer.create_server(Protocols=["SFTP"])


def _machines(ec2: Any) -> None:
    image = ec2.register_image(Name="base", RootDeviceName="/dev/sda1")["ImageId"]
    ec2.run_instances(ImageId=image, MinCount=1, MaxCount=1)
    ec2.create_launch_template(LaunchTemplateName="model", LaunchTemplateData={"InstanceType": "t3.small"})
    ec2.create_transit_gateway()


def _disks(ec2: Any) -> None:
    volume = ec2.create_volume(AvailabilityZone="us-east-1a", Size=1)["VolumeId"]
    ec2.create_snapshot(VolumeId=volume)


def _network(ec2: Any, elbv2: Any) -> None:
    zones = ec2.describe_subnets()["Subnets"]
    balancer = elbv2.create_load_balancer(Name="front", Subnets=[zone["SubnetId"] for zone in zones[:2]])
    arn = balancer["LoadBalancers"][0]["LoadBalancerArn"]
    redirect = {"Type": "redirect", "RedirectConfig": {"Protocol": "HTTPS", "Port": "443", "StatusCode": "HTTP_301"}}
    elbv2.create_listener(LoadBalancerArn=arn, Protocol="HTTP", Port=80, DefaultActions=[redirect])


def _doors(ec2: Any) -> None:
    vpc = ec2.create_vpc(CidrBlock="10.9.0.0/16", AmazonProvidedIpv6CidrBlock=True)["Vpc"]
    six = vpc["Ipv6CidrBlockAssociationSet"][0]["Ipv6CidrBlock"].replace("/56", "/64")
    subnet = ec2.create_subnet(VpcId=vpc["VpcId"], CidrBlock="10.9.0.0/24", Ipv6CidrBlock=six)["Subnet"]["SubnetId"]
    offices = ec2.create_managed_prefix_list(PrefixListName="offices", AddressFamily="IPv4", MaxEntries=1)["PrefixList"]
    group = ec2.create_security_group(GroupName="web", Description="web", VpcId=vpc["VpcId"])["GroupId"]
    ec2.authorize_security_group_ingress(
        GroupId=group,
        IpPermissions=[
            {"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22,
             "PrefixListIds": [{"PrefixListId": offices["PrefixListId"]}]}
        ],
    )  # fmt: skip
    ec2.create_network_interface(SubnetId=subnet, Groups=[group], Ipv6AddressCount=1)
    ec2.allocate_address(Domain="vpc")


def _names(route53: Any, acm: Any) -> None:
    route53.create_hosted_zone(Name="example.com", CallerReference="zone")
    probe = {"Type": "HTTPS", "FullyQualifiedDomainName": "example.com", "Port": 443}
    route53.create_health_check(CallerReference="probe", HealthCheckConfig=probe)
    acm.request_certificate(DomainName="example.com")


def _fronts(cloudfront: Any, wafv2: Any, apigateway: Any) -> None:
    seen = {"SampledRequestsEnabled": False, "CloudWatchMetricsEnabled": False, "MetricName": "edge"}
    acl = wafv2.create_web_acl(
        Name="edge", Scope="CLOUDFRONT", DefaultAction={"Block": {}}, VisibilityConfig=seen, Rules=[]
    )["Summary"]["ARN"]  # fmt: skip
    https = {"HTTPPort": 80, "HTTPSPort": 443, "OriginProtocolPolicy": "https-only"}
    origin = {"Id": "o", "DomainName": "origin.example.com", "CustomOriginConfig": https}
    cloudfront.create_distribution(
        DistributionConfig={
            "CallerReference": "front", "Origins": {"Quantity": 1, "Items": [origin]}, "Comment": "", "Enabled": True,
            "DefaultCacheBehavior": {"TargetOriginId": "o", "ViewerProtocolPolicy": "https-only"}, "WebACLId": acl,
        }
    )  # fmt: skip
    api = apigateway.create_rest_api(name="api", endpointConfiguration={"types": ["REGIONAL"]})["id"]
    root = apigateway.get_resources(restApiId=api)["items"][0]["id"]
    apigateway.put_method(restApiId=api, resourceId=root, httpMethod="GET", authorizationType="NONE")
    apigateway.put_integration(restApiId=api, resourceId=root, httpMethod="GET", type="MOCK")
    deployment = apigateway.create_deployment(restApiId=api)["id"]
    apigateway.create_stage(restApiId=api, stageName="live", deploymentId=deployment)
    regional = wafv2.create_web_acl(
        Name="inner", Scope="REGIONAL", DefaultAction={"Block": {}}, VisibilityConfig=seen, Rules=[]
    )["Summary"]["ARN"]  # fmt: skip
    stage = f"arn:aws:apigateway:us-east-1::/restapis/{api}/stages/live"
    wafv2.associate_web_acl(WebACLArn=regional, ResourceArn=stage)


def _backups(backup: Any) -> None:
    backup.create_backup_vault(BackupVaultName="vault")
    rule = {"RuleName": "daily", "TargetBackupVaultName": "vault", "ScheduleExpression": "cron(0 5 * * ? *)"}
    backup.create_backup_plan(BackupPlan={"BackupPlanName": "plan", "Rules": [rule]})
