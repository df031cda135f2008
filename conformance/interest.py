# The interest list of an epoll instance as the kernel shows it in /proc/self/fdinfo.
import re
from pathlib import Path

from masks import Mask
from memory import descriptor

LINE = re.compile(r"tfd: +(\d+) events: +([0-9a-f]+) data: +([0-9a-f]+) ")


def interest_list(epfd):
    """[(fd, event mask, data)] by descriptor; the mask has ERR and HUP, which the kernel adds itself."""
    entries = LINE.findall(Path(f"/proc/self/fdinfo/{descriptor(epfd)}").read_text())
    return sorted((int(fd), Mask(int(events, 16)), int(data, 16)) for fd, events, data in entries)
