# What is promised against what is tested: each clause, errno, constant, pin and divergence has its test or its
# reason. usage: audit.py; exit 1 names what nobody claims, exit 2 says what is missing to look.
import ast
import gzip
import importlib
import inspect
import re
import subprocess
import sys
from functools import lru_cache
from pathlib import Path

import deviations
import divergences
from clause import CATALOGUE, CLAIMED, FOLDER

AT_LEAST = 500
ERRORS_OF = ("select.2", "poll.2", "epoll_create.2", "epoll_ctl.2", "epoll_wait.2", "ioctl_eventpoll.2")
CONSTANTS_OF = (*ERRORS_OF, "epoll.7")
CONSTANT = r"\b(?:E?POLL[A-Z][A-Z_]+|EPOLL(?:IN|ET)|POLLIN|EPIOC[GS]PARAMS|FD_SETSIZE)\b"
# Named by a page, in no test, and why.
IN_THE_KERNEL = "the page quotes the kernel's source; no header has it, and SEL-SET-MAP-* test what it says"
EXEMPT = {("select.2", name): IN_THE_KERNEL for name in ("POLLIN_SET", "POLLOUT_SET", "POLLEX_SET")}


def clause_page(page):
    """The catalogue's name of a file: select(2) for select.2."""
    return "{}({})".format(*page.rsplit(".", 1))


@lru_cache
def page_source(page):
    """The page's roff source, or nothing where the package is older than the page."""
    name, section = page.rsplit(".", 1)
    found = subprocess.run(["man", "-w", section, name], capture_output=True, text=True)
    path = Path(found.stdout.strip() or "/nowhere")
    if found.returncode or not path.is_file():
        return ""
    raw = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    return re.sub(r"\\f.|\\&", "", raw.decode())


def documented_errors(page):
    """The names that head an entry of the ERRORS section."""
    section = re.search(r"^\.SH ERRORS\n(.*?)(?=^\.SH )", page_source(page), re.MULTILINE | re.DOTALL)
    return set(re.findall(r"^\.TP\n\.BR? (E[A-Z0-9]+)\b", section[1], re.MULTILINE)) if section else set()


def documented_constants(page):
    return set(re.findall(CONSTANT, page_source(page)))


def names_in_test(claimed):
    """The names its code and decorators use; what only the slug or the sentence says is no test."""
    module, function = claimed.where.rsplit(".", 1)
    tree = ast.parse(inspect.getsource(getattr(sys.modules[module], function)))
    return {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}


def tested_errors():
    """(page, errno) for each clause whose test names that errno."""
    return {(claimed.page, name) for claimed in CLAIMED.values() for name in names_in_test(claimed)}


def unclaimed_clauses(reasons):
    return [f"{slug}: no test claims it and unclaimed.toml does not list it"
            for slug in CATALOGUE if slug not in CLAIMED and slug not in reasons]


def unclaimed_errors(reasons):
    tested = tested_errors()
    listed = {(page, slug.rsplit("-", 1)[1]) for slug, page in pages().items() if slug in reasons}
    return [f"{page}: {name} is in ERRORS and no test expects it" for page in ERRORS_OF
            for name in sorted(documented_errors(page)) if (page, name) not in EXEMPT
            and (clause_page(page), name) not in tested | listed]


def pages():
    """Clause to the page the catalogue takes it from."""
    rows = (line.split("\t") for line in (FOLDER / "catalogue.tsv").read_text().splitlines()[1:])
    return {slug: page for slug, _, page in rows}


def unclaimed_constants():
    modules = {sys.modules[claimed.where.rsplit(".", 1)[0]] for claimed in CLAIMED.values()}
    words = set(re.findall(r"\w+", "".join(map(inspect.getsource, modules))))
    return [f"{page}: {name} appears in no test" for page in CONSTANTS_OF
            for name in sorted(documented_constants(page) - words) if (page, name) not in EXEMPT]


def orphans():
    """Pins without a test to be measured by, and divergences that name no such thing."""
    known = divergences.load()
    for pin in deviations.load():
        if pin.clause not in CLAIMED:
            yield f"deviations.toml: no test claims {pin.clause}"
        if pin.documented and pin.clause not in known[pin.documented].clauses:
            yield f"divergences.tsv: {pin.documented} does not name {pin.clause}, deviations.toml does"
    for divergence in known.values():
        for slug in set(divergence.clauses) - set(CATALOGUE):
            yield f"divergences.tsv: catalogue.tsv has no clause {slug}"


def collect():
    for file in sorted(FOLDER.glob("test_*.py")):
        importlib.import_module(file.stem)


def main():
    absent = [page for page in CONSTANTS_OF if not page_source(page)]
    if len(absent) > 1:
        print(f"audit: the pages {', '.join(absent)} are not installed: apt-get install man-db manpages-dev",
              file=sys.stderr)
        return 2
    try:
        collect()
    except ValueError as error:
        print(f"audit: {error}", file=sys.stderr)
        return 2
    reasons = deviations.unclaimed()
    for what, reason in {**reasons, **{" ".join(name): why for name, why in EXEMPT.items()}}.items():
        print(f"not tested  {what}: {reason}")
    for page in absent:
        print(f"not read    {page}: this system's manual pages are older than it")
    complaints = [*unclaimed_clauses(reasons), *unclaimed_errors(reasons), *unclaimed_constants(), *orphans()]
    if len(CLAIMED) < AT_LEAST:
        complaints.append(f"{len(CLAIMED)} clauses are claimed, {AT_LEAST} should be")
    for complaint in complaints:
        print(f"unclaimed   {complaint}")
    errors = sum(len(documented_errors(page)) for page in ERRORS_OF)
    constants = len(set().union(*map(documented_constants, CONSTANTS_OF)))
    print(f"{len(CLAIMED)} of {len(CATALOGUE)} clauses claimed; {errors} documented errors and {constants} "
          f"constants looked up; {len(complaints)} unclaimed")
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main())
