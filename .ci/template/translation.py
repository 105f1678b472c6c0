"""template.yaml as CloudFormation gets it: translated by SAM, and with every condition and parameter resolved."""

import copy
import functools
import itertools
import logging
import os
import pathlib
import re

os.environ.setdefault("AWS_DEFAULT_REGION", "us-east-1")

import boto3  # noqa: E402 (they read the region)
from samtranslator.translator import transform as sam  # noqa: E402
from samtranslator.translator import translator  # noqa: E402
from samtranslator.yaml_helper import yaml_parse  # noqa: E402

logging.getLogger("samtranslator.metrics.metrics").setLevel(logging.ERROR)

PROJECT = pathlib.Path(__file__).resolve().parents[2]
PASSWORD = "correct-horse"
DATABASE_URL = f"postgresql://app:{PASSWORD}@db.example:5432/app"
SECRET = "arn:aws:secretsmanager:us-east-1:123456789012:secret:app-AbCdEf"
KEYS_SECRET = "arn:aws:secretsmanager:us-east-1:123456789012:secret:keys-MnOpQr"
MASTER_SECRET = "arn:aws:secretsmanager:us-east-1:123456789012:secret:master-GhIjKl"
KEY = "arn:aws:kms:us-east-1:123456789012:key/01234567-89ab-cdef-0123-456789abcdef"
TOPIC = "arn:aws:sns:us-east-1:123456789012:alarms"

# Every parameter that a condition depends on, without and with it.
NETWORK = {
    "VpcId": ["", "vpc-0123456789abcdef0"],
    "SubnetIds": ["", "subnet-0123456789abcdef0,subnet-0123456789abcdef1"],
    "SecurityGroupIds": ["", "sg-0123456789abcdef0,sg-0123456789abcdef1"],
    "ClusterSecurityGroupId": ["", "sg-0123456789abcdef2"],
    "CreateVpcEndpoints": ["false", "true"],
    "S3RouteTableIds": ["", "rtb-0123456789abcdef0,rtb-0123456789abcdef1"],
}
CREDENTIALS = {
    "DatabaseUrl": [DATABASE_URL, ""],
    "DatabaseAuth": ["password", "iam"],
    "DatabaseSecretArn": ["", SECRET],
    "AutoCreateCredentials": ["false", "true"],
    "DatabaseClusterIdentifier": ["", "cluster-1"],
    "DatabaseInstanceIdentifier": ["", "instance-1"],
    "RotationDays": [0, 31],
    "RotationMasterSecretArn": ["", MASTER_SECRET],
}
REST = {
    "KmsKeyArn": ["", KEY],
    "AlarmTopicArn": ["", TOPIC],
    "RouterReservedConcurrency": [-1, 10],
    "SnapStart": ["off", "on"],
}
CALLERS = {
    "ApiAuth": ["iam", "github-oidc", "api-key"],
    "ApiKeySecretArn": ["", KEYS_SECRET],
}
CHOICES = {**NETWORK, **CREDENTIALS, **REST, **CALLERS}

# A value for every other parameter, and none that is its default: a constant in its place would be seen.
OTHERS = {
    "GitHubAudience": "https://migrations.example",
    "GitHubRepositoryIds": "731204,99",
    "GitHubRefs": "refs/heads/main,refs/tags/v*",
    "GitHubEnvironments": "production,staging",
    "Permissions": "key:ci-*: migrate, info on app; *: read",
    "DatabaseUser": "app",
    "DatabaseResourceId": "cluster-ABCDEFGHIJKL01234",
    "DatabaseOwnerRole": "app_owner",
    "DatabaseName": "orders",
    "CredentialsRotationId": "second",
    "DeleteSecret": "true",
    "DbType": "aurora-postgresql",
    "ProcessDatabase": "processes",
    "AllowedDatabases": "app_*",
    "CreateByGlob": "true",
    "AllowedPlaceholders": "owner",
    "DatabasePort": 5433,
    "LockTimeout": "7s",
    "RehearsalLimit": "8s",
    "FailOnWarning": "true",
    "MaxAttempts": 7,
    "WorkerConcurrency": 11,
    "ProcessRetentionDays": 91,
    "Architecture": "x86_64",
    "Release": "7",
    "MaxWaiters": 21,
    "ThrottlingRate": 51,
    "ThrottlingBurst": 101,
    "LogRetentionDays": 30,
    "OldestMessageSeconds": 1801,
    "LongestRunSeconds": 3601,
}

