# What the library reported in a run: read, counted and printed in full.
import glob
import json
import pathlib

LEVELS = ("error", "warning", "note")


def parsed(line):
    try:
        return json.loads(line)
    except ValueError:
        return {"severity": "error", "rule": "broken-report", "message": f"not JSON: {line}"}


def read_findings(report):
    """Lines without a severity are summaries. Each process may have written a file of its own."""
    text = "".join(pathlib.Path(path).read_text() for path in sorted(glob.glob(f"{report}/*")))
    return [record for record in map(parsed, text.splitlines()) if "severity" in record]


def counts(findings):
    return {level: sum(finding["severity"] == level for finding in findings) for level in LEVELS}


def frame_text(frame):
    line = f" {frame['file']}:{frame.get('line')}" if "file" in frame else ""
    return f"        {frame.get('function', '?')}{line} ({frame.get('module')}+{frame.get('offset')})"


def stack_text(what, stack):
    return "\n".join([f"      {what}:", *map(frame_text, stack)])


def finding_text(finding, times):
    shown = ("severity", "message", "rule", "help", "stack", "related", "page")
    rest = " ".join(f"{key}={value}" for key, value in finding.items() if key not in shown)
    stacks = [("stack", finding.get("stack", []))]
    stacks += [(related["what"], related.get("stack", [])) for related in finding.get("related", [])]
    head = f"    {finding['severity']}: {finding.get('message')} [{finding['rule']}] reported {times} times"
    return "\n".join([head, f"      {rest}", *(stack_text(*stack) for stack in stacks)])


def place(finding):
    """Every process of a program repeats a finding; by rule and stack it is one."""
    stack = [(frame.get("module"), frame.get("offset")) for frame in finding.get("stack", [])]
    return json.dumps([finding["rule"], finding["severity"], stack])


def findings_text(findings):
    places = {}
    for finding in findings:
        places.setdefault(place(finding), []).append(finding)
    return "\n".join(finding_text(same[0], len(same)) for same in places.values())
