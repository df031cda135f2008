"""The command line: good values arrive, bad ones are refused in one line, help, man page and rules agree."""
import json
import re

import pytest

from command import command, pollcheck, run_plainly  # noqa: F401
from conftest import ROOT

TELL = "echo $POLLCHECK_OPTIONS"


def told(ended):
    """The options the program saw, without the channel."""
    assert (ended.status, ended.stderr) == (0, ""), ended.stderr
    *pairs, channel = ended.stdout.strip().split(":")
    assert channel.startswith("channel=/")
    return pairs


@pytest.mark.parametrize("options, expected", [
    ([], []),
    (["--level=error"], ["level=error"]),
    (["--level", "note"], ["level=note"]),
    (["--spin=9"], ["spin_threshold=9"]),
    (["--color=never", "--color=always"], ["color=always"]),
    (["--log=calls"], ["log=text", "log_path={cwd}/calls"]),
    (["--log-format=json", "--log=/dev/null"], ["log_path=/dev/null", "log=json"]),
    (["--suppressions=known"], ["suppressions={cwd}/known"]),
    (["--error-exitcode=7", "--json=out", "--report=out2"], []),
])
def test_options_reach_the_library(pollcheck, tmp_path, options, expected):
    (tmp_path / "known").write_text("# none\n")
    ended = pollcheck(*options, "sh", "-c", TELL, cwd=tmp_path)
    assert told(ended) == [pair.format(cwd=tmp_path) for pair in expected]


def test_log_alone_means_text_on_standard_error(pollcheck):
    ended = pollcheck("--log", "sh", "-c", TELL)
    assert ended.status == 0 and ended.stdout.startswith("log=text:channel=/")


def test_follow_reaches_the_library(pollcheck):
    # as it was executed: the library itself takes the variables out of the environment then
    ended = pollcheck("--follow=0", "sh", "-c", "tr '\\0' '\\n' < /proc/$$/environ")
    assert "\nPOLLCHECK_OPTIONS=follow=0:channel=/" in ended.stdout


def test_the_users_own_options_stay_and_ours_come_later(pollcheck):
    ended = pollcheck("--level=error", "sh", "-c", TELL, env={"POLLCHECK_OPTIONS": "level=note:color=never"})
    assert told(ended) == ["level=note", "color=never", "level=error"]


def test_a_preload_of_the_users_stays_behind_ours(pollcheck, build):
    other = build("tool/hello", "-shared", "-fPIC")
    ended = pollcheck("sh", "-c", "echo $LD_PRELOAD", env={"LD_PRELOAD": str(other)})
    first, second = ended.stdout.strip().split(":")
    assert first.endswith("/libpollcheck.so") and second == str(other)


@pytest.mark.parametrize("words", [
    ["sh", "-c", "echo $0 $1", "--level=x", "--"],
    ["--", "sh", "-c", "echo $0 $1", "--level=x", "--"],
    ["run", "sh", "-c", "echo $0 $1", "--level=x", "--"],
    ["run", "--level=note", "--", "sh", "-c", "echo $0 $1", "--level=x", "--"],
])
def test_options_after_the_program_are_its_own(pollcheck, words):
    assert pollcheck(*words).stdout == "--level=x --\n"


@pytest.mark.parametrize("words, parts", [
    (["--nonsense"], ["--nonsense", "did you mean", "--help"]),
    (["--folow=1"], ["--folow", "did you mean --follow"]),
    (["-x"], ["-x", "--help"]),
    (["--help=3"], ["--help", "no value"]),
    (["--version=3"], ["--version", "no value"]),
    (["--error-exitcode="], ["--error-exitcode=", "0 to 255"]),
    (["--error-exitcode=256"], ["--error-exitcode=256", "0 to 255"]),
    (["--error-exitcode=-1"], ["--error-exitcode=-1", "0 to 255"]),
    (["--error-exitcode=1x"], ["--error-exitcode=1x", "0 to 255"]),
    (["--level=loud"], ["--level=loud", "note, warning, error"]),
    (["--log-format=xml"], ["--log-format=xml", "off, text, json"]),
    (["--spin-threshold=-5"], ["--spin-threshold=-5", "number"]),
    (["--spin-threshold=99999999999999999999"], ["--spin-threshold=9", "number"]),
    (["--follow=2"], ["--follow=2", "0, 1, always"]),
    (["--color=blue"], ["--color=blue", "auto, always, never"]),
    (["--suppressions=/no/such"], ["--suppressions=/no/such", "cannot be read", "No such file"]),
    (["--suppressions=/"], ["/", "suppressions"]),
    (["--suppressions="], ["--suppressions=", "name of a file"]),
    (["--library=/no/such.so"], ["--library=/no/such.so", "cannot be read"]),
    (["--report=/no/such/file"], ["--report=/no/such/file", "cannot be written"]),
    (["--report="], ["--report=", "name of a file"]),
    (["--json=/no/such/file"], ["--json=/no/such/file", "cannot be written"]),
    (["--sarif=/no/such/file"], ["--sarif=/no/such/file", "cannot be written"]),
    (["--log=/no/such/file"], ["--log=/no/such/file", "cannot be written"]),
    (["--log=/tmp/a:b"], ["--log=/tmp/a:b", "':'"]),
])
def test_a_bad_option_is_refused_before_the_program_starts(pollcheck, tmp_path, words, parts):
    ended = pollcheck(*words, "--", "touch", tmp_path / "started")
    refused(ended, parts)
    assert not (tmp_path / "started").exists()


