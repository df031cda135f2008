# The matrix as JUnit: a suite per system, a case per clause; a skip is a skip, a deviation passes with its cause.
from xml.etree import ElementTree


def _case(suite, row):
    case = ElementTree.SubElement(suite, "testcase", classname=row["page"], name=row["clause"])
    said = "\n".join(f"{key}: {row[key]}" for key in ("sentence", "expected", "observed", "reason") if row[key])
    if row["verdict"] == "fails":
        ElementTree.SubElement(case, "failure", message=row["sentence"]).text = said
    elif row["verdict"] == "skipped":
        ElementTree.SubElement(case, "skipped", message=row["reason"] or "")
    elif row["verdict"] != "holds":
        ElementTree.SubElement(case, "system-out").text = f"{row['verdict']}\n{said}"


def text(matrix):
    root = ElementTree.Element("testsuites")
    for run in matrix.runs:
        counts = run.counts()
        suite = ElementTree.SubElement(root, "testsuite", name=run.name, tests=str(len(run.rows)), errors="0",
                                       failures=str(counts["fails"]), skipped=str(counts["skipped"]))
        properties = ElementTree.SubElement(suite, "properties")
        ElementTree.SubElement(properties, "property", name="system", value=run.system)
        for row in run.rows.values():
            _case(suite, row)
    ElementTree.indent(root)
    return ElementTree.tostring(root, encoding="unicode", xml_declaration=True) + "\n"
