"""How much longer a program takes to start and end with the library preloaded."""
from budgets import mark
from measure import compared, printed, shown

TITLE = "/bin/true from start to end, without and with the library in turn, microseconds"


def measure(bench):
    result = {}
    for mode in ("control", "floor", "off", "default"):
        pairs = []
        for _ in range(bench.rounds):
            pairs += printed(bench.run([bench.program("startup"), "80", "/bin/true"], mode)[0].stdout, "pair")
        result[mode] = compared(pairs)
    return result, {}


def values(result):
    for mode, figures in result.items():
        yield mode, {"added us": figures["added"]["median"]}


def lines(result):
    for mode, quantities in values(result):
        figures = result[mode]
        native, added = figures["native"], figures["added"]
        yield (f"{mode:34}{native['median']:10.0f} us  {shown(figures['ratio'])} {added['median']:+8.0f} us"
               f" ({added['p10']:+.0f} to {added['p90']:+.0f}){mark('startup', mode, quantities)}")
