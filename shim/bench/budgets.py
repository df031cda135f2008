"""What may be spent. A limit holds now; an aim is where the next work should lead."""
from fnmatch import fnmatchcase

LIMIT, AIM = "!", "~"  # the marks a figure gets when it is over

BUDGETS = (  # part, rows, quantity, most, kind
    ("blocks", "epoll_wait, 1 ready*", "ratio", 1.08, LIMIT),
    ("blocks", "epoll_wait, 1 ready*", "ratio", 1.05, AIM),
    ("blocks", "epoll_wait, 1 ready", "traced ratio", 1.15, LIMIT),
    ("blocks", "poll of 1, *", "ratio", 1.10, LIMIT),
    ("blocks", "poll of 1, *", "ratio", 1.08, AIM),
    ("blocks", "poll of 1024, *", "ratio", 1.02, AIM),
    ("blocks", "each further pollfd of *", "added", 1.0, LIMIT),
    ("blocks", "epoll_ctl MOD*", "ratio", 1.10, AIM),
    ("blocks", "read 1 byte, *", "added", 12, LIMIT),
    ("blocks", "read 1 byte, *", "ratio", 1.05, AIM),
    ("blocks", "write 1 byte, *", "added", 12, LIMIT),
    ("blocks", "write 1 byte, *", "ratio", 1.05, AIM),
    ("blocks", "recv 1 byte, *", "added", 12, LIMIT),
    ("blocks", "send 1 byte, *", "added", 12, LIMIT),
    ("blocks", "close*", "added", 12, LIMIT),
    ("blocks", "close*", "ratio", 1.10, AIM),
    ("blocks", "* registrations, not 10", "added", 5, AIM),
    ("quiet", "*", "system calls a call", 0, LIMIT),
    ("quiet", "*", "threads", 0, LIMIT),
    # what gcc 12 -O2 made for x86-64, and a sixth more: growth beyond that was not meant
    ("quiet", "epoll_wait, 1 ready", "instructions", 290, LIMIT),
    ("quiet", "epoll_ctl MOD", "instructions", 545, LIMIT),
    ("quiet", "poll of 1, 1 ready", "instructions", 225, LIMIT),
    ("quiet", "read 1 byte, pipe", "instructions", 46, LIMIT),
    ("quiet", "write 1 byte, pipe", "instructions", 52, LIMIT),
    ("quiet", "dup", "instructions", 435, LIMIT),
    ("quiet", "close", "instructions", 182, LIMIT),
    ("startup", "default", "added us", 1000, AIM),
    ("footprint", "bytes for a descriptor", "added", 64, AIM),
    ("footprint", "bytes of TLS", "added", 128, AIM),
    ("servers", "*", "throughput lost", 0.02, AIM),
    ("servers", "redis *", "throughput lost, recorded", 0.03, LIMIT),
    ("servers", "nginx *", "throughput lost, recorded", 0.03, LIMIT),
    ("servers", "memcached *", "throughput lost, recorded", 0.03, AIM),
    ("servers", "echo *", "throughput lost, recorded", 0.03, AIM),
    ("servers", "*", "p99 latency ratio", 1.05, AIM),
)


def over(part, row, quantities):
    """Those budgets of the row that its quantities exceed, limits before aims."""
    about_it = (budget for budget in BUDGETS if budget[0] == part and fnmatchcase(row, budget[1]))
    broken = [budget for budget in about_it if quantities.get(budget[2], 0) > budget[3]]
    return sorted(broken, key=lambda budget: budget[4] != LIMIT)


def mark(part, row, quantities):
    broken = over(part, row, quantities)
    return broken[0][4] if broken else ""
