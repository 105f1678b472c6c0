"""A deployment: the template translated, and resolved for one combination of parameters."""

import json
import re

import translation

# Where nobody who writes a constant would think of.
NAME, REGION, ACCOUNT, PARTITION = "stage", "us-gov-west-1", "210987654321", "aws-us-gov"
STACK_ID = f"arn:{PARTITION}:cloudformation:{REGION}:{ACCOUNT}:stack/{NAME}/1c2fa620-982a-11e3-aff7-50e2416294e0"
PSEUDO = {
    "AWS::AccountId": ACCOUNT,
    "AWS::Partition": PARTITION,
    "AWS::Region": REGION,
    "AWS::StackId": STACK_ID,
    "AWS::StackName": NAME,
    "AWS::URLSuffix": "amazonaws.com",
}


class Stack:
    def __init__(self, source, parameters):
        self.source = source
        # Those that were not given have their defaults.
        defaults = {name: parameter.get("Default") for name, parameter in source["Parameters"].items()}
        self.parameters = {**defaults, **parameters}
        sections = translation.resolved(translation.translated(source, parameters), parameters, PSEUDO)
        self.resources = sections["Resources"]
        self.outputs = sections["Outputs"]

    def of(self, *types):
        """The resources of these types: logical id and properties."""
        return [
            (name, resource.get("Properties", {}))
            for name, resource in self.resources.items()
            if resource["Type"] in types
        ]

    def properties(self, name):
        return self.resources.get(name, {}).get("Properties", {})

    def secret(self):
        """The ARN of the secret with user and password: a parameter, or what the custom resource answers; None for none."""
        if self.parameters["AutoCreateCredentials"] == "true":
            return {"Fn::GetAtt": ["DatabaseCredentials", "SecretArn"]}
        return self.parameters["DatabaseSecretArn"] or None

    def function(self, reference):
        """The function that a reference to it, to a version or to an alias of it means."""
        name = referred(reference)
        while name in self.resources and self.resources[name]["Type"] != "AWS::Lambda::Function":
            name = referred(self.properties(name).get("FunctionName"))
        return name

    def mappings(self):
        """Each event source mapping with the ids of its queue and its function."""
        for name, mapping in self.of("AWS::Lambda::EventSourceMapping"):
            yield name, mapping, referred(mapping.get("EventSourceArn")), self.function(mapping.get("FunctionName"))


def referred(value):
    """The logical id of the resource that a Ref or Fn::GetAtt means."""
    if isinstance(value, dict) and len(value) == 1:
        if "Ref" in value:
            return value["Ref"]
        if "Fn::GetAtt" in value:
            return value["Fn::GetAtt"][0]
    return None


def arn(name):
    return {"Fn::GetAtt": [name, "Arn"]}


def plain(name):
    """A logical id without the hash that SAM puts behind a version's and a layer's."""
    return re.sub(r"(Version|Layer)[0-9a-f]{10}$", r"\1", name)


def is_json_object(text):
    try:
        return isinstance(json.loads(text), dict)
    except ValueError:
        return False


def each(value):
    return value if isinstance(value, list) else [value]


def differences(name, made, wanted):
    """A sentence for each member of a map that is not as it is wanted."""
    for member in sorted(made.keys() | wanted.keys()):
        if made.get(member) != wanted.get(member):
            yield f"{name} has {member} {made.get(member)}, and {wanted.get(member)} is wanted"
