"""Whether what a program executes is watched, too: never, as the environment says, or always."""
import pytest

from command import command, run_plainly  # noqa: F401

WAYS = ["execve", "execv", "execvp", "execvpe", "execl", "execlp", "execle", "execveat", "fexecve", "posix_spawn",
        "posix_spawnp", "vfork"]


@pytest.fixture
def executed(run, build):
    """executed(way, follow): the variables that a program finds which is executed with one of its own."""
    def executed(way, follow, **more):
        ran = run([build("programs/cleans"), way, "/usr/bin/env"], {"follow": follow}, **more)
        assert ran.status == 0, ran
        return dict(line.split("=", 1) for line in ran.stdout.decode().splitlines())
    return executed


@pytest.mark.parametrize("way", WAYS)
def test_always_means_after_a_cleaning_too(way, executed, library):
    found = executed(way, "always")
    assert (found.pop("ONLY"), found.pop("LD_PRELOAD")) == ("this", str(library))
    assert "follow=always" in found.pop("POLLCHECK_OPTIONS") and found == {}


@pytest.mark.parametrize("follow", ["0", "1"])
@pytest.mark.parametrize("way", WAYS)
def test_else_the_programs_choice_stands(way, follow, executed):
    assert executed(way, follow) == {"ONLY": "this"}


@pytest.mark.parametrize("follow", ["1", "always"])
def test_an_environment_that_cannot_be_read_is_the_kernels_to_refuse(follow, run, build):
    assert run([build("programs/cleans"), "fault", "/usr/bin/env"], {"follow": follow}).status == 97


def test_what_was_executed_is_watched(command, build, tmp_path):
    misuse = build("rules/maxevents-invalid")
    for follow, status in ("1", 0), ("always", 9):
        ended = run_plainly(command, f"--follow={follow}", "--error-exitcode=9", "env", "-i", misuse)
        assert (ended.status, "[maxevents-invalid]" in ended.stderr) == (status, status == 9)


@pytest.mark.parametrize("options", [[], ["--audit"]])
def test_never_leaves_no_trace(options, command):
    ended = run_plainly(command, "--follow=0", *options, "sh", "-c", "env", env={"LD_PRELOAD": "", "KEPT": "1"})
    names = {line.split("=")[0] for line in ended.stdout.splitlines()}
    assert "KEPT" in names and not names & {"LD_PRELOAD", "LD_AUDIT", "POLLCHECK_OPTIONS"}


def test_never_leaves_the_preloads_of_others(command, build):
    other = str(build("tool/hello", "-shared", "-fPIC"))
    ended = run_plainly(command, "--follow=0", "sh", "-c", "echo $LD_PRELOAD", env={"LD_PRELOAD": other})
    assert ended.stdout == other + "\n"
