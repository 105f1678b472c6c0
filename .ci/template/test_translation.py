"""SAM translates template.yaml for every combination of its conditions, and what comes out is what CloudFormation takes."""

import copy
import json
import re

import pytest
import translation
from cfnlint.api import ManualArgs, lint
from mutations import CREATED, EVERYTHING, KEYS, NETWORK, NOTHING, OF_INSTANCE, ROTATED, TOKEN, WORKFLOWS, prop


# Names that Fn::Sub is given beside its text.
OWN_NAMES = {"AuthorizerWidgets", "Caller", "CredentialsWidgets", "Function", "Name", "Proof", "RotationWidgets"}


def versions(template, parameters):
    made = translation.translated(template, parameters)["Resources"]
    return {name for name, resource in made.items() if resource["Type"] == "AWS::Lambda::Version"}


def references(value):
    """The logical ids that an expression means."""
    if isinstance(value, dict):
        for name, argument in value.items():
            if name == "Ref":
                yield argument
            elif name == "Fn::GetAtt":
                yield argument[0]
            elif name == "Fn::Sub":
                yield from (
                    part.split("}")[0].split(".")[0]
                    for part in (argument if isinstance(argument, str) else argument[0]).split("${")[1:]
                )
            yield from references(argument)
    elif isinstance(value, list):
        for each in value:
            yield from references(each)


def test_every_combination_refers_only_to_what_it_makes():
    template = translation.source()
    dangling = []
    combinations = 0
    for parameters in translation.combinations():
        combinations += 1
        sections = translation.resolved(translation.translated(template, parameters), parameters)
        for name, entry in {**sections["Resources"], **sections["Outputs"]}.items():
            for referred in references(entry):
                if referred not in sections["Resources"] and referred not in OWN_NAMES:
                    dangling.append(f"{name} refers to {referred} with {parameters}")
    assert dangling == []
    assert combinations == 658


def each_alone_and_all_but_each():
    """cfn-lint takes two seconds for one of them, and few resources depend on more than one condition."""
    template = translation.source()
    bases = {"none": NOTHING, "all": ROTATED, "all, created": CREATED}
    by_iam = {**ROTATED, "ApiAuth": "iam", "ApiKeySecretArn": ""}
    others = {"instance": OF_INSTANCE, "token": TOKEN, "keys": KEYS, "workflows": WORKFLOWS, "all, by IAM": by_iam}
    yield from (pytest.param(p, id=name) for name, p in {**bases, **others}.items())
    for kind, base in bases.items():
        for changed, choices in translation.CHOICES.items():
            (other, *_) = [choice for choice in choices if choice != base.get(changed, choices[0])]
            parameters = translation.given(**{**base, changed: other})
            if not translation.refusals(template, parameters):
                yield pytest.param(parameters, id=f"{kind} but {changed}")


@pytest.mark.parametrize("parameters", list(each_alone_and_all_but_each()))
def test_what_is_made_passes_cfn_lint(parameters):
    sections = translation.resolved(translation.translated(translation.source(), parameters), parameters)
    made = {"AWSTemplateFormatVersion": "2010-09-09", **sections}
    # I3042: the partition is a pseudo parameter in template.yaml, and has its value here. I2530 recommends SnapStart, which
    # is a parameter: a snapshot goes after 14 days without a call, and a database may well not be migrated for as long.
    options = ManualArgs(include_checks=["I"], ignore_checks=["I3042", "I2530"], regions=["eu-central-1", "us-east-1"])
    assert [f"{match.rule.id} {match.message}" for match in lint(json.dumps(made), config=options)] == []


