"""make sensitivity: break the clauses one at a time and see whether the suite notices.

Each row of alterations.def alters one thing about the libc route in a preload; the test of the clause the row
names is run under it and must fail. Prints noticed/total; status 1 when an alteration survives."""
import json
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
SUITE = HERE.parent
sys.path.insert(0, str(SUITE.parent / "ci"))
from commands import command, each

ROWS = re.findall(r'^ALTER\((\w+), "([A-Z0-9-]+)",', (HERE / "alterations.def").read_text(), re.M)
CLAUSE = re.compile(r'^@\w+\(\s*"([A-Z0-9-]+-[A-Z0-9-]+)".*?^def (test_\w+)', re.M | re.S)


def tests():
    """Where each clause is tested: slug -> file::function."""
    return {slug: f"{file.name}::{function}" for file in sorted(SUITE.glob("test_*.py"))
            for slug, function in CLAUSE.findall(file.read_text())}


def compiled(folder):
    library = folder / "alter.so"
    sources = [HERE / "alter.c", HERE / "calls.c"]
    subprocess.run([os.environ.get("CC", "cc"), "-shared", "-fPIC", "-O1", "-std=gnu11", "-D_GNU_SOURCE",
                    "-o", library, *sources, "-ldl"], check=True)
    return library


def verdicts(library, names, alteration, folder):
    """Runs the named tests under the preload; slug -> verdict. A run that dies leaves what it wrote."""
    results = folder / f"{alteration}.json"
    environ = {**os.environ, "LD_PRELOAD": str(library), "POLLCHECK_ALTER": alteration, "POLLCHECK_DEADLINE": "6"}
    subprocess.run([sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:randomly",
                    f"--results={results}", *sorted(set(names))], cwd=SUITE, env=environ, timeout=300,
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    rows = results.read_text().splitlines() if results.exists() else []
    return {row["clause"]: row["verdict"] for row in map(json.loads, rows)}


def main():
    where = tests()
    lost = sorted({slug for _, slug in ROWS} - set(where))
    if lost:
        sys.exit(f"alterations.def names clauses no test claims: {', '.join(lost)}")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        library = compiled(folder)
        untouched = verdicts(library, [where[slug] for _, slug in ROWS], "none", folder)
        broken = [slug for _, slug in ROWS if untouched.get(slug) not in ("holds", "deviates")]
        if broken:
            sys.exit(f"already red without an alteration: {', '.join(sorted(set(broken)))}")
        seen = each(lambda row: verdicts(library, [where[row[1]]], row[0], folder), ROWS, os.cpu_count())
    survivors = [row for row, verdict in zip(ROWS, seen) if verdict.get(row[1]) != "fails"]
    for alteration, slug in survivors:
        print(f"survived: {alteration}: {where[slug]} ({slug}) did not notice")
    print(f"sensitivity: {len(ROWS) - len(survivors)}/{len(ROWS)} alterations noticed")
    return 1 if survivors else 0


if __name__ == "__main__":
    command("sensitivity", main)
