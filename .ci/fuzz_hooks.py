"""What .ci/fuzz adds to Schemathesis: two more paths, bodies of bytes, the document's word on every answer, a count."""

import atexit
import collections
import json
import os
import pathlib
import threading

import jsonschema_rs
import schemathesis
import yaml
from hypothesis import strategies as st
from schemathesis.specs.openapi.checks import negative_data_rejection, positive_data_acceptance

DOCUMENT = yaml.safe_load((pathlib.Path(__file__).parent.parent / "docs/openapi.yaml").read_text())
BYTES = "application/bytes+json"
REQUEST = b'{"command":"migrate","target":"latest","placeholders":{"a":"b"},"requestedBy":"\xc3\xa4"}'

# What no value makes, once written as JSON: no UTF-8, broken JSON, too large, none at all.
schemathesis.openapi.media_type(
    BYTES,
    st.one_of(
        st.binary(),
        st.text().map(lambda text: text.encode("utf-8", "replace")),
        st.builds(lambda at, more: REQUEST[:at] + more + REQUEST[at:], st.integers(0, len(REQUEST)), st.binary()),
        st.builds(lambda at: REQUEST[:at], st.integers(0, len(REQUEST))),
        st.integers(65530, 65545).map(lambda size: b" " * (size - 2) + b"{}"),
        st.integers(1, 30000).map(lambda depth: b'{"target":' + b"[" * depth),
    ),
)

validators = {}
answers = collections.Counter()
lock = threading.Lock()


@schemathesis.hook
def before_load_schema(context, raw_schema):
    # The local run checks no signature, so that a request without one is as good as one with it.
    raw_schema.pop("security")
    for path in raw_schema["paths"].values():
        for operation in path.values():
            operation.pop("security", None)
    # The document describes the answers of all other paths; Schemathesis asks only for paths that are listed.
    other = {"name": "other", "in": "path", "required": True, "schema": {"type": "string", "minLength": 1}}
    process = {"$ref": "#/components/parameters/ProcessId"}
    others = {"/{other}": [other], "/db-migrate/{processId}/cancel/{other}": [process, other]}
    for path, parameters in others.items():
        answered = {"responses": raw_schema["x-other-paths"]}
        raw_schema["paths"][path] = {"parameters": parameters, "get": dict(answered), "post": dict(answered)}
    # And those of bodies that are no JSON, also where no body is expected.
    for path in raw_schema["paths"].values():
        for method in path.keys() & {"get", "post"}:
            path[method].setdefault("requestBody", {"required": False, "content": {}})["content"][BYTES] = {"schema": {}}
    raw_schema["paths"]["/db-migrate"]["post"]["requestBody"]["content"]["text/plain"] = {"schema": {"type": "string"}}


@schemathesis.hook
def after_call(context, case, response):
    with lock:
        answers[f"{case.method} {case.path}", f"{response.status_code} {code(response)}".strip()] += 1


@atexit.register
def report():
    rows = [[*key, count] for key, count in answers.items()]
    pathlib.Path(os.environ["FUZZ_ANSWERS"]).write_text(json.dumps(rows))


def code(response):
    """The problem's; empty where the answer is none."""
    try:
        return response.json().get("code", "")
    except (ValueError, AttributeError):
        return ""


def resolved(node):
    while "$ref" in node:
        target = DOCUMENT
        for key in node["$ref"].removeprefix("#/").split("/"):
            target = target[key]
        node = target
    return node


@schemathesis.check
def only_deliberate_server_errors(ctx, response, case):
    """In place of not_a_server_error: 503 with a problem is the answer for a database or queue that cannot be had."""
    if response.status_code >= 500:
        codes = DOCUMENT["components"]["schemas"]["UnavailableCode"]["enum"]
        if response.status_code != 503 or code(response) not in codes:
            raise AssertionError(f"{response.status_code} is not deliberate: {response.text}")


@schemathesis.check
def every_answer_is_described(ctx, response, case):
    """Schemathesis also sends methods and content types that are not listed, but lets any answer to them pass."""
    path = DOCUMENT["paths"].get(case.path)
    if path is None:
        responses = DOCUMENT["x-other-paths"]
    elif case.method.lower() in path:
        responses = path[case.method.lower()]["responses"]
    else:
        responses = DOCUMENT["x-other-methods"]
    described = responses.get(str(response.status_code))
    if described is None:
        raise AssertionError(f"{response.status_code} is not described here, only {', '.join(responses)}")
    described = resolved(described)
    for name, header in described.get("headers", {}).items():
        header = resolved(header)
        values = response.headers.get(name.lower(), [])
        if not values and header.get("required"):
            raise AssertionError(f"no header {name}")
        for value in values:
            if "pattern" in header["schema"] or "const" in header["schema"]:
                jsonschema_rs.validate(header["schema"], value)
    if case.method.upper() == "HEAD":
        return
    media_type = response.headers.get("content-type", [""])[0].split(";")[0]
    if media_type not in described["content"]:
        raise AssertionError(f"the content type {media_type} is not described")
    key = id(described), media_type
    if key not in validators:
        schema = {"components": DOCUMENT["components"], **described["content"][media_type]["schema"]}
        validators[key] = jsonschema_rs.Draft202012Validator(schema)
    validators[key].validate(response.json())


@schemathesis.check
def positive_data_is_accepted(ctx, response, case):
    """In place of positive_data_acceptance, which knows neither of other bodies nor of keys that came with another."""
    if case.media_type not in (BYTES, "text/plain") and code(response) != "IDEMPOTENCY_KEY_REUSED" and not too_long(case):
        positive_data_acceptance(ctx, response, case)


def too_long(case):
    """A database's name has 63 bytes at the most; a JSON Schema counts characters."""
    database = case.body.get("database") if isinstance(case.body, dict) else None
    return isinstance(database, str) and len(database.encode("utf-8", "surrogatepass")) > 63


@schemathesis.check
def negative_data_is_rejected(ctx, response, case):
    """In place of negative_data_rejection, to which 413 is no refusal."""
    # The JDK's HTTP server makes a space of a tab in a header: the function sees an Idempotency-Key that is good.
    tab = any("\t" in str(value) for value in (case.headers or {}).values())
    if response.status_code != 413 and not tab:
        negative_data_rejection(ctx, response, case)