@pytest.mark.parametrize(
    "parameters, sentence",
    [
        (
            {"SubnetIds": NETWORK["SubnetIds"]},
            "SubnetIds without SecurityGroupIds needs VpcId, for the security group that this stack makes",
        ),
        ({"VpcId": NETWORK["VpcId"]}, "VpcId without SubnetIds puts the functions into no VPC"),
        ({"SecurityGroupIds": "sg-01234567"}, "SecurityGroupIds without SubnetIds puts the functions into no VPC"),
        (
            {"ClusterSecurityGroupId": "sg-01234567"},
            "ClusterSecurityGroupId without SubnetIds would admit nobody to the database",
        ),
        (
            {"VpcId": NETWORK["VpcId"], "CreateVpcEndpoints": "true"},
            "CreateVpcEndpoints needs SubnetIds, where the endpoints are to stand",
        ),
        (
            {"SubnetIds": NETWORK["SubnetIds"], "SecurityGroupIds": "sg-01234567", "CreateVpcEndpoints": "true"},
            "CreateVpcEndpoints needs VpcId",
        ),
        (
            {"SnapStart": "on", "Release": ""},
            "SnapStart needs Release, another one at each deployment, or changed parameters stay without effect",
        ),
        ({"DatabaseUrl": ""}, "DatabaseUrl may be empty with AutoCreateCredentials alone"),
        (
            {"DatabaseClusterIdentifier": "app"},
            "DatabaseClusterIdentifier without AutoCreateCredentials sets nobody's password",
        ),
        (
            {"DatabaseInstanceIdentifier": "app"},
            "DatabaseInstanceIdentifier without AutoCreateCredentials sets nobody's password",
        ),
        (
            {**NETWORK, "S3RouteTableIds": "rtb-01234567"},
            "S3RouteTableIds without AutoCreateCredentials leads to an endpoint that nobody needs",
        ),
        (
            {"AutoCreateCredentials": "true"},
            "AutoCreateCredentials needs DatabaseClusterIdentifier or DatabaseInstanceIdentifier",
        ),
        (
            {**CREATED, "DatabaseInstanceIdentifier": "app"},
            "DatabaseClusterIdentifier and DatabaseInstanceIdentifier name two databases, and one secret is made",
        ),
        (
            {**CREATED, "DatabaseSecretArn": translation.SECRET},
            "AutoCreateCredentials makes a secret, and DatabaseSecretArn names another",
        ),
        (
            {**CREATED, "DatabaseAuth": "iam"},
            "AutoCreateCredentials makes a password, which DatabaseAuth=iam does not use",
        ),
        ({"DatabaseName": "app"}, "DatabaseName counts without DatabaseUrl alone, which names the database itself"),
        (
            {**TOKEN, "DatabaseResourceId": ""},
            "DatabaseAuth=iam needs DatabaseResourceId, for the one permission to connect",
        ),
        ({**TOKEN, "DatabaseUser": ""}, "DatabaseAuth=iam needs DatabaseUser, for the one permission to connect"),
        (
            {**TOKEN, "DatabaseSecretArn": translation.SECRET},
            "DatabaseAuth=iam needs no password, and DatabaseSecretArn holds one",
        ),
        ({"DatabaseResourceId": "db-A"}, "DatabaseResourceId without DatabaseAuth=iam permits nothing"),
        (
            {"DatabaseUser": "app"},
            "DatabaseUser without DatabaseAuth=iam permits nothing; a user stands in DatabaseUrl or the secret",
        ),
        ({"RotationDays": 30}, "RotationDays needs a secret, by DatabaseSecretArn or AutoCreateCredentials"),
        ({**TOKEN, "RotationDays": 30}, "RotationDays needs a secret, by DatabaseSecretArn or AutoCreateCredentials"),
        (
            {**EVERYTHING, "RotationMasterSecretArn": translation.MASTER_SECRET},
            "RotationMasterSecretArn without RotationDays is read by nobody",
        ),
        (
            {**CREATED, "RotationMasterSecretArn": translation.MASTER_SECRET},
            "RotationMasterSecretArn is for another's password; AutoCreateCredentials makes the master user's, who changes"
            " his own",
        ),
        (
            {**ROTATED, "RotationMasterSecretArn": translation.SECRET},
            "RotationMasterSecretArn is the secret that is rotated; leave it empty for a user who changes his own password",
        ),
        (
            {**CREATED, "CreateVpcEndpoints": "false"},
            "S3RouteTableIds needs CreateVpcEndpoints",
        ),
        ({**WORKFLOWS, "GitHubAudience": ""}, "ApiAuth=github-oidc needs GitHubAudience, whom the tokens are for"),
        (
            {**WORKFLOWS, "GitHubAudience": "sts.amazonaws.com"},
            "GitHubAudience is that of AWS's roles, which a token that is sent here could then take",
        ),
        (
            {**WORKFLOWS, "GitHubRepositoryIds": ""},
            "ApiAuth=github-oidc needs GitHubRepositoryIds, or every repository of GitHub could call",
        ),
        (
            {**WORKFLOWS, "GitHubRefs": ""},
            "ApiAuth=github-oidc needs GitHubRefs, or whoever opens a pull request could call",
        ),
        ({"GitHubAudience": "https://a"}, "GitHubAudience without ApiAuth=github-oidc is asked for by nobody"),
        ({**KEYS, "GitHubRepositoryIds": "1"}, "GitHubRepositoryIds without ApiAuth=github-oidc lets nobody in"),
        ({"GitHubRefs": "refs/heads/main"}, "GitHubRefs without ApiAuth=github-oidc lets nobody in"),
        ({**KEYS, "GitHubEnvironments": "a"}, "GitHubEnvironments without ApiAuth=github-oidc keeps nobody out"),
        ({**KEYS, "ApiKeySecretArn": ""}, "ApiAuth=api-key needs ApiKeySecretArn, the secret with the keys"),
        (
            {**EVERYTHING, "ApiKeySecretArn": translation.SECRET},
            "ApiKeySecretArn is the database's secret, whose password would be a key",
        ),
        (
            {**ROTATED, "ApiKeySecretArn": translation.MASTER_SECRET},
            "ApiKeySecretArn is the secret of RotationMasterSecretArn, whose password would be a key",
        ),
        ({"ApiKeySecretArn": translation.KEYS_SECRET}, "ApiKeySecretArn without ApiAuth=api-key is read by nobody"),
        (
            {**WORKFLOWS, "ApiKeySecretArn": translation.KEYS_SECRET},
            "ApiKeySecretArn without ApiAuth=api-key is read by nobody",
        ),
    ],
)
def test_parameters_that_do_not_go_together_are_refused(parameters, sentence):
    assert sentence in translation.refusals(translation.source(), translation.given() | parameters)


