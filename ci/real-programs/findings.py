# What the library reported in a run: read, told apart, counted and printed.
import glob
import json
import pathlib
import re

LEVELS = ("error", "warning", "note", "known")


def parsed(line):
    try:
        return json.loads(line)
    except ValueError:
        return {"severity": "error", "rule": "broken-report", "message": f"not JSON: {line}"}


def read_findings(report):
    """Lines without a severity are summaries. Each process may have written a file of its own."""
    text = "".join(pathlib.Path(path).read_text() for path in sorted(glob.glob(f"{report}/*")))
    return [record for record in map(parsed, text.splitlines()) if "severity" in record]


def reason(finding, known):
    """Why the program's description knows of this finding, or nothing."""
    where = f"{finding.get('call')} {finding.get('fd_is')}"
    fitting = (why for rule, pattern, why in known if finding["rule"] == rule and re.search(pattern, where))
    return next(fitting, "")


def level(finding, known):
    return "known" if reason(finding, known) else finding["severity"]


def frame_text(frame):
    line = f" {frame['file']}:{frame.get('line')}" if "file" in frame else ""
    address = f" ({frame.get('module')}+{frame['offset']})" if "offset" in frame else ""
    return f"        {frame.get('function', '?')}{line}{address}"


def stack_text(what, stack):
    return "\n".join([f"      {what}:", *map(frame_text, stack)])


def evidence_text(finding):
    shown = ("severity", "message", "rule", "help", "stack", "related", "page")
    rest = " ".join(f"{key}={value}" for key, value in finding.items() if key not in shown)
    stacks = [("stack", finding.get("stack", []))]
    stacks += [(related["what"], related.get("stack", [])) for related in finding.get("related", [])]
    return "\n".join([f"      {rest}", *(stack_text(*stack) for stack in stacks)])


def place(finding, title):
    """Every process of a program repeats a finding: by rule and call site it is one."""
    site = [(frame.get("module"), frame.get("offset")) for frame in finding.get("stack", [])[:2]]
    return json.dumps([title, finding["rule"], site])


def findings_text(findings, known):
    """What counts in full; notes, and what is known, in one line each."""
    places, lines = {}, []
    for finding in findings:
        why = reason(finding, known)
        title = f"known, {why}" if why else finding["severity"]
        places.setdefault(place(finding, title), (title, []))[1].append(finding)
    for title, same in places.values():
        lines.append(f"    {title}: {same[0].get('message')} [{same[0]['rule']}] reported {len(same)} times")
        if title in ("error", "warning"):
            lines.append(evidence_text(same[0]))
    return "\n".join(lines)
