"""Who reaches whom: nothing is public, and the functions reach the database and AWS alone."""

import json
import re


def nothing_is_public(stack):
    for name, _ in stack.of("AWS::Lambda::Url"):
        yield f"{name} is a function URL"
    for name, permission in stack.of("AWS::Lambda::Permission"):
        if permission["Principal"] != "apigateway.amazonaws.com" or "SourceArn" not in permission:
            yield f"{name} lets {permission['Principal']} call {permission['FunctionName']}"
    for name, resource in stack.resources.items():
        if re.search(r'"(Principal|AWS)": (\["\*"\]|"\*")', json.dumps(resource)):
            yield f"{name} is for everybody"
        rules = resource.get("Properties", {}).get("SecurityGroupIngress", [])
        if resource["Type"] == "AWS::EC2::SecurityGroupIngress":
            rules = [resource["Properties"]]
        for rule in rules:
            if "SourceSecurityGroupId" not in rule:
                yield f"{name} admits {rule.get('CidrIp', rule.get('CidrIpv6'))}"
            if rule.get("FromPort") != rule.get("ToPort") or rule.get("IpProtocol") != "tcp":
                yield f"{name} admits more than one port"


def endpoints_are_for_the_functions_alone(stack):
    wanted = []
    if stack.parameters.get("CreateVpcEndpoints") == "true":
        wanted = ["SQS"] + (["SECRETS_MANAGER"] if stack.parameters.get("DatabaseSecretArn") else [])
    endpoints = stack.of("AWS::EC2::VPCEndpoint")
    if len(endpoints) != len(wanted):
        yield f"there are endpoints {[name for name, _ in endpoints]}, and {wanted} are needed"
    for name, endpoint in endpoints:
        if endpoint.get("PrivateDnsEnabled") is not False:
            yield f"{name} takes the calls of everybody in the VPC"
    for name, function in stack.of("AWS::Lambda::Function"):
        variables = function.get("Environment", {}).get("Variables", {})
        named = [v.removeprefix("AWS_ENDPOINT_URL_") for v in variables if v.startswith("AWS_ENDPOINT_URL")]
        if sorted(named) != sorted(wanted):
            yield f"{name} calls the endpoints {named}, and there are {wanted}"


def functions_are_in_the_vpc_that_was_given(stack):
    subnets = stack.parameters.get("SubnetIds")
    for name, function in stack.of("AWS::Lambda::Function"):
        vpc = function.get("VpcConfig", {})
        if vpc.get("SubnetIds", []) != (subnets.split(",") if subnets else []):
            yield f"{name} is in the subnets {vpc.get('SubnetIds')}"
        if subnets and not vpc.get("SecurityGroupIds"):
            yield f"{name} has no security group"
    opened = stack.of("AWS::EC2::SecurityGroupIngress")
    cluster = stack.parameters.get("ClusterSecurityGroupId")
    if cluster and cluster not in [rule.get("GroupId") for _, rule in opened]:
        yield "the cluster's security group admits nobody"
    for name, group in stack.of("AWS::EC2::SecurityGroup"):
        if not group.get("SecurityGroupEgress"):
            yield f"{name} lets everything out"
        for rule in group.get("SecurityGroupEgress", []):
            port, nowhere = rule.get("ToPort"), rule.get("CidrIp") == "127.0.0.1/32"
            if not nowhere and (port not in (5432, 443) or rule.get("FromPort") != port):
                yield f"{name} lets out more than the database and AWS need"
            known = cluster if port == 5432 else stack.parameters.get("CreateVpcEndpoints") == "true"
            if known and not nowhere and "DestinationSecurityGroupId" not in rule:
                yield f"{name} lets out to more than the group that is known for port {port}"
