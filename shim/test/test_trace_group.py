"""--trace-group: what gives up its privileges goes on recording."""
import shutil
import stat
import tempfile
from pathlib import Path

import pytest

from command import command, pollcheck, run_plainly  # noqa: F401
from conftest import needs_root
from traces import complaints, events

NOBODY = 65534
DROPS = f"""
import os, select, sys, threading
def poll(number):
    poll = select.poll()
    poll.register(0x7000 + number)
    poll.poll(0)
def drop():
    os.setgroups([])
    os.setgid({NOBODY})
    os.setuid({NOBODY})
poll(1)
if os.fork() == 0:
    drop()
    poll(2)  # the child's first call
    os._exit(0)
os.wait()
drop()
poll(3)
thread = threading.Thread(target=poll, args=[4])
thread.start()
thread.join()
"""


@pytest.fixture
def place():
    """A folder that everybody may enter, as pytest's may not."""
    path = Path(tempfile.mkdtemp(prefix="pollcheck-test-"))
    path.chmod(0o711)
    yield path
    shutil.rmtree(path)


def polled(folder):
    return [event.fields["asked"][0]["fd"] - 0x7000 for event in events(folder) if event.name == "poll"]


@needs_root
def test_a_program_that_becomes_another_user_is_recorded_on(pollcheck, place):
    ended = pollcheck("record", f"--trace-group={NOBODY}", "-o", place / "trace", "/usr/bin/python3", "-c", DROPS)
    assert ended.status == 0
    assert ended.stderr == f"pollcheck: 2 processes recorded in {place}/trace; babeltrace2 {place}/trace shows it\n"
    assert complaints(place / "trace") == "" and sorted(polled(place / "trace")) == [1, 2, 3, 4]


@needs_root
def test_its_folders_are_the_groups_and_its_files_nobody_elses(pollcheck, place):
    pollcheck("record", f"--trace-group={NOBODY}", "-o", place / "trace", "/usr/bin/python3", "-c", DROPS)
    for folder in (place / "trace", *(place / "trace").iterdir()):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o3770 and folder.stat().st_gid == NOBODY
    assert {stat.S_IMODE(path.stat().st_mode) for path in place.glob("trace/*/*")} == {0o600}


@needs_root
def test_without_it_the_line_names_it(pollcheck, place):
    ended = pollcheck("record", "-o", place / "trace", "/usr/bin/python3", "-c", DROPS)
    child, parent, recorded = ended.stderr.splitlines()
    hint = "what gives up its privileges needs a folder of its group, see --trace-group in pollcheck(1)"
    assert child == f"pollcheck: trace={place}/trace: Permission denied; nothing is recorded; {hint}"
    assert parent == (f"pollcheck: trace={place}/trace: no further file can be made there: Permission denied; "
                      f"recording goes on over the oldest events; {hint}")
    assert ended.status == 0 and recorded.startswith("pollcheck: 1 process recorded")


@pytest.mark.parametrize("words, line", [
    (["--trace-group=no such"], "--trace-group=no such: there is no such group; getent(1) lists them"),
    (["--trace-group=4294967295"], "--trace-group=4294967295: there is no such group; getent(1) lists them"),
    (["--trace-group=0"], "--trace-group=0: nothing is recorded; give a folder with -o DIR"),
])
def test_what_cannot_be_meant_is_refused(words, line, pollcheck, tmp_path):
    ended = pollcheck(*words, "true", cwd=tmp_path)
    assert (ended.status, ended.stdout, ended.stderr) == (2, "", f"pollcheck: {line}\n")


@needs_root
def test_who_may_not_give_the_folder_away_is_told(command, tmp_path):
    without = ["setpriv", "--bounding-set=-chown", command]
    ended = run_plainly(*without, "record", f"--trace-group={NOBODY}", "-o", "trace", "true", cwd=tmp_path)
    assert ended.status == 2
    assert ended.stderr == (f"pollcheck: --trace-group={NOBODY}: the folder cannot be given to it: Operation not "
                            "permitted; root and its members can do that\n")
    assert list((tmp_path / "trace").iterdir()) == []
