"""README and manual pages say what the tables and the programs say; what the README shows works."""
import json
import re
import subprocess

import pytest

from command import command, pollcheck, run_plainly  # noqa: F401
from conftest import ROOT, make

README = (ROOT / "README.md").read_text()
PAGE = (ROOT / "shim/man/libpollcheck.7").read_text()
# `inline code` and indented blocks
CODE = [inline or block for inline, block in re.findall(r"`([^`\n]+)`|^    (.*)$", README, re.M)]
KINDS = {"YESNO": "0, 1", "NUMBER": "number", "TEXT": "path"}
FINDING_KEYS = ["rule", "severity", "message", "help", "call", "result", "errno", "epfd", "fd", "fd_is",
                "pid", "tid", "time", "count", "confirmed_by", "hint", "stack", "related", "page"]


def table(heading):
    """The cells of the README's table below a heading."""
    section = README.split(f"## {heading}\n", 1)[1].split("\n## ", 1)[0]
    rows = [line.strip("| ").split(" | ") for line in section.splitlines() if line.startswith("| `")]
    return [[cell.strip("`") for cell in row] for row in rows]


def option_rows():
    """Key, values, default and help of options.def, in the README's words."""
    pattern = r'^OPTION\((\w+), (\w+)(?:\((.*?)\))?, ("?[^,]*"?), "(.*)"\)$'
    rows = re.findall(pattern, (ROOT / "shim/options.def").read_text(), re.M)
    for key, kind, choices, default, said in rows:
        names = re.findall(r'"(\w+)"', choices)
        default = names[int(default)] if names else default.strip('"')
        yield [key, ", ".join(names) or KINDS[kind], default, said]


def found_in_code(pattern):
    return {match for code in CODE for match in re.findall(pattern, code)}


def test_readme_lists_the_options():
    assert table("What can be set?") == list(option_rows())


def test_readme_lists_the_rules(pollcheck):
    rules = map(json.loads, pollcheck("rules", "--json").stdout.splitlines())
    assert table("What does it find?") == [[rule["rule"], rule["severity"], rule["means"]] for rule in rules]


def test_the_file_of_rules_is_current(pollcheck):
    assert pollcheck("rules", "--markdown").stdout == (ROOT / "shim/RULES.md").read_text(), "run `make docs`"


def explained():
    rows = (ROOT / "shim/explain.def").read_text().split("\nEXPLAIN(")[1:]
    return {re.match(r'"([\w-]+)"', row)[1]: row for row in rows}


def test_every_rule_has_an_explanation_and_every_explanation_a_rule(pollcheck):
    slugs = {json.loads(line)["rule"] for line in pollcheck("rules", "--json").stdout.splitlines()}
    assert slugs - explained().keys() == set(), "add a row to shim/explain.def"
    assert explained().keys() - slugs == set()


def test_explanations_are_whole(pollcheck):
    """Five strings each, real cases named where there are any, code that shows a call."""
    for slug, row in explained().items():
        texts = re.findall(r'^\t(?:"(?:[^"\\]|\\.)*"|PAUSES|OTHERS)(,|\)|$)', row, re.M)
        assert [end for end in texts if end] == [",", ",", ",", ")"], slug
        assert re.search(r"[\w.-]+/[\w.-]+#\d+", row) or slug == "event-bits-meaningless", slug
    said = pollcheck("explain", "ghost-registration").stdout
    for title in "Seen in", "Wrong", "Right", "How it is proven", "What is not flagged":
        assert f"\n{title}:\n" in said


def test_readme_names_the_keys_of_a_finding():
    paragraph = README.split("is an object:")[1].split("; those")[0]
    assert re.findall(r"`(\w+)`", paragraph) == FINDING_KEYS


def test_readme_names_targets_that_exist():
    listed = run_plainly("make", "-s", "-C", ROOT, "help").stdout
    targets = {line.split()[0] for line in listed.splitlines()}
    shown = found_in_code(r"^\$? ?make ([a-z][a-z-]*)(?: |$)")
    assert {"demo", "check", "conformance"} <= shown <= targets


def test_make_alone_builds_the_library_and_the_command():
    database = run_plainly("make", "-C", ROOT, "-pn", "--silent").stdout
    assert re.search(r"^\.DEFAULT_GOAL := all$", database, re.M)