def test_rules_reach_cloudformation():
    template = translation.source()
    assert translation.translated(template, NOTHING)["Rules"] == template["Rules"]


def test_what_goes_together_is_not_refused():
    for parameters in (
        NOTHING,
        EVERYTHING,
        CREATED,
        {**CREATED, "DatabaseName": "app"},
        OF_INSTANCE,
        ROTATED,
        TOKEN,
        KEYS,
        WORKFLOWS,
        {**WORKFLOWS, "GitHubEnvironments": "production"},
        translation.given(SubnetIds=NETWORK["SubnetIds"], SecurityGroupIds="sg-01234567"),
    ):
        assert translation.refusals(translation.source(), parameters) == []


@pytest.mark.parametrize(
    "parameter, taken, refused",
    [
        ("DatabaseSecretArn", "arn:aws:secretsmanager:eu-central-1:123456789012:secret:rds!cluster-0a1b-AbCdEf", "app"),
        ("RotationMasterSecretArn", translation.MASTER_SECRET, "master"),
        ("ApiKeySecretArn", translation.KEYS_SECRET, "keys"),
        ("GitHubAudience", "https://migrations.example", "https://a.example,https://b.example"),
        ("GitHubAudience", "urn:x-db-migrate:staging", "$(id)"),
        ("GitHubRepositoryIds", "731204,99", "731204, 99"),
        ("GitHubRepositoryIds", "731204", "octo-org/octo-repo"),
        ("GitHubRepositoryIds", "9" * 19, "0731204"),
        ("GitHubRefs", "refs/heads/main,refs/tags/v*", "refs/heads/main, refs/tags/v*"),
        ("GitHubRefs", "refs/pull/*", "main"),
        ("GitHubRefs", "refs/heads/release/*", "*"),
        ("GitHubEnvironments", "production,the other one", "*"),
        ("GitHubEnvironments", "production", "production,,staging"),
        ("GitHubEnvironments", "production, staging", "production, "),
        ("GitHubEnvironments", " production ", " "),
        ("GitHubEnvironments", "a b", " , "),
        ("Permissions", "*: *", "*:*"),
        ("Permissions", "key:ci-*: migrate, info on app, tenant_*; key:dba: *, repair;", "migrate, info on app"),
        ("Permissions", "arn:aws:sts::123456789012:assumed-role/deploy: *", "arn:aws:sts::123456789012:assumed-role/deploy"),
        ("Permissions", "repo:99:ref:refs/heads/main:environment:production: *", "two words: migrate"),
        ("Permissions", "*: read;key:ci: migrate", "*: read;;"),
        # A semicolon that was forgotten.
        ("Permissions", "key:a: migrate on app; key:b: *", "key:a: migrate on app key:b: *"),
        ("Permissions", "key:a: migrate on a:b, c d; key:b: *", "key:a: migrate on a:b, c d key:b: *"),
        ("Permissions", "key:a: read; key:b: * on x", "key:a: read; key:b: * on x key:c: *; key:d: *"),
        # What SAM makes of a rule without quotation marks.
        ("Permissions", "*: read", "*:"),
        ("DatabaseUser", "db_migrate", "*"),
        ("DatabaseResourceId", "cluster-ABCDEFGHIJKL01234", "cluster-*"),
        ("DatabaseResourceId", "db-ABCDEFGHIJKL01234", "prx-ABCDEFGHIJKL01234"),
        ("DatabaseClusterIdentifier", "app-1", "App"),
        ("DatabaseInstanceIdentifier", "app-1", "app--1"),
        ("S3RouteTableIds", "rtb-01234567,rtb-0123456789abcdef0", "rtb-01234567, rtb-0123456789abcdef0"),
        ("VpcId", "vpc-01234567", "vpc-0123,vpc-4567"),
        ("SubnetIds", "subnet-01234567,subnet-0123456789abcdef0", "subnet-01234567, subnet-0123456789abcdef0"),
        ("SecurityGroupIds", "sg-01234567,sg-0123456789abcdef0", "default"),
        ("ClusterSecurityGroupId", "sg-01234567", "sg-01234567,sg-0123456789abcdef0"),
        ("KmsKeyArn", "arn:aws-us-gov:kms:us-gov-west-1:123456789012:key/mrk-0123456789abcdef", "alias/app"),
        ("AlarmTopicArn", "arn:aws-cn:sns:cn-north-1:123456789012:on-call", "on-call"),
    ],
)
def test_wrong_form_of_a_parameter_is_refused(parameter, taken, refused):
    described = translation.source()["Parameters"][parameter]
    for value, matches in ((taken, True), ("", True), (refused, False), (taken + "\n", False)):
        assert (re.fullmatch(described["AllowedPattern"], value) is not None) == matches
    assert described["ConstraintDescription"].startswith("must be")


