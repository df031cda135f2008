"""The page of `pollcheck report`, in a browser: what it shows, what a person can do with it, what it must not do."""
import json
import random
import re
import shutil
import subprocess

import pytest

from command import command, pollcheck, run_plainly  # noqa: F401
from conftest import ROOT
from page import DESKTOP, PHONE, browser, requests
from tracefile import Trace


PAGE = ROOT / "shim/tool/page"
IN, HUP = 1, 16
LEFT, RIGHT, DOWN, ESCAPE = "\ue012", "\ue014", "\ue015", "\ue00c"  # keys, as WebDriver numbers them
HOSTILE = "</script><img src=x onerror=alert(1)>&<!--"


def finding(trace, at, tid, **changes):
    frame = {"offset": 0x1139, "module": "/opt/" + HOSTILE, "build_id": "", "function": "main" + HOSTILE}
    trace.event("finding", at, tid=tid, **{
        "number": 1, "severity": 2, "epfd": 4, "fd": 7, "result": 1, "count": 128, "rule": "eof-not-handled",
        "message": "descriptor 7 is at end of file " + HOSTILE, "call": "epoll_wait(4) = 1 " + HOSTILE,
        "fd_is": "unix stream /run/" + HOSTILE, "confirmed_by": "zero-timeout poll", "hint": HOSTILE,
        "stack": [frame],
        "related": [{"what": "registered " + HOSTILE, "stack_length": 1, "stack": [frame]}]} | changes)


def make_server(folder, rounds=2000):
    """Two threads serve descriptors 5 to 24; then the first spins on 7, which is at its end."""
    trace, chance, now = Trace(folder / "4711.0", program="/srv/chat" + HOSTILE.replace('"', "")), random.Random(1), {}
    trace.site(1, "main" + HOSTILE)
    trace.event("descriptor_born", 1000, fd=4, generation=1, kind=14, site=1)
    for fd in range(5, 25):
        trace.event("descriptor_born", 1000 * fd, fd=fd, generation=1, kind=1, site=1)
        trace.event("epoll_ctl", 1000 * fd + 400, duration=400, site=1, epfd=4, op=1, fd=fd, result=0,
                    asked=[{"events": IN, "data": fd}])
    for i in range(rounds):
        tid, fd, waited = 4711 + i % 2, chance.randrange(5, 25), int(chance.expovariate(1e-6))
        now[tid] = now.get(tid, 100_000) + waited
        trace.event("epoll_wait", now[tid], tid=tid, duration=waited, site=1, epfd=4, maxevents=64, timeout=-1,
                    result=1, ready=[{"fd": fd, "events": IN, "data": fd}])
        now[tid] += chance.randrange(1000, 400_000)
        trace.event("read", now[tid], tid=tid, duration=800, site=1, fd=fd, result=412)
    start = max(now.values()) + 1000
    for i in range(3000):
        trace.event("epoll_wait", start + 1000 * i, duration=300, site=1, epfd=4, maxevents=64, timeout=-1, result=1,
                    ready=[{"fd": 7, "events": IN | HUP, "data": 7}])
        trace.event("read", start + 1000 * i + 500, duration=100, site=1, fd=7, result=0)
        if i == 128:
            finding(trace, start + 1000 * i + 600, 4711)
    trace.event("descriptor_closed", start + 3_100_000, fd=9, generation=1, site=1)
    trace.close()
    return folder


@pytest.fixture(scope="module")
def page(command, tmp_path_factory):
    folder = tmp_path_factory.mktemp("page")
    ended = run_plainly(command, "report", "-o", folder / "report.html", make_server(folder / "trace"))
    assert (ended.status, ended.stdout, ended.stderr) == (0, "", "")
    return folder / "report.html"


@pytest.fixture(scope="module")
def driver(page):
    with browser() as driver:
        yield driver


@pytest.fixture
def opened(driver, page):
    driver.get(f"file://{page}")
    return driver


def window(driver):
    return driver.execute_script("return pollcheck.window")


def data_of(page):
    return json.loads(re.search(r'id="data">(.*?)</script>', page.read_text(), re.S)[1])


def click(driver, selector):
    driver.find_element("css selector", selector).click()


def press(driver, *keys):
    scroller = driver.find_element("css selector", ".scroller")
    for key in keys:
        scroller.send_keys(key)


def test_findings_come_first(opened):
    (card,) = opened.find_elements("css selector", ".finding")
    assert card.text.startswith("error") and "descriptor 7 is at end of file" in card.text
    for part in ("epoll_wait(4) = 1", "eof-not-handled", "zero-timeout poll", "unix stream /run/", "called from",
                 "registered", "What to do: when a read returns 0", "epoll_ctl(epfd, EPOLL_CTL_DEL, fd, NULL)"):
        assert part in card.text
    assert card.location["y"] < opened.find_element("id", "timeline").location["y"]