def refused(ended, parts):
    assert (ended.status, ended.stdout) == (2, "")
    assert ended.stderr.startswith("pollcheck: ") and ended.stderr.count("\n") == 1, ended.stderr
    for part in parts:
        assert part in ended.stderr, ended.stderr


def test_a_missing_value(pollcheck):
    refused(pollcheck("--level"), ["--level needs a value"])


@pytest.mark.parametrize("words", [[], ["run"], ["--level=note"], ["run", "--"]])
def test_no_command(pollcheck, words):
    refused(pollcheck(*words), ["no command", "usage"])


@pytest.mark.parametrize("text, line, reason", [
    ("nonsense", 1, "no ':'"),
    ("# fine\n\n*:*\n*:\n", 4, "empty"),
    (":x\n", 1, "empty"),
    ("*:main\nno-such-rule:*\n", 2, "no such rule"),
    ("*:" + "x" * 200, 1, "too long"),
    ("*:x\n" * 256 + "# comments do not count\n*:x\n", 258, "more than 256"),
])
def test_a_malformed_suppression(pollcheck, tmp_path, text, line, reason):
    path = tmp_path / "known"
    path.write_text(text)
    parts = [f"{path}:{line}: ", reason]
    refused(pollcheck(f"--suppressions={path}", "touch", tmp_path / "started"), parts)
    refused(pollcheck("true", env={"POLLCHECK_OPTIONS": f"suppressions={path}"}), parts)
    assert not (tmp_path / "started").exists()


def test_an_empty_suppressions_file_is_fine(pollcheck, tmp_path):
    (tmp_path / "known").write_text("")
    assert pollcheck(f"--suppressions={tmp_path}/known", "true").stderr == ""


def test_version(pollcheck):
    assert re.fullmatch(r"pollcheck \S+\n", pollcheck("--version").stdout)


def test_the_man_page_has_the_options_of_help(pollcheck):
    help_text = pollcheck("--help").stdout
    page = (ROOT / "shim/man/pollcheck.1").read_text().split(".Sh READING TRACES")[0]
    in_help = re.findall(r"^  --([a-z-]+)(\[=|=)?", help_text, re.M)
    in_page = re.findall(r"^\.It Fl Fl ([a-z-]+)(?: Ns (Op = |= ))?", page, re.M)
    sign = {"[=": "Op = ", "=": "= ", "": ""}
    assert len(in_help) > 10 and in_page == [(name, sign[argument]) for name, argument in in_help]


def test_every_rule_can_be_explained(pollcheck):
    rows = [json.loads(line) for line in pollcheck("rules", "--json").stdout.splitlines()]
    slugs = [row["rule"] for row in rows]
    assert len(slugs) == len(set(slugs)) > 15
    assert [line.split()[0] for line in pollcheck("rules").stdout.splitlines()] == slugs
    for row in rows:
        ended = pollcheck("explain", row["rule"])
        title = f"{row['rule']} ({row['severity']}), {row['page']}\n"
        assert ended.status == 0 and ended.stdout.startswith(title)
        words = " ".join(ended.stdout.split())
        for part in "means", "hurts", "fixed", "help":
            assert " ".join(row[part].split()) in words


@pytest.mark.parametrize("words, parts", [
    (["explain", "eof-not-handle"], ["eof-not-handle", "did you mean eof-not-handled"]),
    (["explain", "x" * 500], ["did you mean"]),
    (["explain"], ["usage"]),
    (["explain", "a", "b"], ["usage"]),
    (["rules", "--xml"], ["--xml", "usage"]),
    (["rules", "--json", "more"], ["more", "usage"]),
    (["rules", "--markdown", "more"], ["more", "usage"]),
])
def test_misspelt_subcommands(pollcheck, words, parts):
    refused(pollcheck(*words), parts)
