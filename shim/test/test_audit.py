"""LD_AUDIT: callers that a preload does not reach are seen, and none of them can tell."""
import re
import shutil

import pytest

from command import clean_environment, command, run_plainly  # noqa: F401
from conftest import BUILD, make
from test_hostile import CASES, LIBRARY

HIDDEN = ["deepbind", "namespace"]


@pytest.fixture(scope="session")
def auditor(library):
    make(BUILD / "libpollcheck-audit.so")
    return {"LD_AUDIT": str(library.parent / "libpollcheck-audit.so")}


def calls(text):
    return re.findall(r" (\w+)\(", text)


@pytest.fixture
def audited(run, auditor, tmp_path):
    """audited(argv): the run under preload and auditor, which must end as it does alone, and the calls it logged;
    with preload_only, those it logs without the auditor."""
    def run_both(*argv, preload_only=False, options=None, **more):
        alone = run(argv, preload=False, **more)
        log = tmp_path / "log"
        log.write_text("")
        watched = run(argv, {"log": "text", "log_path": log, **(options or {})}, env={} if preload_only else auditor, **more)
        assert (watched.stdout, watched.status) == (alone.stdout, alone.status), watched.stderr[-2000:]
        return watched, calls(log.read_text())
    return run_both


@pytest.mark.parametrize("flags", [[], ["-Wl,-z,now"]], ids=["lazy", "now"])
@pytest.mark.parametrize("way", HIDDEN)
def test_what_hides_from_a_preload_is_seen(way, flags, audited, build):
    program = build("hostile/plugin"), way, build("hostile/plugin", *LIBRARY[:2], *flags)
    _, without = audited(*program, preload_only=True)
    _, with_it = audited(*program)
    _, in_the_open = audited(program[0], "lazy", program[2])
    assert len(without) < len(with_it) and with_it == in_the_open


def test_pointers_from_a_handle(audited, build):
    seen, logged = audited(build("audit/pointers"))
    assert logged == ["epoll_create1", "epoll_wait", "epoll_wait"]
    assert audited(build("audit/pointers"), preload_only=True)[1] == ["epoll_create1", "epoll_wait"]
    assert [finding["rule"] for finding in seen.findings] == ["maxevents-invalid"] * 2
    assert "pointers" in seen.findings[0]["stack"][0]["module"]


def test_namespaces_keep_what_is_theirs(audited, build):
    """Beyond the fourth they are left alone: nothing may break there."""
    program, plugin = build("audit/elsewhere"), build("audit/elsewhere", "-shared", "-fPIC")
    _, one = audited(program, plugin, 1)
    assert "epoll_wait" in one and "poll" in one and "select" in one
    assert len(audited(program, plugin, 4)[1]) == 4 * len(one)
    assert len(audited(program, plugin, 8)[1]) == 4 * len(one)


def test_the_stack_of_a_namespace_names_the_caller(audited, build):
    seen, _ = audited(build("audit/elsewhere"), build("audit/elsewhere", "-shared", "-fPIC"), 1)
    assert seen.findings
    for finding in seen.findings:
        assert "elsewhere" in finding["stack"][0]["module"]
        assert not any("audit" in frame["module"].split("/")[-1] for frame in finding["stack"])


@pytest.mark.parametrize("case", CASES)
def test_hostile_programs_end_as_they_do_alone(case, audited, build):
    name, *words = case.split()
    audited(build(f"hostile/{name}"), *words, options={"report_format": "text"})  # a limit may cut a line


@pytest.mark.parametrize("flags", [[], ["-DTO_ALIAS"]], ids=["same name", "alias"])
def test_another_preload_is_not_sent_in_circles(flags, build, run, library, auditor):
    other, program = build("hostile/interposer", *LIBRARY, *flags), build("hostile/interposer")
    for preloads in [library, other], [other, library]:
        plain = run([program], preloads=preloads)
        ended = run([program], preloads=preloads, env=auditor)
        assert (ended.stdout, ended.status) == (plain.stdout, plain.status)


def test_without_the_library_the_auditor_does_nothing(build, run, auditor):
    alone = run([build("hostile/plain")], preload=False)
    ended = run([build("hostile/plain")], preload=False, env=auditor)
    assert (ended.stdout, ended.stderr, ended.status) == (alone.stdout, alone.stderr, alone.status)


@pytest.mark.parametrize("program", ["/bin/true", "python3 -c 'import asyncio; asyncio.run(asyncio.sleep(0))'"])
def test_programs_of_the_system(program, command):
    ended = run_plainly("sh", "-c", f"{command} --audit {program}")
    assert (ended.status, ended.stdout, ended.stderr) == (0, "", "")


@pytest.mark.parametrize("way", HIDDEN)
def test_the_command_audits(way, command, build, tmp_path):
    words = build("hostile/plugin"), way, build("hostile/plugin", "-shared", "-fPIC")
    logs = []
    for option in [], ["--audit"]:
        ended = run_plainly(command, *option, f"--log={tmp_path}/log", *words)
        assert (ended.status, ended.stdout) == (0, "plugin done\n")
        logs.append(calls((tmp_path / "log").read_text()))
    assert len(logs[0]) < len(logs[1])


def test_what_the_user_audits_with_stays(command):
    ended = run_plainly(command, "--audit", "sh", "-c", "echo $LD_AUDIT", env={"LD_AUDIT": "/no/such.so"})
    first, second = ended.stdout.strip().split(":")
    assert first == str(command.parent / "libpollcheck-audit.so") and second == "/no/such.so"


def test_an_auditor_that_is_missing(command, tmp_path):
    shutil.copy(command.parent / "libpollcheck.so", tmp_path)
    ended = run_plainly(command, "--audit", f"--library={tmp_path}/libpollcheck.so", "true")
    assert (ended.status, ended.stdout, ended.stderr.count("\n")) == (125, "", 1)
    assert "libpollcheck-audit.so cannot be read" in ended.stderr and "--audit" in ended.stderr
