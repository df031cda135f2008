# Every call of the family by two routes: `libc` through the C library (so that a preload sees it),
# `raw` through syscall(2). Results are Returns(n) or Fails(errno), with the seconds the call took.
import ctypes
import platform
import time
from functools import partial

import pytest

from memory import LIBC, Buffer, Events, SigSet, descriptor
from outcome import Fails, Returns
from system import here

# i an int, l a long or size_t, p a pointer
PROTOTYPES = {
    "select": "ipppp", "pselect": "ippppp", "poll": "pli", "ppoll": "plpp",
    "epoll_create": "i", "epoll_create1": "i", "epoll_ctl": "iiip",
    "epoll_wait": "ipii", "epoll_pwait": "ipiip", "epoll_pwait2": "ipipp",
    "ioctl": "ilp", "fcntl": "iil", "personality": "l", "signalfd": "ipi",
    "timerfd_create": "ii", "timerfd_settime": "iipp", "inotify_init1": "i", "inotify_add_watch": "ipi",
    "__select": "ipppp", "__poll": "pli", "prctl": "ilpll",
}
RAW_PROTOTYPES = {
    **PROTOTYPES,
    "poll": "pii", "pselect6": "ippppp", "ppoll": "pippl", "epoll_pwait": "ipiipl", "epoll_pwait2": "ipippl",
    "gettid": "", "timer_create": "ipp", "timer_settime": "iipp", "timer_delete": "i",
    "signalfd4": "ipli", "kcmp": "iiill", "fsopen": "pi", "tgkill": "iii",
    "io_setup": "ip", "io_submit": "llp", "io_destroy": "l", "io_uring_setup": "ip", "bpf": "ipi",
    "mq_open": "piip", "mq_unlink": "p", "mq_timedsend": "iplip", "mq_timedreceive": "iplpp",
    "fanotify_init": "ii", "fanotify_mark": "iilip", "userfaultfd": "i", "perf_event_open": "piiil",
    "unshare": "l", "mount": "ppplp", "umount2": "pi", "fspick": "ipi", "open_tree": "ipi",
    "memfd_secret": "i", "exit": "i", "capget": "pp", "capset": "pp", "adjtimex": "p",
}
# x86-64, aarch64 (None: this architecture never had it)
NUMBERS = {
    "select": (23, None), "pselect6": (270, 72), "poll": (7, None), "ppoll": (271, 73),
    "epoll_create": (213, None), "epoll_create1": (291, 20), "epoll_ctl": (233, 21),
    "epoll_wait": (232, None), "epoll_pwait": (281, 22), "epoll_pwait2": (441, 441),
    "ioctl": (16, 29), "fcntl": (72, 25), "personality": (135, 92), "kcmp": (312, 272),
    "signalfd4": (289, 74), "timerfd_create": (283, 85), "timerfd_settime": (286, 86), "tgkill": (234, 131),
    "gettid": (186, 178), "timer_create": (222, 107), "timer_settime": (223, 110), "timer_delete": (226, 111),
    "inotify_init1": (294, 26), "inotify_add_watch": (254, 27), "fsopen": (430, 430),
    "io_setup": (206, 0), "io_submit": (209, 2), "io_destroy": (207, 1), "io_uring_setup": (425, 425),
    "mq_open": (240, 180), "mq_unlink": (241, 181), "mq_timedsend": (242, 182), "mq_timedreceive": (243, 183),
    "fanotify_init": (300, 262), "fanotify_mark": (301, 263), "userfaultfd": (323, 282), "bpf": (321, 280),
    "perf_event_open": (298, 241), "unshare": (272, 97), "mount": (165, 40), "umount2": (166, 39),
    "fspick": (433, 433), "open_tree": (428, 428), "memfd_secret": (447, 447), "exit": (60, 93),
    "capget": (125, 90), "capset": (126, 91), "adjtimex": (159, 171),
}
COLUMN = {"x86_64": 0, "aarch64": 1}[platform.machine()]
WAITS = {NUMBERS[call][COLUMN] for call in NUMBERS
         if call.startswith(("select", "pselect", "poll", "ppoll", "epoll_wait", "epoll_pwait"))}
