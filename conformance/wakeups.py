# Ways to wait at one instance, and the count of those whom an event reaches.
from libc import libc
from masks import POLLIN
from memory import Events, PollFds
from outcome import Returns
from waiting import settled, until


def wait(epoll):
    return libc.epoll_wait(epoll, Events(1), 1, -1)


def poll_and_wait(epoll):
    """Polls the instance and takes the event it was promised, or waits on if another was quicker."""
    assert libc.poll(PollFds((epoll, POLLIN)), 1, -1) == Returns(1)
    return wait(epoll)


def reached(waiters, number):
    """How many waits have ended with an event, once `number` have and the others sleep on."""
    # a level-triggered event is handed from waiter to waiter: one that sleeps may be woken yet
    until(lambda: sum(waiter.returned() for waiter in waiters) >= number, f"{number} waits have ended")
    settled(waiters)
    return [waiter.result() for waiter in waiters if waiter.returned()].count(Returns(1))