PSEUDO = {
    "AWS::AccountId": "123456789012",
    "AWS::Partition": "aws",
    "AWS::Region": "us-east-1",
    "AWS::StackId": "arn:aws:cloudformation:us-east-1:123456789012:stack/db-migrate/1c2fa620",
    "AWS::StackName": "db-migrate",
    "AWS::URLSuffix": "amazonaws.com",
}
NOTHING = object()


def source():
    """template.yaml as maps and lists."""
    return yaml_parse((PROJECT / "template.yaml").read_text())


class NoManagedPolicies:
    """In place of the list of AWS's managed policies, which SAM would fetch: the template may use none."""

    def load(self):
        return {}


# Near half of a translation's time goes by for what is the same each time: SAM validates its own policy templates, and makes
# a session with AWS, of which it takes the region.
translator.make_policy_template_for_function_plugin = functools.cache(
    translator.make_policy_template_for_function_plugin
)
sam.Translator = functools.partial(translator.Translator, boto_session=boto3.session.Session())


def translated(template, parameters):
    """What SAM makes of the template; its packages are in a bucket then."""
    template = copy.deepcopy(template)
    for resource in template["Resources"].values():
        for name in ("CodeUri", "ContentUri"):
            path = resource.get("Properties", {}).get(name)
            if path and not path.startswith("s3://"):
                resource["Properties"][name] = "s3://packages/" + path
    given_here = {name: str(value) for name, value in parameters.items()}
    return sam.transform(template, given_here, NoManagedPolicies())


def combinations():
    """The values of CHOICES in combinations that the template's rules let through.

    All of them would be 8,400. Network and credentials are taken in every combination, since endpoints,
    groups and roles depend on both. What depends on one of REST (a key, a topic, a bound, an alias) does not depend on
    another of them: they are taken in every combination with the two oldest ways to a password, and with every other way
    once all without and once all with. How callers prove who they are depends on nothing of network and credentials: the ways
    take turns, so that each meets each combination of REST, and each network with the oldest two.
    """
    template = source()
    tied = {**NETWORK, **CREDENTIALS}
    ways = [dict(zip(CALLERS, values)) for values in itertools.product(*CALLERS.values())]
    ways = itertools.cycle([way for way in ways if not refusals(template, given(**way))])
    for values in itertools.product(*tied.values()):
        chosen = dict(zip(tied, values))
        if refusals(template, given(**chosen)):
            continue
        usual = all(chosen[name] == choices[0] for name, choices in CREDENTIALS.items() if name != "DatabaseSecretArn")
        for rest in itertools.product((0, 1), repeat=len(REST)):
            if usual or len(set(rest)) == 1:
                of_rest = {name: choices[at] for (name, choices), at in zip(REST.items(), rest)}
                yield given(**chosen, **of_rest, **next(ways))


def given(**parameters):
    """Parameters of a deployment, with those that others of them need."""
    needed = {"DatabaseUrl": DATABASE_URL}
    if parameters.get("SnapStart") == "on":
        needed["Release"] = "1"
    if parameters.get("DatabaseAuth") == "iam":
        needed |= {name: OTHERS[name] for name in ("DatabaseUser", "DatabaseResourceId")}
    if parameters.get("ApiAuth") == "github-oidc":
        needed |= {name: OTHERS[name] for name in ("GitHubAudience", "GitHubRepositoryIds", "GitHubRefs")}
    return {**needed, **parameters}


