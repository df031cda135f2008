# The event bits by the names of poll(2) and epoll_ctl(2); a mask prints as IN+HUP.
BITS = {
    "IN": 0x001, "PRI": 0x002, "OUT": 0x004, "ERR": 0x008, "HUP": 0x010, "NVAL": 0x020,
    "RDNORM": 0x040, "RDBAND": 0x080, "WRNORM": 0x100, "WRBAND": 0x200, "MSG": 0x400, "RDHUP": 0x2000,
    "EXCLUSIVE": 1 << 28, "WAKEUP": 1 << 29, "ONESHOT": 1 << 30, "ET": 1 << 31,
}


class Mask(int):
    def __or__(self, other):
        return Mask(int(self) | other)

    def __and__(self, other):
        return Mask(int(self) & other)

    __ror__ = __or__
    __rand__ = __and__

    def __repr__(self):
        names = [name for name, bit in BITS.items() if self & bit == bit]
        rest = int(self) & ~sum(BITS.values())
        return "+".join(names + [hex(rest)] * bool(rest)) or "0"

    __str__ = __repr__

    def __reduce__(self):
        return Mask, (int(self),)


def _bit(name):
    return Mask(BITS[name])


POLLIN = EPOLLIN = _bit("IN")
POLLPRI = EPOLLPRI = _bit("PRI")
POLLOUT = EPOLLOUT = _bit("OUT")
POLLERR = EPOLLERR = _bit("ERR")
POLLHUP = EPOLLHUP = _bit("HUP")
POLLNVAL = _bit("NVAL")
POLLRDNORM = EPOLLRDNORM = _bit("RDNORM")
POLLRDBAND = EPOLLRDBAND = _bit("RDBAND")
POLLWRNORM = EPOLLWRNORM = _bit("WRNORM")
POLLWRBAND = EPOLLWRBAND = _bit("WRBAND")
POLLMSG = EPOLLMSG = _bit("MSG")
POLLRDHUP = EPOLLRDHUP = _bit("RDHUP")
EPOLLEXCLUSIVE = _bit("EXCLUSIVE")
EPOLLWAKEUP = _bit("WAKEUP")
EPOLLONESHOT = _bit("ONESHOT")
EPOLLET = _bit("ET")
EVERY_ANSWER = Mask(sum(bit for bit in BITS.values() if bit < 1 << 28))  # all that could ever be reported

EPOLL_CTL_ADD, EPOLL_CTL_DEL, EPOLL_CTL_MOD = 1, 2, 3
EPOLL_CLOEXEC = 0o2000000
