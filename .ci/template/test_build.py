"""What sam makes of a checkout whose packages "mvn package" has built."""

import hashlib
import os
import pathlib
import re
import subprocess
import sys
import tomllib

import pytest
import translation
from samcli.cli.types import CfnParameterOverridesType
from samtranslator.yaml_helper import yaml_parse

PROGRAMS = pathlib.Path(sys.executable).parent
PACKAGES = {
    "RouterFunction": ("CodeUri", "router/target/router.zip"),
    "ApiKeyAuthorizerFunction": ("CodeUri", "router/target/router.zip"),
    "WorkerFunction": ("CodeUri", "worker/target/worker.zip"),
    "DeadLetterFunction": ("CodeUri", "worker/target/worker.zip"),
    "CredentialsFunction": ("CodeUri", "credentials/target/credentials.zip"),
    "RotationFunction": ("CodeUri", "credentials/target/credentials.zip"),
    "MigrationsLayer": ("ContentUri", "worker/target/migrations.zip"),
}


def run(*command):
    environment = {**os.environ, "SAM_CLI_TELEMETRY": "0", "AWS_DEFAULT_REGION": "us-east-1"}
    done = subprocess.run(command, cwd=translation.PROJECT, env=environment, text=True, capture_output=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_sam_finds_the_template_valid():
    assert "is a valid SAM Template" in run(PROGRAMS / "sam", "validate", "--lint", "--template", "template.yaml")


def test_cfn_lint_finds_nothing_with_its_optional_rules():
    # A region of each partition, and no exception.
    regions = ("us-east-1", "eu-central-1", "cn-north-1", "us-gov-west-1")
    assert run(PROGRAMS / "cfn-lint", "--include-checks", "I", "--regions", *regions, "--", "template.yaml") == ""


def test_rules_of_the_documents_reach_cloudformation_whole():
    """SAM takes of a value what stands before its first blank, unless quotation marks are around it."""
    text = (translation.PROJECT / "docs/deploy.md").read_text()
    blocks = re.findall(r"^```toml\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    given = [tomllib.loads(f"p = [{block}]")["p"] for block in blocks if "Permissions=" in block]
    assert len(given) == 3
    form = translation.source()["Parameters"]["Permissions"]["AllowedPattern"]
    for parameters in given:
        (rules,) = [text.removeprefix("Permissions=") for text in parameters if text.startswith("Permissions=")]
        assert re.fullmatch(form, rules.strip('"'))
        assert CfnParameterOverridesType().convert(parameters, None, None)["Permissions"] == rules.strip('"')


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    folder = tmp_path_factory.mktemp("built")
    run(PROGRAMS / "sam", "build", "--template", "template.yaml", "--build-dir", folder)
    return folder


@pytest.mark.parametrize("resource", PACKAGES)
def test_built_template_points_at_the_bytes_of_the_package(built, resource):
    name, package = PACKAGES[resource]
    properties = yaml_parse((built / "template.yaml").read_text())["Resources"][resource]["Properties"]
    assert digest(built / properties[name]) == digest(translation.PROJECT / package)


def test_built_template_differs_in_nothing_but_where_the_packages_are(built):
    made = yaml_parse((built / "template.yaml").read_text())
    for resource, (name, package) in PACKAGES.items():
        made["Resources"][resource]["Properties"][name] = package
        metadata = made["Resources"][resource].pop("Metadata", {})
        assert set(metadata) <= {"SamResourceId"}
    for resource in made["Resources"].values():
        resource.pop("Metadata", None)
    assert made == translation.source()


def digest(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()