def refusals(template, parameters):
    """What CloudFormation says when it refuses the parameters by the section Rules."""
    evaluation = Evaluation(template, parameters)
    return [
        assertion["AssertDescription"]
        for rule in template.get("Rules", {}).values()
        if evaluation.holds(rule["RuleCondition"])
        for assertion in rule["Assertions"]
        if not evaluation.holds(assertion["Assert"])
    ]


def resolved(template, parameters, pseudo=PSEUDO):
    """The resources and outputs that are made. Only references to resources are left in them."""
    evaluation = Evaluation(template, parameters, pseudo)
    sections = {}
    for section in ("Resources", "Outputs"):
        sections[section] = {
            name: evaluation.resolve({key: value for key, value in entry.items() if key != "Condition"})
            for name, entry in template.get(section, {}).items()
            if "Condition" not in entry or evaluation.holds({"Condition": entry["Condition"]})
        }
    return sections


class Evaluation:
    """CloudFormation's intrinsic functions, as far as the template uses them; any other is refused."""

    def __init__(self, template, parameters, pseudo=PSEUDO):
        self.values = dict(pseudo)
        for name, parameter in template["Parameters"].items():
            if name not in parameters and "Default" not in parameter:
                raise KeyError(f"{name} has no value")
            self.values[name] = parameters.get(name, parameter.get("Default"))
        self.conditions = template.get("Conditions", {})

    def holds(self, condition):
        ((function, argument),) = condition.items()
        match function:
            case "Condition":
                return self.holds(self.conditions[argument])
            case "Fn::Equals":
                return str(self.resolve(argument[0])) == str(self.resolve(argument[1]))
            case "Fn::Not":
                return not self.holds(argument[0])
            case "Fn::And":
                return all(self.holds(each) for each in argument)
            case "Fn::Or":
                return any(self.holds(each) for each in argument)
        raise ValueError(f"a condition of {function}")

    def resolve(self, value):
        if isinstance(value, list):
            return [each for each in map(self.resolve, value) if each is not NOTHING]
        if not isinstance(value, dict):
            return value
        if len(value) == 1:
            ((name, argument),) = value.items()
            if name == "Ref" or name.startswith("Fn::"):
                return self.call(name, argument)
        members = {name: self.resolve(member) for name, member in value.items()}
        return {name: member for name, member in members.items() if member is not NOTHING}

    def call(self, name, argument):
        match name:
            case "Ref":
                return NOTHING if argument == "AWS::NoValue" else self.values.get(argument, {"Ref": argument})
            case "Fn::GetAtt":
                parts = argument if isinstance(argument, list) else argument.split(".", 1)
                return {"Fn::GetAtt": list(parts)}
            case "Fn::If":
                return self.resolve(argument[1] if self.holds({"Condition": argument[0]}) else argument[2])
            case "Fn::Sub":
                return self.substitute(*(argument if isinstance(argument, list) else [argument]))
            case "Fn::Join":
                parts = self.resolve(argument[1])
                return (
                    argument[0].join(parts) if all(isinstance(p, str) for p in parts) else {name: [argument[0], parts]}
                )
            case "Fn::Split":
                text = self.resolve(argument[1])
                return text.split(argument[0]) if isinstance(text, str) else {name: [argument[0], text]}
            case "Fn::Select":
                choice = self.resolve(argument[1])
                return choice[int(argument[0])] if isinstance(choice, list) else {name: [argument[0], choice]}
        raise ValueError(f"{name}")

    def substitute(self, text, variables=None):
        own = {name: self.resolve(value) for name, value in (variables or {}).items()}
        known = {**self.values, **{name: value for name, value in own.items() if isinstance(value, str)}}
        text = re.sub(
            r"\$\{([^}!]+)\}",
            lambda found: str(known[found[1]]) if found[1] in known else found[0],
            text,
        )
        left = {name: value for name, value in own.items() if not isinstance(value, str)}
        if left:
            return {"Fn::Sub": [text, left]}
        return {"Fn::Sub": text} if re.search(r"\$\{[^!}]", text) else text