def test_nothing_is_said_on_the_console_and_nothing_is_asked_of_a_network(opened, page):
    assert opened.get_log("browser") == []
    asked = {address for address in requests(opened) if address.startswith(("http", "ws", "ftp", "file"))}
    assert asked == {f"file://{page}"}  # the browser's own first page is chrome:


def test_words_of_a_trace_are_never_markup(opened, page):
    assert opened.find_elements("css selector", "img") == []
    assert opened.execute_script("return document.title") == "pollcheck: /srv/chat" + HOSTILE
    assert page.read_text().count("</script>") == 2 and HOSTILE not in page.read_text()
    assert opened.find_element("css selector", "h1").text == "/srv/chat" + HOSTILE


def test_a_finding_leads_to_its_moment(opened, page):
    whole, at = data_of(page)["duration"], data_of(page)["findings"][0]["at"]
    assert window(opened) == [0, whole]
    click(opened, ".show")
    start, end = window(opened)
    assert start < at < end and end - start < whole / 100
    assert opened.execute_script("return pollcheck.lane.name") == "fd 7"
    assert opened.execute_script("return document.activeElement.className") == "scroller"


def test_the_calls_around_a_finding_are_kept_one_by_one(page):
    """Elsewhere the spinning is merged: the page has fewer marks than there were calls."""
    data = data_of(page)
    lane = next(fd for fd in data["descriptors"] if fd["fd"] == 7)
    counts, start = [], 0
    for distance, _, n, _ in zip(*[iter(lane["ready_marks"])] * 4):
        start += distance
        if abs(start - data["findings"][0]["at"]) < 20_000:
            counts.append(n)
    assert len(counts) > 20 and set(counts) == {1}


@pytest.mark.parametrize("selector, key, factor", [
    ("[aria-label='Zoom in']", "+", 0.5), ("[aria-label='Zoom out']", "-", 2)])
def test_zoom_by_button_and_by_key(opened, selector, key, factor):
    click(opened, "[aria-label='Zoom in']")
    click(opened, "[aria-label='Zoom in']")
    for act in (lambda: click(opened, selector)), (lambda: press(opened, key)):
        start, end = window(opened)
        act()
        new_start, new_end = window(opened)
        assert new_end - new_start == pytest.approx((end - start) * factor)
    press(opened, "0")
    assert window(opened) == [0, opened.execute_script("return pollcheck.data.duration")]


def test_zoom_by_wheel_and_pan_by_dragging(opened):
    move = opened.execute_cdp_cmd
    opened.execute_script("document.querySelector('.scroller').scrollIntoView()")
    box = opened.execute_script("return document.querySelector('canvas.lanes').getBoundingClientRect().toJSON()")
    x, y = box["left"] + box["width"] * 0.6, box["top"] + 60
    before = window(opened)
    move("Input.dispatchMouseEvent",
         {"type": "mouseWheel", "x": x, "y": y, "deltaX": 0, "deltaY": -400, "modifiers": 2})
    start, end = window(opened)
    assert end - start < before[1] - before[0]
    for kind, at in ("mousePressed", x), ("mouseMoved", x - 100), ("mouseReleased", x - 100):
        move("Input.dispatchMouseEvent",
             {"type": kind, "x": at, "y": y, "button": "left", "buttons": 1, "clickCount": 1})
    new_start, new_end = window(opened)
    assert new_start > start and new_end - new_start == pytest.approx(end - start)


def test_every_move_of_the_keyboard(opened):
    press(opened, "+", "+", RIGHT)
    start, _ = window(opened)
    press(opened, LEFT)
    assert window(opened)[0] < start
    press(opened, DOWN, DOWN)
    assert opened.execute_script("return pollcheck.lane.name").startswith("thread 471")
    press(opened, "n")
    first = opened.execute_script("return pollcheck.moment")
    tip = opened.find_element("css selector", ".tip")
    assert tip.is_displayed() and "thread 471" in tip.text and " at " in tip.text
    press(opened, "n", "p")
    assert opened.execute_script("return pollcheck.moment") == first
    press(opened, ESCAPE)
    assert not tip.is_displayed()


def test_hovering_tells_the_call(opened):
    click(opened, ".show")
    place = opened.execute_script("""
        const t = pollcheck, box = t.canvas.getBoundingClientRect(), at = t.x(pollcheck.data.findings[0].at);
        const lane = t.lanes.find((lane) => lane.name === "fd 7");
        return [box.left + at, box.top + 30 + lane.y - t.scroller.scrollTop + lane.height / 4];""")
    opened.execute_cdp_cmd("Input.dispatchMouseEvent", {"type": "mouseMoved", "x": place[0], "y": place[1]})
    tip = opened.find_element("css selector", ".tip").text
    assert tip.startswith("fd 7") and "epoll_wait(4, [{events=EPOLLIN|EPOLLHUP" in tip