def test_readme_names_files_that_exist():
    shown = found_in_code(r"\b(?:shim|conformance|ci)/[\w./-]*")
    missing = [path for path in shown if not (ROOT / path).exists()]
    assert len(shown) > 15 and missing == []


def test_readme_names_options_of_the_command_that_exist(pollcheck):
    words = [["--help"], *([word, "--help"] for word in ("show", "stats", "report", "export"))]
    listed = {option for help_ in words for option in re.findall(r"^  (--[\w-]+)", pollcheck(*help_).stdout, re.M)}
    shown = {option for code in CODE if "pollcheck" in code or code.startswith("--")
             for option in re.findall(r"(?<!\S)--[a-z][\w-]*", code.split("./")[0])}
    assert {"--error-exitcode", "--log", "--suppressions"} <= shown <= listed


def test_readme_names_groups_of_packages_that_exist():
    groups = set(re.findall(r"^    (\w+)\) ", (ROOT / "ci/setup").read_text(), re.M))
    shown = {word for words in found_in_code(r"^ci/setup (.+)$") for word in words.split()}
    assert shown and shown <= groups


@pytest.fixture(scope="module")
def example(command, tmp_path_factory):
    """The README's program, built and run as shown: what it wrote, numbers that vary taken out."""
    folder = tmp_path_factory.mktemp("example")
    (folder / "copy.c").write_text(re.search(r"```c\n(.*?)```", README, re.S)[1])
    subprocess.run(["cc", "-w", "-g", "-o", "copy", "copy.c"], cwd=folder, check=True)
    return run_plainly("bash", "-c", f"echo hello | timeout 1 {command} ./copy 2>&1", cwd=folder).stdout


def without_numbers(text):
    text = re.sub(r"/[\w./-]*/copy\.c", "copy.c", text)
    return re.sub(r"\+0x[0-9a-f]+|\d+ (?:us|ms)|(?<=\[)\d+(?=\])|\d+ wake-ups", "N", text)


def test_readme_shows_what_its_example_gets(example):
    shown = re.search(r"^    hello\n((?:    .*\n)+)", README, re.M)[1]
    assert shown.count("\n") > 8
    for line in shown.splitlines():
        assert without_numbers(line[4:]) in without_numbers(example)


def test_readme_shows_the_repair_that_explain_shows(pollcheck):
    fixed = next(rule["fixed"] for rule in map(json.loads, pollcheck("rules", "--json").stdout.splitlines())
                 if rule["rule"] == "eof-not-handled")
    assert "".join(f"    {line}\n" for line in fixed.splitlines()) in README


def test_the_manual_page_has_every_option_with_its_values():
    items = dict(re.findall(r"^\.It Va (\w+) Ns = Ns (.*)$", PAGE, re.M))
    expected = {key: values for key, values, _, _ in option_rows()}
    assert list(items) == list(expected)
    for key, values in expected.items():
        if values not in ("path", "number"):
            assert items[key] == "Cm " + values.replace(", ", " | ")


def test_the_manual_page_has_the_functions_of_the_header():
    header = (ROOT / "shim/pollcheck.h").read_text()
    functions = set(re.findall(r"^static inline void (pollcheck_\w+)\(int \w+\)", header, re.M))
    assert len(functions) == 4 and functions == set(re.findall(r"^\.It Fn (pollcheck_\w+)", PAGE, re.M))


def test_the_manual_page_names_the_keys_of_a_finding():
    section = PAGE.split(".Ss JSON", 1)[1].split(".Ss Summary", 1)[0]
    keys = [key for line in re.findall(r"^\.It Va (.*)$", section, re.M) for key in line.split(" , ")]
    assert keys == [key for key in FINDING_KEYS]


# --- pollcheck(1) and --help ---

COMMAND = (ROOT / "shim/man/pollcheck.1").read_text()


def helped(text):
    """{option: (how it takes a value, the words it takes, its letter)}, of what --help prints."""
    for name, sign, said in re.findall(r"^  --([\w-]+)(\[?=)?\S*\n +(.*)$", text, re.M):
        words = re.search(r": ([a-z0-9]+(?:, [a-z0-9]+)+)$", said)
        letter = re.search(r"-(\w)(?: DIR is| for) short", said)
        yield name, (sign, words[1].split(", ") if words else [], letter[1] if letter else "")


