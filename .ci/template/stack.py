"""A deployment: a translated template of which one combination of parameters has been resolved."""

import translation


class Stack:
    def __init__(self, template, parameters):
        self.parameters = parameters
        sections = translation.resolved(template, parameters)
        self.resources = sections["Resources"]
        self.outputs = sections["Outputs"]
        self.template = template

    def of(self, *types):
        """The resources of these types: logical id and properties."""
        return [
            (name, resource.get("Properties", {}))
            for name, resource in self.resources.items()
            if resource["Type"] in types
        ]

    def properties(self, name):
        return self.resources.get(name, {}).get("Properties", {})

    def function(self, reference):
        """The function that a reference to it, to a version or to an alias of it means."""
        name = referred(reference)
        while name in self.resources and self.resources[name]["Type"] != "AWS::Lambda::Function":
            name = referred(self.properties(name).get("FunctionName"))
        return name

    def mappings(self):
        """Each event source mapping with the ids of its queue and its function."""
        for name, mapping in self.of("AWS::Lambda::EventSourceMapping"):
            yield name, mapping, referred(mapping["EventSourceArn"]), self.function(mapping["FunctionName"])


def referred(value):
    """The logical id of the resource that a Ref or Fn::GetAtt means."""
    if isinstance(value, dict) and len(value) == 1:
        if "Ref" in value:
            return value["Ref"]
        if "Fn::GetAtt" in value:
            return value["Fn::GetAtt"][0]
    return None


def each(value):
    return value if isinstance(value, list) else [value]
