# Giving up single capabilities, in a child: root stays root, but for what the clause is about.
import struct

from libc import raw
from memory import Buffer
from outcome import Returns

VERSION_3 = 0x20080522
CAP_SYS_ADMIN, CAP_BLOCK_SUSPEND = 21, 36


def drop(capability):
    """Takes it out of the effective set of this thread."""
    header, sets = Buffer(struct.pack("<Ii", VERSION_3, 0)), Buffer(bytes(24))
    assert raw.capget(header, sets) == Returns(0)
    words = list(struct.unpack("<6I", sets.bytes))
    words[capability // 32 * 3] &= ~(1 << capability % 32)
    assert raw.capset(header, Buffer(struct.pack("<6I", *words))) == Returns(0)