def paged(section):
    """The same of a list in the page."""
    for item in re.findall(r"^\.It (Fl .*)$", section, re.M):
        letter = re.search(r"(?<!Fl )Fl (\w)(?= |$)", item)
        for name, how, kind, value in re.findall(r"Fl Fl ([\w-]+)(?: Ns (Op )?= Ns (Ar|Cm) ([^,]*))?", item):
            words = value.strip().split(" | ") if kind == "Cm" else []
            yield name, ("[=" if how else "=" if kind else "", words, letter[1] if letter else "")


def section(title):
    return COMMAND.split(f"\n.Sh {title}\n", 1)[1].split("\n.Sh ", 1)[0]


def test_the_manual_page_has_the_options_of_the_command(pollcheck):
    assert dict(paged(section("OPTIONS"))) == dict(helped(pollcheck("--help").stdout))


@pytest.mark.parametrize("word", ["show", "stats", "report", "export"])
def test_the_manual_page_has_the_options_of_the_readers(pollcheck, word):
    own = section("READING TRACES").split(f"\n.It Cm {word}\n", 1)[1].split("\n.It Cm ", 1)[0]
    expected = dict(helped(pollcheck(word, "--help").stdout))
    assert expected.pop("help") == ("", [], "") and dict(paged(own)) == expected


def test_every_word_of_the_command_is_in_help_and_page(pollcheck):
    words = re.findall(r'\{"(\w+)", \w+\}', (ROOT / "shim/tool/main.c").read_text())
    usage = pollcheck("--help").stdout.split("\n\n")[0]
    assert len(words) == 9 and set(words) <= set(re.findall(r"\w+", usage))
    assert set(words) == set(re.findall(r"^\.It Cm (\w+)$", COMMAND, re.M))
    synopsis = " ".join(re.findall(r"^\.(?:Op )?Cm (.*)$", section("SYNOPSIS"), re.M))
    assert set(words) == set(synopsis.split()) - {"|"}


def assert_the_installed_demo_and_suite_run(root):
    demo = run_plainly("/usr/bin/python3", "-B", root / "share/doc/pollcheck/examples/demo/demo.py", "--json",
                       f"--library={root}/lib/libpollcheck.so.0")
    assert demo.status == 0 and all(row["ok"] for row in json.loads(demo.stdout)), demo
    suite = run_plainly(root / "bin/pollcheck-conformance", "-q", "-k", "test_epoll_create", cwd="/")
    assert suite.status == 0 and re.search(r"^\d+ passed", suite.stdout, re.M), suite


def test_what_is_installed_works_and_is_uninstalled(tmp_path):
    flags = [f"DESTDIR={tmp_path}/root", "PREFIX=/usr"]
    make("install", folder=tmp_path / "build", flags=flags)
    root = tmp_path / "root/usr"
    installed = {str(path.relative_to(root)) for path in root.rglob("*") if path.is_file()}
    assert {path for path in installed if not path.startswith("share/doc/") and "conformance" not in path} == {
        "lib/libpollcheck.so", "lib/libpollcheck.so.0", "lib/libpollcheck-audit.so.0", "lib/pkgconfig/pollcheck.pc",
        "bin/pollcheck", "include/pollcheck.h", "share/man/man1/pollcheck.1", "share/man/man7/libpollcheck.7",
        "share/bash-completion/completions/pollcheck", "share/fish/vendor_completions.d/pollcheck.fish",
        "share/zsh/site-functions/_pollcheck"}
    for name in "libpollcheck.so", "libpollcheck.so.0":
        ended = run_plainly(root / "bin/pollcheck", f"--library={root / 'lib' / name}", "/bin/echo", "it runs")
        assert (ended.status, ended.stdout, ended.stderr) == (0, "it runs\n", "")
    assert_the_installed_demo_and_suite_run(root)
    make("uninstall", folder=tmp_path / "build", flags=flags)
    assert [path for path in root.rglob("*") if not path.is_dir()] == []