def test_numbers_are_in_tables_for_those_who_see_no_pictures(opened):
    figures = opened.find_elements("css selector", "figure[role=img]")
    assert len(figures) == 3 and "Loop lag" in figures[0].get_attribute("aria-label")
    rows = opened.find_elements("css selector", "#descriptors tbody tr")
    assert len(rows) == 21 and rows[0].text.split()[0] == "7"


@pytest.mark.parametrize("size", [DESKTOP, PHONE])
@pytest.mark.parametrize("dark", [False, True])
def test_it_fits_and_can_be_read(page, size, dark, tmp_path):
    with browser(size, dark) as driver:
        driver.get(f"file://{page}")
        assert driver.execute_script("return document.documentElement.scrollWidth") == size[0]
        paper, text = driver.execute_script("""
            const style = getComputedStyle(document.querySelector(".finding"));
            return [style.backgroundColor, style.color].map((color) => color.match(/\\d+/g).slice(0, 3));""")
        light = [sum(map(int, color)) / 3 for color in (paper, text)]
        assert (light[0] < 60 and light[1] > 200) if dark else (light[0] > 240 and light[1] < 60)
        colors = set(driver.execute_script("""
            const {width, height} = pollcheck.canvas, found = new Set();
            const pixels = pollcheck.canvas.getContext("2d").getImageData(0, 0, width, height).data;
            for (let i = 0; i < pixels.length; i += 4)
                found.add(pixels.slice(i, i + 3).join());
            return [...found];"""))
        for name in ("blocked", "busy", "spinning", "ready", "read", "registered"):
            hexadecimal = driver.execute_script(f"return pollcheck.colors().{name}").lstrip("#")
            drawn = ",".join(str(int(hexadecimal[i:i + 2], 16)) for i in (0, 2, 4))
            assert drawn in colors, (name, drawn)
        assert driver.get_log("browser") == []


def test_it_prints_with_all_evidence(opened):
    printed = opened.execute_cdp_cmd("Page.printToPDF", {})
    assert len(printed["data"]) > 20000
    assert opened.execute_script("return [...document.querySelectorAll('details')].every((more) => more.open)")


def test_a_million_events_open_within_three_seconds_and_stay_a_few_megabytes(command, tmp_path):
    report = tmp_path / "report.html"
    trace = make_server(tmp_path / "trace", rounds=497_000)
    assert run_plainly(command, "report", "-o", report, trace).status == 0
    assert data_of(report)["events"] > 999_000 and report.stat().st_size < 6_000_000
    with browser() as driver:
        # of the page's thread, not of the clock on the wall: other tests run beside this one
        driver.execute_cdp_cmd("Performance.enable", {"timeDomain": "threadTicks"})
        driver.get(f"file://{report}")
        driver.execute_script("pollcheck.zoomBy(2); pollcheck.paint()")
        metrics = driver.execute_cdp_cmd("Performance.getMetrics", {})["metrics"]
        took = next(metric["value"] for metric in metrics if metric["name"] == "TaskDuration")
    assert 0 < took < 3, took


def test_a_trace_without_events_has_a_page(pollcheck, tmp_path):
    trace = Trace(tmp_path / "trace" / "1.0").close().parent
    assert pollcheck("report", "-o", tmp_path / "report.html", trace).status == 0
    with browser() as driver:
        driver.get(f"file://{tmp_path}/report.html")
        assert driver.find_element("css selector", "#findings h2").text == "No findings"
        assert driver.get_log("browser") == []


def test_damage_is_on_the_page(pollcheck, driver, tmp_path):
    folder = make_server(tmp_path / "trace", rounds=10)
    (folder / "4711.0" / "9").write_bytes(b"not a packet")
    ended = pollcheck("report", "-o", tmp_path / "report.html", folder)
    assert ended.status == 0 and "4711.0/9: damaged" in ended.stderr
    driver.get(f"file://{tmp_path}/report.html")
    assert "4711.0/9" in driver.find_element("css selector", ".damage").text


def test_the_template_is_built_from_its_sources(tmp_path):
    for path in PAGE.iterdir():
        if path.is_file() and path.name != "template.html":
            shutil.copy(path, tmp_path)
    for words in ["npm", "ci", "--no-audit", "--no-fund"], ["npm", "run", "build"]:
        made = subprocess.run(words, cwd=tmp_path, capture_output=True, text=True, timeout=120)
        assert made.returncode == 0, made.stderr
    assert (tmp_path / "template.html").read_text() == (PAGE / "template.html").read_text()
