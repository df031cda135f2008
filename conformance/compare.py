"""compare.py A.json B.json: are the verdicts of two runs the same, clause by clause? Status 1 when they are not.
What a run merely observed (varies) may differ; a clause that only one run judged is a difference."""
import json
import sys


def verdicts(path):
    with open(path) as lines:
        return {row["clause"]: row["verdict"] for row in map(json.loads, lines)}


def main(one, other):
    first, second = verdicts(one), verdicts(other)
    different = [slug for slug in sorted(first | second) if first.get(slug) != second.get(slug)]
    for slug in different:
        print(f"{slug}: {first.get(slug, 'not judged')} in {one}, {second.get(slug, 'not judged')} in {other}")
    print(f"{len(first)} and {len(second)} clauses, {len(different)} verdicts differ")
    return 1 if different or not first else 0


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(f"usage: compare.py A.json B.json (files written by --results), not {len(sys.argv) - 1} arguments")
    sys.exit(main(*sys.argv[1:]))
