"""What pollcheck says of programs that are missing, or that no preload can reach; they run all the same."""
import os
import shutil
import stat
import struct
import subprocess
import tempfile
from pathlib import Path

import pytest

from command import clean_environment, command, pollcheck, run_plainly  # noqa: F401


def one_line(ended, *parts):
    """Standard error is one line that begins with our name and has each part."""
    assert ended.stderr.startswith("pollcheck: ") and ended.stderr.count("\n") == 1, ended.stderr
    for part in parts:
        assert part in ended.stderr, ended.stderr


def test_a_missing_command(pollcheck):
    ended = pollcheck("no-such-command")
    one_line(ended, "no-such-command", "not found in PATH")
    assert ended.status == 127


def test_a_missing_file(pollcheck, tmp_path):
    ended = pollcheck(tmp_path / "absent")
    one_line(ended, str(tmp_path / "absent"), "no such file")
    assert ended.status == 127


def test_a_file_that_is_not_executable(pollcheck, tmp_path):
    (tmp_path / "text").write_text("text\n")
    ended = pollcheck(tmp_path / "text")
    one_line(ended, str(tmp_path / "text"), "Permission denied", "chmod +x")
    assert ended.status == 126


def test_a_folder(pollcheck, tmp_path):
    ended = pollcheck(tmp_path)
    one_line(ended, str(tmp_path), "Is a directory")
    assert ended.status == 126


def script(path, text):
    path.write_text(text)
    path.chmod(0o755)
    return path


def test_a_missing_interpreter(pollcheck, tmp_path):
    ended = pollcheck(script(tmp_path / "script", "#!/no/such/interpreter\n"))
    one_line(ended, "script", "interpreter")
    assert ended.status == 127


def test_a_script_without_interpreter_line_is_the_shells(pollcheck, tmp_path):
    ended = pollcheck(script(tmp_path / "script", "echo from the shell\nexit 5\n"))
    assert (ended.status, ended.stdout, ended.stderr) == (5, "from the shell\n", "")


def test_path_search_goes_on_after_a_file_without_permission(pollcheck, tmp_path):
    for folder in "first", "second":
        (tmp_path / folder).mkdir()
    (tmp_path / "first" / "tried").write_text("not executable\n")
    script(tmp_path / "second" / "tried", "#!/bin/sh\necho second\n")
    path = f"{tmp_path}/first:{tmp_path}/second:{os.environ['PATH']}"
    assert pollcheck("tried", env={"PATH": path}).stdout == "second\n"


def test_a_static_program(pollcheck, build):
    program = build("tool/hello", "-static")
    ended = pollcheck(program)
    one_line(ended, str(program), "statically linked", "strace -f")
    assert (ended.status, ended.stdout) == (0, f"hello from {program}\n")


def test_a_script_of_a_static_interpreter(pollcheck, build, tmp_path):
    path = script(tmp_path / "script", f"#! {build('tool/hello', '-static')} argument\n")
    ended = pollcheck(path)
    one_line(ended, str(path), "statically linked")
    assert (ended.status, ended.stdout) == (0, f"hello from {path}\n")


def test_what_a_static_program_executes_is_reached(pollcheck, build):
    program = build("tool/executes", "-static")
    ended = pollcheck(program, "sh", "-c", "echo $LD_PRELOAD")
    one_line(ended, "statically linked")
    assert "libpollcheck.so" in ended.stdout


def test_the_loader_called_by_hand_is_no_static_program(pollcheck, build):
    program = build("tool/hello")
    loader = subprocess.run(["readelf", "-lW", program], capture_output=True, text=True).stdout
    loader = loader.split("program interpreter: ")[1].split("]")[0]
    ended = pollcheck(loader, program)
    assert (ended.status, ended.stdout, ended.stderr) == (0, f"hello from {program}\n", "")


def test_a_musl_program(pollcheck, build):
    program = build("tool/hello", compiler="musl-gcc")
    ended = pollcheck(program)
    one_line(ended, str(program), "musl", "strace -f")
    assert (ended.status, ended.stdout) == (0, f"hello from {program}\n")


EI_CLASS, E_MACHINE = 4, 18


