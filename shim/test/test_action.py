"""The GitHub Action: its steps do what its inputs say. What runs it elsewhere is played by the test."""
import json
import os
import re
import subprocess

import pytest

from command import clean_environment, command, run_plainly  # noqa: F401
from conftest import ROOT

FOLDER = ROOT / ".github/actions/pollcheck"
ACTION = (FOLDER / "action.yml").read_text()


def inputs():
    section = ACTION.split("\ninputs:\n")[1].split("\noutputs:\n")[0]
    names = re.findall(r"^  (\w+):$", section, re.M)
    defaults = dict(re.findall(r"^  (\w+):\n    description:.*\n    default: '?([^'\n]*)'?$", section, re.M))
    assert set(names) - set(defaults) == {"command"}, "only the command is required"
    return defaults


def run_step(folder, **given):
    """The step that runs the command, with its environment as the file has it."""
    step = ACTION.split("- name: run the command")[1].split("- name:")[0]
    values = {**inputs(), **given}
    environ = {name: values[key] for name, key in re.findall(r"(\w+): \$\{\{ inputs\.(\w+) \}\}", step)}
    line = step.split("run: |\n")[1].strip()
    return run_plainly("bash", "-eo", "pipefail", "-c", line, cwd=folder,
                       env={**environ, "GITHUB_ACTION_PATH": str(FOLDER)})


@pytest.fixture
def faulty(command, build):
    if command.parent != ROOT / "build":
        pytest.skip("the action builds into build/, and this run is about another folder")
    return build("rules/maxevents-invalid")


def found_in(folder, name="pollcheck.sarif"):
    return [result["ruleId"] for run in json.loads((folder / name).read_text())["runs"] for result in run["results"]]


def test_what_is_found_fails_the_step_and_is_in_the_file(faulty, tmp_path):
    ended = run_step(tmp_path, command=f"true && {faulty}")
    assert ended.status == 99, ended
    assert "maxevents-invalid" in found_in(tmp_path)


def test_the_commands_own_failure_stays(faulty, tmp_path):
    ended = run_step(tmp_path, command="false | true; echo not reached")
    assert (ended.status, ended.stdout, found_in(tmp_path)) == (1, "", [])


def test_inputs_reach_the_command(faulty, tmp_path):
    ended = run_step(tmp_path, command=str(faulty), fail="7", sarif="other.sarif",
                     options="--level=error --color=always")
    assert (ended.status, "\x1b[" in ended.stderr) == (7, True)
    assert "maxevents-invalid" in found_in(tmp_path, "other.sarif")


def test_the_file_is_yaml_that_names_what_exists():
    assert (FOLDER / "run").stat().st_mode & 0o111
    used = set(re.findall(r"inputs\.(\w+)", ACTION))
    assert used == {*inputs(), "command"}
    subprocess.run(["bash", "-n", FOLDER / "run"], check=True)


def test_it_builds_from_its_own_folder(command):
    environ = clean_environment(GITHUB_ACTION_PATH=str(FOLDER))
    assert subprocess.run([FOLDER / "run", "build"], env=environ, capture_output=True).returncode == 0
    assert os.access(ROOT / "build/pollcheck", os.X_OK)
