# The table of several runs, made from small invented ones: every verdict, a row missing, text that could do harm.
import json
import re
from xml.etree import ElementTree

import pytest

import matrix

FACTS = {"page": "select(2)", "section": "", "level": "must", "sentence": "a | <b>bold</b> sentence",
         "expected": None, "observed": None, "reason": None, "cases": []}
RED = {"expected": "Fails(EINVAL)", "observed": "</script>|"}
NATIVE = [("SEL-EINTR", "holds", {}), ("SEL-EBADF-READ", "deviates", {**RED, "reason": "the cause"}),
          ("SEL-EINVAL-NFDS-RLIMIT", "varies", {"observed": "2"}), ("EPWT-EFAULT", "holds", {"page": "none"})]
OTHER = [("SEL-EINTR", "fails", RED), ("SEL-EBADF-READ", "skipped", {"reason": "no such thing"})]


@pytest.fixture
def files(tmp_path):
    for name, rows in (("native", NATIVE), ("other", OTHER)):
        (tmp_path / f"{name}.json").write_text("".join(json.dumps(
            {**FACTS, "clause": slug, "verdict": verdict, "system": f"{name} 1", **more}) + "\n"
            for slug, verdict, more in rows))
    return [str(tmp_path / "native.json"), str(tmp_path / "other.json")]


@pytest.fixture
def written(files, tmp_path):
    """written("html"): the text of the table in that form."""
    def written(kind):
        assert matrix.main([*files, f"--{kind}", str(tmp_path / "table")]) == 0
        return (tmp_path / "table").read_text()
    return written


def test_counts(files, capsys):
    assert matrix.main(files) == 0
    assert capsys.readouterr().out.splitlines() == [
        f"{'native':24} 2 holds, 1 deviates, 1 varies, 0 skipped, 0 fails",
        f"{'other':24} 0 holds, 0 deviates, 0 varies, 1 skipped, 1 fails"]


def test_markdown(written):
    text = written("markdown")
    assert "| SEL-EINTR | a \\| <b>bold</b> sentence | ✓ | FAILS |" in text
    assert "| EPWT-EFAULT D17 | a \\| <b>bold</b> sentence | ✓ |   |" in text
    assert "| other | deviates" not in text and "`</script>\\|` | the cause |" in text
    assert "`</script>\\|` | untriaged |" in text
    assert "| select(2) | 3 | 1 | 0 |" in text and "| in no page | 1 | 1 | 0 |" in text
    assert re.search(r"^\| D01 \|.* \| ~ \|   \|$", text, re.MULTILINE)


def test_html_carries_its_data_and_nothing_from_elsewhere(written):
    text = written("html")
    data = json.loads(re.search(r'id="data">(.*?)</script>', text, re.DOTALL)[1])
    cells = {clause["clause"]: clause["cells"] for clause in data["clauses"]}
    assert cells["SEL-EINTR"] == [{"verdict": "holds"}, {"verdict": "fails", **RED}]
    assert cells["EPWT-EFAULT"][1] is None
    assert text.count("</script>") == 2
    assert not re.search(r"https?:|src=|href=|@import|url\(", text)


def test_junit(written):
    native, other = ElementTree.fromstring(written("junit"))
    assert (native.get("failures"), other.get("failures"), other.get("skipped")) == ("0", "1", "1")
    assert [child.tag for case in other.iter("testcase") for child in case] == ["failure", "skipped"]
    assert "observed: </script>|" in other.find(".//failure").text


@pytest.mark.parametrize("content, complaint", [
    ("", "no rows"), ("{", "1: no JSON object"), ("[]", "1: not a row"),
    (json.dumps({**FACTS, "clause": "SEL-EINTR", "verdict": "good", "system": ""}), "1: the verdict is one of"),
])
def test_a_file_that_is_no_run_is_refused(tmp_path, capsys, content, complaint):
    (tmp_path / "bad.json").write_text(content)
    assert matrix.main([str(tmp_path / "bad.json")]) == 2
    assert complaint in capsys.readouterr().err
