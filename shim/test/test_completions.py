"""What the shells complete: bash and zsh in a terminal, as a person would press Tab; fish by its own query."""
import os
import pty
import re
import select
import shutil
import subprocess

import pytest

from command import clean_environment, command, pollcheck  # noqa: F401
from conftest import ROOT

FOLDER = ROOT / "shim/completions"
START = {
    "bash": (["bash", "--norc", "--noprofile", "-i"],
             ["bind 'set enable-bracketed-paste off'", ". /usr/share/bash-completion/bash_completion",
              f". {FOLDER}/pollcheck.bash"]),
    "zsh": (["zsh", "-f", "-i"],
            ["unset zle_bracketed_paste; unsetopt prompt_sp", f"fpath=({FOLDER} $fpath)",
             "autoload -U compinit", "compinit -u -D", "bindkey -e"]),
}
NEEDED = {"bash": "/usr/share/bash-completion/bash_completion", "zsh": "zsh", "fish": "fish"}
TO_THE_START_OF_THE_LINE = b"\x01"


def need(shell):
    if not shutil.which(shell) or not (shutil.which(NEEDED[shell]) or os.path.exists(NEEDED[shell])):
        (pytest.fail if os.environ.get("CI") else pytest.skip)(f"no {shell} here: run `ci/setup check`")


class Terminal:
    """A shell in a terminal of its own."""

    def __init__(self, shell, folder, environ):
        self.master, slave = pty.openpty()
        words, lines = START[shell]
        self.process = subprocess.Popen(words, stdin=slave, stdout=slave, stderr=slave, cwd=folder, env=environ,
                                        start_new_session=True, close_fds=True)
        os.close(slave)
        for line in lines + ["PS1='ready> '"]:
            os.write(self.master, line.encode() + b"\n")
        self.read_until(r"(?<!')ready> $")

    def read_until(self, pattern):
        text = ""
        while not re.search(pattern, text):
            if not select.select([self.master], [], [], 20)[0]:
                pytest.fail(f"no {pattern!r} in {text!r}")
            more = os.read(self.master, 65536).decode(errors="replace")
            text = re.sub(r"\r|\x1b\[[?0-9;]*[a-zA-Z]", "", text + more)
        return text

    def completed(self, keys):
        """The words of the line that the keys make; the shell itself prints them."""
        os.write(self.master, keys.encode() + TO_THE_START_OF_THE_LINE + b"printf 'word<%s>\\n' \n")
        return re.findall(r"^word<(.*)>$", self.read_until(r"\nword<(?s:.)*\nready> $"), re.M)

    def close(self):
        self.process.kill()
        self.process.wait()
        os.close(self.master)


@pytest.fixture(scope="module")
def environ(command):
    path = f"{command.parent}:{os.environ['PATH']}"
    return clean_environment(PATH=path, TERM="dumb", HISTFILE="/dev/null")


@pytest.fixture(params=START)
def terminal(request, environ, tmp_path):
    need(request.param)
    (tmp_path / "known-to-us").write_text("")
    terminal = Terminal(request.param, tmp_path, environ)
    yield terminal
    terminal.close()


def test_a_person_at_a_terminal(terminal):
    for keys, line in {
            "--lev\tw\t": "--level=warning",
            "--follow\t1\t": "--follow=1",
            "run --colo\tne\t": "run --color=never",
            "--suppr\tkno\t": "--suppressions=known-to-us",
            "--log=kno\t": "--log=known-to-us",
            "--error\t7": "--error-exitcode=7",
            "explain eof\t": "explain eof-not-handled",
            "record -o folder --lev\tw\t": "record -o folder --level=warning",
            "show --foll\t": "show --follow",
            "rules --j\t": "rules --json",
            "rules --m\t": "rules --markdown",
            "--level=note /bin/ech\t kno\t": "--level=note /bin/echo known-to-us",
            "/bin/echo --lev\t": "/bin/echo --lev"}.items():
        assert terminal.completed(f"pollcheck {keys}") == ["pollcheck", *line.split()]