@pytest.mark.parametrize("function", ["RouterFunction", "ApiKeyAuthorizerFunction", "WorkerFunction"])
def test_new_code_is_a_new_version(function):
    template = translation.source()
    changed = copy.deepcopy(template)
    prop(f"{function}/CodeUri", "s3://packages/changed.zip")(changed)
    assert len(versions(template, EVERYTHING) - versions(changed, EVERYTHING)) == 1


def test_new_sql_is_a_new_version_of_the_worker():
    template = translation.source()
    changed = copy.deepcopy(template)
    prop("MigrationsLayer/ContentUri", "s3://packages/changed.zip")(changed)
    gone = versions(template, EVERYTHING) - versions(changed, EVERYTHING)
    assert [name.startswith("WorkerFunctionVersion") for name in gone] == [True]


def test_release_replaces_a_version_and_gives_it_something_new_to_publish():
    """CloudFormation makes another version where the description differs, and Lambda only where the function does, too."""
    made = [
        translation.resolved(translation.translated(translation.source(), p), p)["Resources"]
        for p in (EVERYTHING, EVERYTHING | {"Release": "2"})
    ]
    for name, resource in made[0].items():
        if resource["Type"] == "AWS::Lambda::Version":
            function = resource["Properties"]["FunctionName"]["Ref"]
            for one_of in (name, function):
                assert [m[one_of]["Properties"]["Description"] for m in made] == ["1", "2"]
