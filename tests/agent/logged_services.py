"""One resource of every service whose log has to be switched on, in a loopback account."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Client = Callable[[str], Any]

ROLE = "arn:aws:iam::123456789012:role/role"
COUNTED = {"SampledRequestsEnabled": False, "CloudWatchMetricsEnabled": True, "MetricName": "own"}

ANSWERS: dict[str, Any] = {
    "ec2:DescribeClientVpnEndpoints": "<R><clientVpnEndpoint><item><clientVpnEndpointId>cvpn-1</clientVpnEndpointId>"
    "<status><code>available</code></status><connectionLogOptions><Enabled>true</Enabled></connectionLogOptions>"
    "</item></clientVpnEndpoint></R>",
    "elasticbeanstalk:DescribeConfigurationSettings": "<R><DescribeConfigurationSettingsResult><ConfigurationSettings>"
    "<member><OptionSettings><member><Namespace>aws:elasticbeanstalk:cloudwatch:logs</Namespace>"
    "<OptionName>StreamLogs</OptionName><Value>true</Value></member></OptionSettings></member>"
    "</ConfigurationSettings></DescribeConfigurationSettingsResult></R>",
}
"""What moto cannot make."""


def build(client: Client) -> None:
    """Make everything."""
    _fronts(client("apigatewayv2"), client("appsync"), client("elb"), client("wafv2"))
    _networks(client("network-firewall"), client("mq"), client("opensearch"))
    _jobs(client("stepfunctions"), client("glue"), client("athena"), client("codebuild"))
    _programs(client("ecs"), client("elasticbeanstalk"))
    _movers(client("datasync"), client("dms"))


def _fronts(http: Any, graphs: Any, elb: Any, wafv2: Any) -> None:
    http.create_stage(ApiId=http.create_api(Name="http", ProtocolType="HTTP")["ApiId"], StageName="live")
    graphs.create_graphql_api(name="graph", authenticationType="API_KEY")
    listener = {"Protocol": "HTTP", "LoadBalancerPort": 80, "InstancePort": 80}
    elb.create_load_balancer(LoadBalancerName="classic", Listeners=[listener], AvailabilityZones=["us-east-1a"])
    group = wafv2.create_rule_group(
        Name="own", Scope="REGIONAL", Capacity=1, VisibilityConfig=COUNTED, Rules=[]
    )["Summary"]["ARN"]  # fmt: skip
    rule = {
        "Name": "own", "Priority": 1, "Statement": {"RuleGroupReferenceStatement": {"ARN": group}},
        "OverrideAction": {"None": {}}, "VisibilityConfig": COUNTED,
    }  # fmt: skip
    wafv2.create_web_acl(
        Name="grouped", Scope="REGIONAL", DefaultAction={"Block": {}}, VisibilityConfig=COUNTED, Rules=[rule]
    )


def _networks(firewalls: Any, brokers: Any, search: Any) -> None:
    policy = "arn:aws:network-firewall:us-east-1:123456789012:firewall-policy/p"
    firewalls.create_firewall(FirewallName="wall", FirewallPolicyArn=policy, VpcId="vpc-1", SubnetMappings=[])
    brokers.create_broker(
        BrokerName="broker", EngineType="ACTIVEMQ", EngineVersion="5.17.6", HostInstanceType="mq.t3.micro",
        DeploymentMode="SINGLE_INSTANCE", PubliclyAccessible=False, AutoMinorVersionUpgrade=True,
        Users=[{"Username": "admin", "Password": "made-up-Passw0rd"}],
    )  # fmt: skip
    search.create_domain(DomainName="search")


def _jobs(machines: Any, glue: Any, athena: Any, codebuild: Any) -> None:
    program = '{"StartAt": "a", "States": {"a": {"Type": "Pass", "End": true}}}'
    machines.create_state_machine(name="orders", definition=program, roleArn=ROLE)
    glue.create_job(Name="nightly", Role=ROLE, Command={"Name": "glueetl"})
    athena.create_work_group(Name="group", Configuration={"PublishCloudWatchMetricsEnabled": True})
    codebuild.create_project(
        name="site", source={"type": "S3", "location": "bucket/path"}, artifacts={"type": "NO_ARTIFACTS"},
        environment={
            "type": "LINUX_CONTAINER", "image": "aws/codebuild/standard:7.0", "computeType": "BUILD_GENERAL1_SMALL",
        },
        serviceRole="arn:aws:iam::123456789012:role/service-role/role",
    )  # fmt: skip


def _programs(ecs: Any, beanstalk: Any) -> None:
    ecs.register_task_definition(family="web", containerDefinitions=[{"name": "app", "image": "i", "memory": 64}])
    beanstalk.create_application(ApplicationName="shop")
    beanstalk.create_environment(ApplicationName="shop", EnvironmentName="shop-live", SolutionStackName="Python")


def _movers(datasync: Any, dms: Any) -> None:
    access = {"BucketAccessRoleArn": ROLE}
    source, target = (
        datasync.create_location_s3(S3BucketArn=f"arn:aws:s3:::{bucket}", S3Config=access)["LocationArn"]
        for bucket in ("from", "to")
    )
    datasync.create_task(SourceLocationArn=source, DestinationLocationArn=target, Name="sync")
    part = "arn:aws:dms:us-east-1:123456789012"
    dms.create_replication_task(
        ReplicationTaskIdentifier="move", SourceEndpointArn=f"{part}:endpoint:s",
        TargetEndpointArn=f"{part}:endpoint:t", ReplicationInstanceArn=f"{part}:rep:r", MigrationType="cdc",
        TableMappings="{}", ReplicationTaskSettings="{}",
    )  # fmt: skip
