"""What a call costs: libc's own function and the library's in alternating blocks inside one process."""
from budgets import mark
from measure import Unmeasured, compared, printed, remark, shown

TITLE = "a call, in alternating blocks inside one process: ratio (10-90 %), added ns"
LEGEND = (
    "floor: a preloaded wrapper that only calls on; none that looks at the answer can be cheaper,",
    "  one that need not look (read, write) can; control: libc beside itself, what the method resolves",
)
PAIRS = {"log": 8, "filling": 20}  # a logged block writes half a megabyte
DERIVED = (  # name, dearer row, cheaper row, divided by
    ("each further pollfd of 64", "poll of 64, 1 ready", "poll of 1, 1 ready", 63),
    ("each further pollfd of 1024", "poll of 1024, 1 ready", "poll of 1, 1 ready", 1023),
    ("1000 registrations, not 10", "epoll_wait, 1 ready of 1000", "epoll_wait, 1 ready of 10", 1),
    ("15000 registrations, not 10", "epoll_wait, 1 ready of 15000", "epoll_wait, 1 ready of 10", 1),
    ("100000 registrations, not 10", "epoll_wait, 1 ready of 100000", "epoll_wait, 1 ready of 10", 1),
)


def names(bench):
    return bench.run([bench.program("blocks")])[0].stdout.splitlines()


def once(bench, row, mode):
    done, found = bench.run([bench.program("blocks"), "paired", row, str(PAIRS.get(mode, 40))], mode)
    library = done.stdout.split("\n")[0].removeprefix("library ")
    if bench.preloaded(mode) not in (None, library):
        raise Unmeasured(f"{bench.preloaded(mode)} was not preloaded, {library} answered")
    return printed(done.stdout, "pair"), found + done.stderr, printed(done.stdout, "spread")


def one_row(bench, row, modes):
    """Processes take turns too: where the loader put things costs as much as what is measured."""
    pairs, said, spread = {mode: [] for mode in modes}, dict.fromkeys(modes, ""), {}
    for _ in range(bench.rounds):
        for mode in modes:
            more, found, spread[mode] = once(bench, row, mode)
            pairs[mode] += more
            said[mode] += found
    return {mode: {**compared(pairs[mode]), "said": said[mode], "spread": spread[mode]} for mode in modes}


def measure(bench, only=None):
    result, missing = {}, {}
    modes = bench.modes()
    for row in only or names(bench):
        try:
            result[row] = one_row(bench, row, modes)
        except Unmeasured as why:
            missing[row] = why
    return result, missing


COMPARED = (  # quantity, mode, figure; "floor X" stands beside X where it is over budget
    ("ratio", "default", "ratio"), ("floor ratio", "floor", "ratio"),
    ("added", "default", "added"), ("floor added", "floor", "added"),
    ("traced ratio", "trace", "ratio"), ("floor traced ratio", "floor", "ratio"),
)


def derived(result):
    for name, dearer, cheaper, divisor in DERIVED:
        if dearer in result and cheaper in result:
            added = {mode: result[dearer][mode]["added"]["median"] - result[cheaper][mode]["added"]["median"]
                     for mode in ("default", "floor")}
            yield name, {"added": added["default"] / divisor, "floor added": added["floor"] / divisor}


def values(result):
    """What budgets are compared with."""
    for row, modes in result.items():
        yield row, {what: modes[mode][figure]["median"] for what, mode, figure in COMPARED if mode in modes}
    yield from derived(result)


def cell(figures, with_mark):
    doubt = "?" if figures["said"] else ""
    return f"{shown(figures['ratio'])} {figures['added']['median']:+.1f}{with_mark}{doubt}"


def spreading(result):
    """Of rows that had to use several instances, for want of descriptors."""
    for row, modes in result.items():
        for instances, descriptors in modes["default"]["spread"][:1]:
            yield (f"{row}: {instances:.0f} epoll instances hold the registrations,"
                   f" of {descriptors:.0f} descriptors; one is waited for or changed")


def lines(result):
    modes = list(next(iter(result.values())))
    yield from LEGEND
    yield f"{'':34}{'native ns':>10}" + "".join(f"  {mode:24}" for mode in modes)
    for row, figures in result.items():
        quantities = dict(values({row: figures}))[row]
        traced = {"traced ratio": quantities.pop("traced ratio", 0)}
        marks = {"default": mark("blocks", row, quantities), "trace": mark("blocks", row, traced)}
        cells = "".join(f"  {cell(figures[mode], marks.get(mode, '')):24}" for mode in modes)
        yield f"{row:34}{figures['default']['native']['median']:10.1f}{cells}"
    for name, quantities in derived(result):
        yield (f"{name:34}{quantities['added']:+10.2f} ns added{mark('blocks', name, quantities):1}"
               f"  floor {quantities['floor added']:+.2f}")
    yield from spreading(result)
    for row, figures in result.items():
        for mode in modes:
            yield from remark(f"{row}, {mode}", figures[mode]["said"])