JUNK = 0x5EED5EED << 32  # no ABI promises anything about the upper half of a register that holds an int
CLEAN = here("qemu-user")  # 7.2 reads all 64 bits of poll's timeout: a 0 with junk above would wait for ever
KERNEL_SIGSET = 8


def _pointer(value):
    if isinstance(value, (set, frozenset)):
        return SigSet(value)
    return Buffer(value + b"\0") if isinstance(value, bytes) else value


def _register(role, value):
    if role == "i":
        return ctypes.c_ulong(descriptor(value) if CLEAN else descriptor(value) & 0xFFFFFFFF | JUNK)
    return ctypes.c_ulong((0 if value is None else getattr(value, "address", value)) & (1 << 64) - 1)


def _invoke(function, roles, arguments):
    if len(roles) != len(arguments):
        raise TypeError(f"{len(roles)} arguments wanted, {len(arguments)} given")
    arguments = [_pointer(value) if role == "p" else value for role, value in zip(roles, arguments)]
    registers = [_register(role, value) for role, value in zip(roles, arguments)]
    for argument in arguments:
        if isinstance(argument, Events):
            argument.blank()
    ctypes.set_errno(0)
    began = time.monotonic()
    value = function(*registers)
    seconds = time.monotonic() - began
    result = Fails(ctypes.get_errno(), seconds) if value == -1 else Returns(value, seconds)
    _check_memory(arguments, result)
    return result


def _check_memory(arguments, result):
    for position, argument in enumerate(arguments):
        if isinstance(argument, Buffer) and not argument.intact():
            raise AssertionError(f"{result}, but memory before argument {position + 1} was overwritten")
        if isinstance(argument, Events) and argument.writable:
            counted = list(range(result.value)) if isinstance(result, Returns) else []
            if argument.written != counted:
                raise AssertionError(f"{result}, but the events written are those at {argument.written}")


class Libc:
    def __getattr__(self, call):
        if call not in PROTOTYPES:
            raise AttributeError(f"libc.py has no prototype for {call}: add a row")
        return partial(self.invoke, call)

    def invoke(self, call, *arguments):
        try:
            function = LIBC[call]
        except AttributeError:
            pytest.skip(f"this C library has no {call}")
        function.restype = ctypes.c_int
        return _invoke(function, PROTOTYPES[call], arguments)

    def __repr__(self):
        return "libc"


class Raw:
    def __getattr__(self, call):
        if call not in RAW_PROTOTYPES:
            raise AttributeError(f"libc.py has no prototype for the system call {call}: add a row")
        return partial(self.invoke, call)

    def invoke(self, call, *arguments):
        number = NUMBERS[call][COLUMN]
        if number is None:
            pytest.skip(f"{platform.machine()} has no system call {call}")
        LIBC.syscall.restype = ctypes.c_long
        return _invoke(partial(LIBC.syscall, ctypes.c_long(number)), RAW_PROTOTYPES[call], arguments)

    # these three take one argument more than their library namesakes
    def ppoll(self, fds, nfds, timeout, sigmask, sigsetsize=KERNEL_SIGSET):
        return self.invoke("ppoll", fds, nfds, timeout, sigmask, sigsetsize)

    def epoll_pwait(self, epfd, events, maxevents, timeout, sigmask, sigsetsize=KERNEL_SIGSET):
        return self.invoke("epoll_pwait", epfd, events, maxevents, timeout, sigmask, sigsetsize)

    def epoll_pwait2(self, epfd, events, maxevents, timeout, sigmask, sigsetsize=KERNEL_SIGSET):
        return self.invoke("epoll_pwait2", epfd, events, maxevents, timeout, sigmask, sigsetsize)

    # and this one packs its mask and the mask's size into a structure
    def pselect(self, nfds, readfds, writefds, exceptfds, timeout, sigmask, sigsetsize=KERNEL_SIGSET):
        mask = _pointer(sigmask)
        address = getattr(mask, "address", mask or 0)
        pair = Buffer(address.to_bytes(8, "little") + sigsetsize.to_bytes(8, "little"))
        return self.invoke("pselect6", nfds, readfds, writefds, exceptfds, timeout, pair)

    def __repr__(self):
        return "raw"


libc, raw = Libc(), Raw()
