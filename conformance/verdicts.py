# Turns what pytest saw into verdicts: holds, fails, skipped, deviates, varies; one JSON row per clause.
import errno
import json
from pathlib import Path

import pytest

import deviations
import system
from clause import CLAIMED, observation

WORST_FIRST = ("fails", "deviates", "skipped", "varies", "holds")
OUTCOME = {"holds": "passed", "deviates": "passed", "varies": "passed",
           "fails": "failed", "skipped": "skipped"}
ROW = ("clause", "page", "section", "level", "sentence")
PINS = pytest.StashKey()


def pytest_addoption(parser):
    parser.addoption("--results", metavar="FILE", help="write one JSON object per clause to FILE")
    parser.addoption("--deviations", metavar="FILE", help="pinned deviations (default: deviations.toml)",
                     default=deviations.FOLDER / "deviations.toml")


def pytest_configure(config):
    config.addinivalue_line("markers", "clause(clause): the clause a test claims")
    config.stash[PINS] = deviations.load(config.getoption("--deviations"))
    if not hasattr(config, "workerinput"):
        config.pluginmanager.register(Results(config.getoption("--results")), "results")


def pytest_collection_modifyitems(items):
    bare = [item.nodeid for item in items
            if not item.get_closest_marker("clause") and "test_plumbing" not in item.nodeid]
    if bare:
        raise pytest.UsageError(f"{bare[0]}: no @clause above it")
    both = sorted(set(CLAIMED) & set(deviations.unclaimed()))
    if both:
        where = CLAIMED[both[0]].where
        raise pytest.UsageError(f"{both[0]}: {where} claims it, yet it is listed in unclaimed.toml")


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item):
    observation.clear()
    marker = item.get_closest_marker("clause")
    since = marker and marker.args[0].since
    if since and system.kernel() < system.version(since):
        pytest.skip(f"since Linux {since}, this is {'.'.join(map(str, system.kernel()))}")


def pytest_assertrepr_compare(op, left, right):
    observation.compared(left, op, right)


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    report = (yield).get_result()
    marker = item.get_closest_marker("clause")
    if marker is None or report.when != "call" and report.passed:
        return
    case = judge(item, marker.args[0], report, call.excinfo)
    report.verdict, report.case = case["verdict"], case
    if report.outcome != OUTCOME[report.verdict]:
        rewrite(report, item, case)


def judge(item, claimed, report, excinfo):
    """The case of this test: its verdict, and what it expected and saw if that is not the page's sentence."""
    parameters = item.callspec.id if hasattr(item, "callspec") else ""
    case = {**{key: getattr(claimed, key) for key in ROW}, "case": parameters,
            "expected": observation.expected, "observed": observation.observed, "reason": None}
    if excinfo and excinfo.errisinstance(pytest.skip.Exception):
        return {**case, "verdict": "skipped", "reason": str(excinfo.value)}
    if excinfo and report.when != "teardown" and getattr(excinfo.value, "errno", None) == errno.ENOSYS:
        return {**case, "verdict": "skipped", "reason": f"this system has no such call: {excinfo.value}"}
    if excinfo and case["observed"] is None:
        text = (str(excinfo.value).splitlines() or [""])[0]
        case["observed"] = text if excinfo.errisinstance(AssertionError) else f"{excinfo.typename}: {text}"
    pins = [pin for pin in item.config.stash[PINS] if pin.concerns(claimed.clause, parameters)]
    return {**case, **judge_against(pins, claimed, report, excinfo, case["observed"])}


def judge_against(pins, claimed, report, excinfo, observed):
    if excinfo and report.when != "teardown":
        for pin in pins:
            if pin.is_what_happened(observed):
                return {"verdict": "deviates", "reason": pin.cause}
        if pins:
            return {"verdict": "fails", "reason": f"neither the page nor the pinned {pins[0].instead}"}
    if excinfo:
        return {"verdict": "fails" if claimed.binds() or report.when != "call" else "varies"}
    if pins:
        return {"verdict": "fails", "reason": "it holds here: take its pin out of deviations.toml"}
    return {"verdict": "varies" if observation.varies else "holds"}


def rewrite(report, item, case):
    report.outcome = OUTCOME[case["verdict"]]
    if report.outcome == "failed":
        report.longrepr = f"{case['clause']}: {case['reason']}"
    elif report.outcome == "skipped":
        report.longrepr = (str(item.path), item.location[1], f"Skipped: {case['reason']}")
    else:
        report.longrepr = None


def pytest_report_teststatus(report):
    verdict = getattr(report, "verdict", None)
    if verdict in ("deviates", "varies"):
        return verdict, verdict[0], verdict.upper()


class Results:
    """Gathers the cases, from workers too, and writes the rows."""

    def __init__(self, file):
        self.file, self.cases = file, {}

    def pytest_runtest_logreport(self, report):
        if hasattr(report, "case"):
            self.cases.setdefault(report.case["clause"], []).append(report.case)

    def rows(self):
        return [row(self.cases[slug]) for slug in sorted(self.cases)]

    def pytest_sessionfinish(self):
        if self.file:
            lines = (json.dumps(row) + "\n" for row in self.rows())
            Path(self.file).write_text("".join(lines))

    def pytest_terminal_summary(self, terminalreporter):
        rows = self.rows()
        counts = {verdict: sum(row["verdict"] == verdict for row in rows) for verdict in WORST_FIRST}
        terminalreporter.section("clauses")
        for row in rows:
            if row["verdict"] in ("skipped", "fails"):
                terminalreporter.line(f"{row['verdict']:8} {row['clause']}  {row['sentence']}")
                for key in ("expected", "observed", "reason"):
                    if row[key]:
                        terminalreporter.line(f"         {key} {row[key]}")
        totals = ", ".join(f"{counts[verdict]} {verdict}" for verdict in reversed(WORST_FIRST))
        terminalreporter.line(f"{len(rows)} clauses: {totals}")


def row(cases):
    """One row of several cases: the worst verdict, and what the first case that has it saw."""
    verdict = min((case["verdict"] for case in cases), key=WORST_FIRST.index)
    concerned = [case for case in cases if case["verdict"] == verdict]
    reasons = dict.fromkeys(case["reason"] for case in concerned if case["reason"])
    return {**{key: concerned[0][key] for key in (*ROW, "verdict", "expected", "observed")},
            "reason": "; ".join(reasons) or None,
            "cases": [case["case"] for case in concerned if case["case"] and len(concerned) < len(cases)],
            "system": system.describe()}
