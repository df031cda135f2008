"""The main ratios as an SVG of horizontal bars; two panels, because one is linear and one spans decades."""
import math
from xml.sax.saxutils import escape

WIDTH, LABEL, BAR = 900, 300, 18
COLOURS = {"off": "#9ab", "default": "#2563a8", "pollcheck": "#2563a8", "pollcheck record": "#2563a8",
           "peer": "#777"}
MAIN = ("epoll_wait, 1 ready", "epoll_wait, 64 ready of 512", "epoll_wait + read", "epoll_ctl MOD",
        "poll of 1, 1 ready", "poll of 64, 1 ready", "poll of 1024, 1 ready", "select of 1, 1 ready",
        "read 1 byte, pipe", "close")


class Panel:
    """Bars of ratios between `low` and `high`; `bend` is the scale (a logarithm or none)."""

    def __init__(self, top, title, low, high, ticks, bend):
        self.y, self.low, self.high, self.bend = top + 44, low, high, bend
        self.parts = [f'<text x="10" y="{top + 16}" font-weight="bold">{escape(title)}</text>']
        self.ticks, self.top = ticks, top + 38

    def x(self, ratio):
        inside = min(max(ratio, self.low), self.high)
        low, high, at = self.bend(self.low), self.bend(self.high), self.bend(inside)
        return LABEL + (WIDTH - LABEL - 90) * (at - low) / (high - low)

    def bar(self, label, low, ratio, high, colour):
        start, end, middle = self.x(1), self.x(ratio), self.y + BAR / 2 - 2
        self.parts += [
            f'<text x="{LABEL - 8}" y="{middle + 4}" text-anchor="end">{escape(label)}</text>',
            f'<rect x="{min(start, end):.1f}" y="{self.y}" width="{max(abs(end - start), 1):.1f}" '
            f'height="{BAR - 5}" fill="{colour}"/>',
            f'<path d="M{self.x(low):.1f} {middle}H{self.x(high):.1f}" stroke="#000" stroke-width="1.5"/>',
            f'<text x="{WIDTH - 80}" y="{middle + 4}">{ratio:.{2 if ratio < 10 else 0}f}</text>']
        self.y += BAR

    def drawn(self):
        for tick in self.ticks:
            self.parts.insert(0, f'<path d="M{self.x(tick):.1f} {self.top}V{self.y}" stroke="#ccc"/>'
                                 f'<text x="{self.x(tick):.1f}" y="{self.top - 4}" text-anchor="middle" '
                                 f'fill="#666">{tick:g}</text>')
        return "\n".join(self.parts)


def modes_panel(blocks):
    panel = Panel(0, "one call: time divided by native (line: middle 80 % of the blocks)",
                  0.9, 1.5, (0.9, 1, 1.1, 1.2, 1.3, 1.4, 1.5), lambda ratio: ratio)
    for row in [row for row in MAIN if row in blocks]:
        for mode in [mode for mode in ("off", "default") if mode in blocks[row]]:
            ratio = blocks[row][mode]["ratio"]
            panel.bar(f"{row} ({mode})", ratio["p10"], ratio["median"], ratio["p90"], COLOURS[mode])
    return panel


def peers_panel(peers, top):
    panel = Panel(top, "whole processes: time divided by native (line: least to most)",
                  0.5, 5000, (1, 10, 100, 1000), math.log)
    for row in ("epoll_wait, 1 ready", "poll of 1, 1 ready"):
        for peer in [name for name in peers["rows"][row] if name != "native"]:
            low, ratio, high = peers["rows"][row][peer]
            panel.bar(f"{row}: {peer}", low, ratio, high, COLOURS.get(peer, COLOURS["peer"]))
    return panel


def made_by(about, y):
    words = f"{about['command']}: {about['processor']}, Linux {about['kernel']}, {about['when'][:10]}, {about['commit']}"
    return f'<text x="10" y="{y}" fill="#666">{escape(words)}</text>\n'


def drawn(figures):
    panels = [modes_panel(figures["blocks"])] if figures.get("blocks") else []
    if figures.get("peers"):
        panels.append(peers_panel(figures["peers"], panels[0].y + 20 if panels else 0))
    height = panels[-1].y + 30 if panels else 30
    return (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" '
            f'font-family="sans-serif" font-size="12">\n<rect width="100%" height="100%" fill="#fff"/>\n'
            + made_by(figures["about"], height - 10) + "\n".join(panel.drawn() for panel in panels) + "\n</svg>\n")
