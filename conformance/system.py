# What the suite runs on, as facts: linux 6.18.44, x86_64, glibc 2.36, gvisor, qemu-user, uml, python 3.11.
import os
import platform
import re
from functools import lru_cache
from pathlib import Path


def version(text):
    """(6, 18, 44) of "6.18.44-cloud"."""
    return tuple(map(int, re.match(r"\d+(?:\.\d+)*", text)[0].split(".")))


def _read(path):
    try:
        return Path(path).read_text()
    except OSError:
        return ""


def _emulation():
    """The layer under us: named by POLLCHECK_SYSTEM, else told by its own traces."""
    if os.environ.get("POLLCHECK_SYSTEM"):
        return os.environ["POLLCHECK_SYSTEM"].split()
    if "Sun Jan 10 15:06:54 PST 2016" in _read("/proc/version"):  # gVisor's constant banner
        return ["gvisor"]
    if "User Mode Linux" in _read("/proc/cpuinfo"):
        return ["uml"]
    return ["qemu-user"] if _read("/proc/self/comm").startswith("qemu-") else []


@lru_cache
def facts():
    """Fact to version; gVisor claims to be a Linux of old but is none."""
    found = {platform.machine(): ()}
    found["python"] = version(platform.python_version())
    library, release = platform.libc_ver()
    found[library or "musl"] = version(release or "0")
    found.update(dict.fromkeys(_emulation(), ()))
    found["gvisor" if "gvisor" in found else "linux"] = kernel()
    return found


@lru_cache
def kernel():
    return version(os.uname().release)


def here(condition):
    """Whether "linux<6.15 !qemu-user" is true here: every word of it is a fact, with ! a missing one."""
    return all(_holds(word) for word in condition.split())


def _holds(word):
    negated, name, relation, release = re.fullmatch(r"(!?)([a-z0-9_-]+)(?:(<|>=)([\d.]+))?", word).groups()
    found = facts().get(name)
    true = found is not None and (
        relation is None or (found >= version(release)) == (relation == ">="))
    return true != bool(negated)


def by_kernel(values):
    """by_kernel({"0": EINVAL, "6.15": EBADF}): the value of the newest entry this kernel has reached."""
    reached = [entry for entry in values if version(entry) <= kernel()]
    return values[max(reached, key=version)]


def describe():
    return ", ".join(f"{name} {'.'.join(map(str, found))}".strip() for name, found in sorted(facts().items()))
