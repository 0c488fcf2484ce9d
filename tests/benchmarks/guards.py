"""Prints which security groups stand before each machine: `python -m tests.benchmarks.guards ENDPOINT REGION`.

A program of its own, so that the measuring process need not import the SDK.
"""

from __future__ import annotations

import json
import sys

import boto3


def main() -> None:
    """One JSON object: by ARN of a machine, the ARNs of its groups."""
    endpoint, region = sys.argv[1:]
    client = boto3.client("ec2", region_name=region, endpoint_url=endpoint)
    found: dict[str, list[str]] = {}
    for page in client.get_paginator("describe_instances").paginate():
        for reservation in page["Reservations"]:
            account = f"arn:aws:ec2:{region}:{reservation['OwnerId']}"
            for machine in reservation["Instances"]:
                groups = [f"{account}:security-group/{each['GroupId']}" for each in machine["SecurityGroups"]]
                found[f"{account}:instance/{machine['InstanceId']}"] = groups
    json.dump(found, sys.stdout)


if __name__ == "__main__":
    main()