@pytest.mark.parametrize("change, kind", [
    ({EI_CLASS: 1, E_MACHINE: 3}, "32-bit x86"),
    ({E_MACHINE: 243}, "64-bit RISC-V"),
    ({E_MACHINE: 250}, "machine 250"),
])
def test_a_program_for_another_machine(pollcheck, build, tmp_path, change, kind):
    image = bytearray(build("tool/hello").read_bytes())
    assert image[EI_CLASS] == 2, "the machine this runs on is expected to be a 64-bit one"
    for offset, byte in change.items():
        image[offset] = byte
    path = tmp_path / "foreign"
    path.write_bytes(image)
    path.chmod(0o755)
    ended = pollcheck(path)
    said, failed = ended.stderr.splitlines()
    assert kind in said and "strace -f" in said and "libpollcheck.so is 64-bit" in said
    assert failed.startswith(f"pollcheck: {path}: cannot be run") and ended.status == 126


def test_a_program_with_the_address_sanitizer(pollcheck, build):
    program = build("tool/hello", "-fsanitize=address")
    ended = pollcheck(program)
    assert (ended.status, ended.stdout, ended.stderr) == (0, f"hello from {program}\n", "")


def test_a_library_that_never_got_in(pollcheck, build):
    other = build("tool/hello", "-shared", "-fPIC")
    ended = pollcheck(f"--library={other}", "true")
    one_line(ended, "true", "never got into it")
    assert ended.status == 0


def test_a_library_path_ld_so_would_split(pollcheck, command, tmp_path):
    folder = tmp_path / "with space"
    folder.mkdir()
    shutil.copy(command.parent / "libpollcheck.so", folder)
    ended = pollcheck(f"--library={folder}/libpollcheck.so", "true")
    one_line(ended, str(folder), "space or colon", "--library=PATH")
    assert ended.status == 125


@pytest.fixture
def public(command, build):
    """A folder everybody may enter, with the command, its library and a program."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        for file in command, command.parent / "libpollcheck.so", build("tool/hello"):
            shutil.copy(file, folder)
        yield folder


def run_as_nobody(*words):
    """As root does not meet secure-execution mode, somebody else must."""
    if os.getuid() == 0:
        words = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", *words]
    return run_plainly(*words)


def test_a_set_user_id_program_of_the_system(public):
    su = shutil.which("su", path="/bin:/usr/bin")
    assert os.stat(su).st_mode & stat.S_ISUID
    ended = run_as_nobody(public / "pollcheck", su, "--version")
    one_line(ended, su, "set-user-ID", "as root")
    assert ended.status == 0 and ended.stdout.startswith("su from")


VFS_CAP_REVISION_2_EFFECTIVE, CAP_NET_BIND_SERVICE = 0x02000001, 1 << 10
CAPABILITY = struct.pack("<5I", VFS_CAP_REVISION_2_EFFECTIVE, CAP_NET_BIND_SERVICE, 0, 0, 0)
PRIVILEGES = {
    "set-user-ID": lambda path: path.chmod(0o4755),
    "set-group-ID": lambda path: path.chmod(0o2755),
    "file capabilities": lambda path: os.setxattr(path, "security.capability", CAPABILITY),
}


@pytest.mark.skipif(os.getuid() != 0, reason="only root can give a program privileges")
@pytest.mark.parametrize("privilege", PRIVILEGES)
def test_a_privileged_program(public, privilege):
    program = public / "hello"
    PRIVILEGES[privilege](program)
    ended = run_as_nobody(public / "pollcheck", program)
    one_line(ended, str(program), privilege)
    assert (ended.status, ended.stdout) == (0, f"hello from {program}\n")


@pytest.mark.skipif(os.getuid() != 0, reason="only root can give a program privileges")
def test_privileges_that_do_not_count(public):
    program = public / "hello"
    program.chmod(0o4755)
    without_new = ["setpriv", "--no-new-privs", "--reuid=65534", "--regid=65534", "--clear-groups"]
    for prefix in [], without_new:  # as its owner, and where privileges cannot be gained
        ended = run_plainly(*prefix, public / "pollcheck", program)
        assert (ended.stdout, ended.stderr) == (f"hello from {program}\n", "")
