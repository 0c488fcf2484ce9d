"""A loopback account with one of every thing that the collectors read, so that every read is exercised."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

# The caller makes the account know the provider's own policy SecurityAudit.
Client = Callable[[str], Any]

ANYONE = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}


def build(client: Client) -> None:
    """Make everything."""
    _people(client("iam"))
    client("kms").create_key()
    client("s3").create_bucket(Bucket="trail")
    _trail(client("cloudtrail"))
    client("logs").create_log_group(logGroupName="app")
    client("sns").create_topic(Name="topic")
    client("sqs").create_queue(QueueName="queue")
    client("secretsmanager").create_secret(Name="secret", SecretString="made-up")
    client("secretsmanager").put_secret_value(SecretId="secret", SecretString="made-up-too")
    client("guardduty").create_detector(Enable=True)
    _recorder(client("config"))
    _databases(client("rds"), client("dynamodb"))
    _disks(client("ec2"))
    client("efs").create_file_system(CreationToken="files")
    _network(client("ec2"), client("elbv2"))
    _doors(client("ec2"))
    _names(client("route53"), client("acm"))
    _fronts(client("cloudfront"), client("wafv2"), client("apigateway"))
    _backups(client("backup"))


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
    iam.put_role_policy(RoleName="role", PolicyName="own", PolicyDocument=json.dumps(ANYONE))


def _trail(cloudtrail: Any) -> None:
    cloudtrail.create_trail(Name="trail", S3BucketName="trail", IsMultiRegionTrail=True)
    cloudtrail.start_logging(Name="trail")


def _recorder(config: Any) -> None:
    config.put_configuration_recorder(
        ConfigurationRecorder={"name": "default", "roleARN": "arn:aws:iam::123456789012:role/role"}
    )


def _databases(rds: Any, dynamodb: Any) -> None:
    rds.create_db_instance(
        DBInstanceIdentifier="db", DBInstanceClass="db.t3.micro", Engine="postgres", AllocatedStorage=20,
        MasterUsername="admin", MasterUserPassword="made-up-Passw0rd",
    )  # fmt: skip
    rds.create_db_snapshot(DBInstanceIdentifier="db", DBSnapshotIdentifier="db-copy")
    rds.create_db_cluster(
        DBClusterIdentifier="cluster", Engine="aurora-postgresql", MasterUsername="admin",
        MasterUserPassword="made-up-Passw0rd",
    )  # fmt: skip
    rds.create_db_cluster_snapshot(DBClusterIdentifier="cluster", DBClusterSnapshotIdentifier="cluster-copy")
    dynamodb.create_table(
        TableName="table", BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
    )  # fmt: skip
    dynamodb.create_backup(TableName="table", BackupName="table-copy")


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
    apigateway.create_rest_api(name="api")


def _backups(backup: Any) -> None:
    backup.create_backup_vault(BackupVaultName="vault")
    rule = {"RuleName": "daily", "TargetBackupVaultName": "vault", "ScheduleExpression": "cron(0 5 * * ? *)"}
    backup.create_backup_plan(BackupPlan={"BackupPlanName": "plan", "Rules": [rule]})
