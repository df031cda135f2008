"""What the tests of SARIF documents share: each is valid by the published schema."""
import json

import jsonschema
import pytest

from conftest import BUILD, ROOT, make

MISUSES, GHOST, EOF = "programs/misuses", "rules/ghost-registration", "rules/eof-not-handled"


@pytest.fixture(scope="session")
def valid():
    """Checks a document against the schema, formats (uri, date-time) included."""
    make(BUILD / "sarif-schema.json")
    schema = json.loads((BUILD / "sarif-schema.json").read_text())
    return jsonschema.Draft4Validator(schema, format_checker=jsonschema.FormatChecker()).validate


@pytest.fixture
def sarif(pollcheck, tmp_path, valid):
    """sarif(program, words, options=[...]): the only run of a valid document."""
    def run(program, *words, options=(), **popen):
        file = tmp_path / "found.sarif"
        popen = {"cwd": ROOT} | popen
        pollcheck(f"--sarif={file}", "--report=/dev/null", *options, program, *words, **popen)
        document = json.loads(file.read_text())
        valid(document)
        one, = document["runs"]
        return one
    return run


def rules_of(run):
    return run["tool"]["driver"]["rules"]
