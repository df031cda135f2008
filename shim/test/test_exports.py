"""What the library's ELF file promises: names, imports, and how it is loaded."""
import re
import subprocess

from test_transparency import rows

ALLOWED_LIBRARIES = re.compile(r"lib(c|dl|pthread)\.so\.\d+|ld-linux.*\.so\.\d+")
# hooking these breaks programs: malloc in startup, dlopen's RUNPATH, the sanitizers' own
NEVER_HOOKED = {"malloc", "calloc", "free", "dlopen", "dlsym", "dlclose", "signal", "sigaction",
                "pthread_create"}


def output(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def test_exports_equal_the_table(library):
    lines = output("nm", "-D", "--defined-only", library).splitlines()
    names = {line.split()[-1].split("@")[0] for line in lines if line.split()[-2] != "A"}
    ours = {name for name in names if name.startswith("pollcheck_")}
    assert sorted(names - ours) == sorted(rows())
    assert ours == {"pollcheck_annotate", "pollcheck_interest_list"}  # for programs, and for our own tests
    assert not NEVER_HOOKED & names


def test_exports_have_no_version_of_our_own(library):
    """A node of our own name would keep ld.so from binding programs to us: an empty shim."""
    for line in output("nm", "-D", "--defined-only", "--with-symbol-versions", library).splitlines():
        name = line.split()[-1]
        assert "@" not in name or "@GLIBC_" in name or "@@GLIBC_" in name, name


def test_aliases_are_functions_and_global(library):
    for line in output("readelf", "-W", "--dyn-syms", library).splitlines():
        fields = line.split()
        if len(fields) == 8 and fields[7] in rows():
            assert fields[3:6] == ["FUNC", "GLOBAL", "DEFAULT"], line


def test_needs_only_the_c_library(library):
    needed = re.findall(r"\(NEEDED\).*\[(.*)\]", output("readelf", "-dW", library))
    assert needed and all(ALLOWED_LIBRARIES.fullmatch(name) for name in needed), needed


def test_bound_at_load_without_text_relocations(library):
    dynamic = output("readelf", "-dW", library)
    assert "TEXTREL" not in dynamic
    assert re.search(r"FLAGS_1.*\bNOW\b", dynamic) or "BIND_NOW" in dynamic
    assert "SYMBOLIC" not in dynamic


def test_segments(library):
    segments = output("readelf", "-lW", library)
    stack = re.search(r"GNU_STACK.*", segments)
    assert stack and "E" not in stack[0].split()[-2], segments
    assert not re.search(r"LOAD.* RWE ", segments)
    tls = re.search(r"^\s+TLS\s+\S+\s+\S+\s+\S+\s+\S+\s+(0x\w+)", segments, re.MULTILINE)
    assert tls is None or int(tls[1], 16) <= 128, segments


def test_imports_exist_in_the_oldest_supported_glibc(library):
    """One symbol newer than the program's C library and the whole preload is refused by ld.so."""
    versions = re.findall(r"@GLIBC_(\d+)\.(\d+)", output("nm", "-D", "--undefined-only",
                                                         "--with-symbol-versions", library))
    assert max((int(major), int(minor)) for major, minor in versions) <= (2, 36)