def options_and_values(pollcheck):
    """Every line of --help: "--level=" with note, warning, error."""
    options = re.findall(r"^  (--[a-z-]+)(\[?=)?\S*\n +(.*)$", pollcheck("--help").stdout, re.M)
    for name, sign, said in options:
        choices = re.search(r": ([a-z0-9]+(?:, [a-z0-9]+)+)$", said)
        yield name + ("=" if sign else ""), choices[1].split(", ") if choices else []


def asked_of_bash(line, environ):
    script = f"""compopt() {{ :; }}; . {NEEDED["bash"]}; . {FOLDER}/pollcheck.bash
        COMP_LINE='{line}'; COMP_POINT=${{#COMP_LINE}}
        COMP_WORDS=({line.replace("=", " = ")}); COMP_CWORD=$((${{#COMP_WORDS[@]}} - 1))
        _pollcheck pollcheck; printf '%s\\n' "${{COMPREPLY[@]}}" """
    return output(["bash", "-c", script], environ).split()


def asked_of_zsh(line, environ):
    """zsh takes specifications and completes by itself: --level=[help]:LEVEL:(note warning error)"""
    functions = "".join((FOLDER / "_pollcheck").read_text().rpartition("\n_pollcheck ")[:1])
    specifications = output(["zsh", "-fc", functions + "\n_pollcheck_options pollcheck"], environ).splitlines()
    if line.endswith("="):
        own, = [words for words in specifications if words.startswith(line.split()[-1])]
        return own.split("(")[1].rstrip(")").split() if own.endswith(")") else []
    return [re.match(r"--[a-z-]+=?", words)[0] for words in specifications]


def asked_of_fish(line, environ):
    script = f"source {FOLDER}/pollcheck.fish; complete -C '{line}'"
    lines = output(["fish", "--no-config", "-c", script], environ).splitlines()
    return [words.split("\t")[0] for words in lines]


def output(words, environ):
    ran = subprocess.run(words, env=environ, capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=60)
    assert ran.stderr == ""
    return ran.stdout


ASKED = {"bash": asked_of_bash, "zsh": asked_of_zsh, "fish": asked_of_fish}


@pytest.mark.parametrize("shell", ASKED)
def test_every_option_with_its_values(shell, pollcheck, environ):
    need(shell)
    expected = dict(options_and_values(pollcheck))
    assert len(expected) > 10 and ["note", "warning", "error"] in expected.values()
    names = ASKED[shell]("pollcheck --", environ)
    assert {name.rstrip("=") for name in names} == {name.rstrip("=") for name in expected}
    for name, values in expected.items():
        if values:
            answered = [word.removeprefix(name) for word in ASKED[shell](f"pollcheck {name}", environ)]
            assert sorted(answered) == sorted(values)


# --- words, and the options that some of them have for themselves ---

WORDS = "run record snapshot rules explain show stats report export".split()
WITH_OPTIONS = ["show", "stats", "report", "export", "snapshot"]


def zsh_after(words, environ):
    """What compadd is given; folders are left out."""
    functions = "".join((FOLDER / "_pollcheck").read_text().rpartition("\n_pollcheck ")[:1])
    stubs = ("compadd() { shift; print -l -- \"$@\" }; _files() { }; _arguments() { }; "
             "_alternative() { print -l -- ${=1//[()]/ } }")
    line = f"words=({words}); CURRENT={len(words.split())}"
    return output(["zsh", "-fc", f"{functions}\n{stubs}\n{line}\n_pollcheck"], environ).split()


AFTER = {"bash": asked_of_bash, "zsh": zsh_after, "fish": asked_of_fish}


@pytest.mark.parametrize("word", WORDS)
@pytest.mark.parametrize("shell", AFTER)
def test_every_word(shell, word, environ):
    need(shell)
    assert word in AFTER[shell](f"pollcheck {word[:-1]}", environ)


@pytest.mark.parametrize("word", WITH_OPTIONS)
@pytest.mark.parametrize("shell", AFTER)
def test_every_option_of_a_word(shell, word, pollcheck, environ):
    need(shell)
    expected = set(re.findall(r"^  (--[a-z-]+)", pollcheck(word, "--help").stdout, re.M))
    offered = AFTER[shell](f"pollcheck {word} --", environ)
    assert "--help" in expected and set(offered) == expected
