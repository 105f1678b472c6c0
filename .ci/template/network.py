"""Who reaches whom: the functions reach the database and AWS, and nobody reaches anything else."""

from stack import REGION, differences

ENDPOINT_GROUP = {"Ref": "EndpointSecurityGroup"}
EVERYWHERE = {"CidrIp": "0.0.0.0/0"}


def port(number, **others):
    """One port of a security group's rule."""
    return {"IpProtocol": "tcp", "FromPort": number, "ToPort": number, **others}


def function_groups(given):
    return given["SecurityGroupIds"].split(",") if given["SecurityGroupIds"] else [{"Ref": "FunctionSecurityGroup"}]


def gateway(service):
    """A gateway endpoint, in the route tables of the functions' subnets."""
    return lambda given: {
        "VpcEndpointType": "Gateway",
        "ServiceName": f"com.amazonaws.{REGION}.{service}",
        "VpcId": given["VpcId"],
        "RouteTableIds": given["S3RouteTableIds"].split(","),
    }


def interface(service):
    """An interface endpoint, in the functions' subnets."""
    return lambda given: {
        "VpcEndpointType": "Interface",
        "ServiceName": f"com.amazonaws.{REGION}.{service}",
        "VpcId": given["VpcId"],
        "SubnetIds": given["SubnetIds"].split(","),
        "SecurityGroupIds": [ENDPOINT_GROUP],
        # It would take the calls of everybody else in the VPC.
        "PrivateDnsEnabled": False,
    }


# What comes in, by the resource that admits it.
INGRESS = {
    "ClusterIngress": lambda given: port(
        given["DatabasePort"],
        GroupId=given["ClusterSecurityGroupId"],
        SourceSecurityGroupId=function_groups(given)[0],
    ),
    "EndpointIngress": lambda given: port(443, GroupId=ENDPOINT_GROUP, SourceSecurityGroupId=function_groups(given)[0]),
}
# What goes out of a group: to the one group that is known, and everywhere only where none is.
EGRESS = {
    "FunctionSecurityGroup": lambda given: [
        port(given["DatabasePort"], **to(given["ClusterSecurityGroupId"])),
        port(443, **to(ENDPOINT_GROUP if given["CreateVpcEndpoints"] == "true" else None)),
    ],
    # What S3 is in the VPC is for the route tables to say: its addresses have no name that a template knows.
    "S3SecurityGroup": lambda given: [port(443, **EVERYWHERE)],
    "EndpointSecurityGroup": lambda given: [{"IpProtocol": "-1", "CidrIp": "127.0.0.1/32"}],
}
# In no VPC, whatever is given: it calls Secrets Manager alone, and the internet has that.
OUTSIDE = {"ApiKeyAuthorizerFunction"}
EVERY_FUNCTION = None
# What an endpoint is, the SDK's variable that leads functions in the VPC to it, and which of them.
ENDPOINTS = {
    "SqsEndpoint": (interface("sqs"), "AWS_ENDPOINT_URL_SQS", EVERY_FUNCTION),
    "SecretsManagerEndpoint": (interface("secretsmanager"), "AWS_ENDPOINT_URL_SECRETS_MANAGER", EVERY_FUNCTION),
    "RdsEndpoint": (interface("rds"), "AWS_ENDPOINT_URL_RDS", {"CredentialsFunction"}),
    # A route, which needs no variable.
    "S3Endpoint": (gateway("s3"), None, set()),
}


def to(group):
    return {"DestinationSecurityGroupId": group} if group else EVERYWHERE


def without(name, properties):
    return {key: value for key, value in properties.items() if key != name}


def only_the_functions_come_in(stack):
    for name, made in stack.of("AWS::EC2::SecurityGroupIngress"):
        wanted = INGRESS[name](stack.parameters) if name in INGRESS else {}
        yield from differences(name, without("Description", made), wanted)


def the_functions_go_out_to_the_database_and_aws_alone(stack):
    for name, group in stack.of("AWS::EC2::SecurityGroup"):
        made = [without("Description", rule) for rule in group.get("SecurityGroupEgress", [])]
        wanted = EGRESS[name](stack.parameters) if name in EGRESS else []
        if made != wanted:
            yield f"{name} lets out {made}, and {wanted} is wanted"
        if group.get("VpcId") != stack.parameters["VpcId"]:
            yield f"{name} is in {group.get('VpcId')}"


def endpoints_are_for_the_functions_alone(stack):
    led = {name: {} for name, _ in stack.of("AWS::Lambda::Function")}
    for name, endpoint in stack.of("AWS::EC2::VPCEndpoint"):
        shape, variable, functions = ENDPOINTS.get(name, (lambda given: {}, None, set()))
        yield from differences(name, without("Tags", endpoint), shape(stack.parameters))
        for function in led.keys() - OUTSIDE if functions is EVERY_FUNCTION else functions:
            led[function][variable] = first_name_of(name)
    for name, function in stack.of("AWS::Lambda::Function"):
        made = function.get("Environment", {}).get("Variables", {})
        made = {variable: value for variable, value in made.items() if variable.startswith("AWS_ENDPOINT_URL")}
        yield from differences(name, made, led[name])


def first_name_of(endpoint):
    """The address of an endpoint: the first of its DnsEntries is "zone:name"."""
    entry = {"Fn::Select": [0, {"Fn::GetAtt": [endpoint, "DnsEntries"]}]}
    return {"Fn::Sub": ["https://${Name}", {"Name": {"Fn::Select": [1, {"Fn::Split": [":", entry]}]}}]}


def functions_are_in_the_vpc_that_was_given(stack):
    subnets = stack.parameters["SubnetIds"]
    for name, function in stack.of("AWS::Lambda::Function"):
        groups = function_groups(stack.parameters)
        # No other function goes out to anything but endpoints.
        if name == "CredentialsFunction" and "S3SecurityGroup" in stack.resources:
            groups = [*groups, {"Ref": "S3SecurityGroup"}]
        within = subnets and name not in OUTSIDE
        wanted = {"SubnetIds": subnets.split(","), "SecurityGroupIds": groups} if within else {}
        yield from differences(f"VpcConfig of {name}", function.get("VpcConfig", {}), wanted)
