"""The policy holds for every combination of the template's conditions, and each of its rules can fail."""

import copy
import itertools

import policy
import pytest
import translation
from mutations import CREATED, KEYS, MUTATIONS, NOTHING, OF_INSTANCE, ROTATED, TOKEN, WORKFLOWS
from samtranslator.model.exceptions import InvalidDocumentException
from stack import Stack

RULES = {rule.__name__: rule for rule in policy.RULES}


def deployed(template, parameters):
    return Stack(template, {**parameters, **translation.OTHERS})


def test_policy_holds_for_every_combination():
    template = translation.source()
    broken = []
    for parameters in translation.combinations():
        stack = deployed(template, parameters)
        for name, rule in RULES.items():
            broken += [f"{name}: {sentence} {parameters}" for sentence in rule(stack)]
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
    for name, choices in translation.CHOICES.items():
        # All of them where the template says which there are.
        assert len(set(choices)) == len(template["Parameters"][name].get("AllowedValues", ("", "any"))), name


def test_each_two_choices_meet_in_a_combination():
    """All that the rules let through do: what is left out are only those of three and more."""
    met, possible = set(), set()
    for parameters in translation.combinations():
        chosen = [(name, parameters[name]) for name in translation.CHOICES]
        met |= set(itertools.combinations(chosen, 2))
    template = translation.source()
    bases = (NOTHING, ROTATED, CREATED, OF_INSTANCE, TOKEN, KEYS, WORKFLOWS)
    for base, (one, other) in itertools.product(bases, itertools.combinations(translation.CHOICES, 2)):
        for values in itertools.product(translation.CHOICES[one], translation.CHOICES[other]):
            changed = dict(zip((one, other), values))
            parameters = translation.given(**{name: base.get(name, c[0]) for name, c in translation.CHOICES.items()} | changed)
            if not translation.refusals(template, parameters):
                chosen = [(name, parameters[name]) for name in translation.CHOICES]
                possible |= set(itertools.combinations(chosen, 2))
    assert possible - met == set()


def test_every_other_parameter_has_a_value_that_is_not_its_default():
    parameters = translation.source()["Parameters"]
    assert {*translation.CHOICES, *translation.OTHERS} == set(parameters)
    for name, value in translation.OTHERS.items():
        assert str(value) != str(parameters[name]["Default"]), name


@pytest.mark.parametrize("rule, name, change, parameters", MUTATIONS, ids=[f"{m[0]}: {m[1]}" for m in MUTATIONS])
def test_broken_template_is_found(rule, name, change, parameters):
    template = copy.deepcopy(translation.source())
    template["Conditions"]["TellsNobody"] = {"Fn::Equals": ["a", "b"]}
    change(template)
    assert list(RULES[rule](deployed(template, parameters))) != []


def test_no_property_is_removed_unseen():
    template = translation.source()
    unseen = set()
    for name, resource in template["Resources"].items():
        for property_ in resource["Properties"]:
            broken = copy.deepcopy(template)
            del broken["Resources"][name]["Properties"][property_]
            if not any(is_found(broken, parameters) for parameters in (NOTHING, ROTATED, CREATED)):
                unseen.add(property_)
    # Words for whoever looks at the resource.
    assert unseen == {"Description", "GroupDescription"}


def is_found(template, parameters):
    try:
        stack = deployed(template, parameters)
    except InvalidDocumentException:
        return True  # by SAM
    return any(found for rule in policy.RULES for found in rule(stack))


def test_every_rule_is_broken_by_a_mutation():
    assert {mutation[0] for mutation in MUTATIONS} == set(RULES)
