"""The policy holds for every combination of the template's conditions, and each of its rules can fail."""

import copy

import policy
import pytest
import translation
from mutations import MUTATIONS
from stack import Stack


def findings(template, parameters):
    stack = Stack(translation.translated(template, parameters), parameters)
    return {rule.__name__: list(rule(stack)) for rule in policy.RULES}


def test_policy_holds_for_every_combination():
    template = translation.source()
    broken = []
    for parameters in translation.combinations():
        for rule, found in findings(template, parameters).items():
            broken += [f"{rule}: {sentence} {parameters}" for sentence in found]
    assert broken == []


def test_parameters_of_all_conditions_are_chosen_both_ways():
    template = translation.source()

    def parameters(value):
        if isinstance(value, list):
            return set().union(*map(parameters, value))
        if isinstance(value, dict):
            if "Ref" in value:
                return {value["Ref"]}
            return set().union(*map(parameters, value.values()))
        return set()

    assert parameters(template["Conditions"]) == set(translation.CHOICES)
    assert all(len(set(choices)) == 2 for choices in translation.CHOICES.values())


@pytest.mark.parametrize("rule, name, change, parameters", MUTATIONS, ids=[f"{m[0]}: {m[1]}" for m in MUTATIONS])
def test_broken_template_is_found(rule, name, change, parameters):
    template = copy.deepcopy(translation.source())
    template["Conditions"]["TellsNobody"] = {"Fn::Equals": ["a", "b"]}
    change(template)
    assert findings(template, parameters)[rule] != []


def test_every_rule_is_broken_by_a_mutation():
    assert {mutation[0] for mutation in MUTATIONS} == {rule.__name__ for rule in policy.RULES}
