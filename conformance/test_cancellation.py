# pthreads(7): which calls of the family are cancellation points, each in a small C program.
from functools import partial

import pytest

from clause import clause
from system import here

clause = partial(clause, section="Cancellation points")

# Prints what pthread_join gave: "canceled", or what the call returned. A thread that nothing ends meets
# the alarm. The cancel request comes before the call (PENDING), or once the thread sleeps in it.
PROGRAM = """
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/select.h>
#include <sys/syscall.h>
#include <unistd.h>

static atomic_int tid;
static int pipefd[2], epfd;

static void *waiter(void *unused)
{
	struct pollfd pollfd = {.fd = pipefd[0], .events = POLLIN};
	struct epoll_event event;
	fd_set readfds;
	long result;
	FD_ZERO(&readfds);
	FD_SET(pipefd[0], &readfds);
	(void)pollfd, (void)event, (void)unused;
	pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, NULL);
	if (PENDING)
		pthread_cancel(pthread_self());
	if (ENABLED)
		pthread_setcancelstate(PTHREAD_CANCEL_ENABLE, NULL);
	atomic_store(&tid, syscall(SYS_gettid));
	result = CALL;
	if (result < 0) /* -1 is PTHREAD_CANCELED */
		result = -1000 - errno;
	pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, NULL);
	return (void *)result;
}

static int asleep(void)
{
	char path[64], text[256] = "", *end;
	FILE *file;
	snprintf(path, sizeof(path), "/proc/self/task/%d/stat", atomic_load(&tid));
	file = fopen(path, "r");
	if (!file)
		return 0;
	if (!fgets(text, sizeof(text), file))
		text[0] = 0;
	fclose(file);
	end = strrchr(text, ')');
	return end && end[2] == 'S';
}

int main(void)
{
	struct epoll_event event = {.events = EPOLLIN};
	pthread_t thread;
	void *result;
	alarm(15);
	if (pipe(pipefd) || (epfd = epoll_create1(0)) < 0 || epoll_ctl(epfd, EPOLL_CTL_ADD, pipefd[0], &event) ||
	    pthread_create(&thread, NULL, waiter, NULL))
		return 1;
	if (!PENDING || !ENABLED) {
		while (!atomic_load(&tid) || !asleep())
			usleep(1000);
		pthread_cancel(thread);
	}
	if (!ENABLED && write(pipefd[1], "x", 1) != 1)
		return 1;
	pthread_join(thread, &result);
	if (result == PTHREAD_CANCELED)
		puts("canceled");
	else
		printf("returned %ld\\n", (long)result);
	return 0;
}
"""
CALLS = {
    "select": "select(pipefd[0] + 1, &readfds, NULL, NULL, NULL)",
    "pselect": "pselect(pipefd[0] + 1, &readfds, NULL, NULL, NULL, NULL)",
    "poll": "poll(&pollfd, 1, -1)",
    "ppoll": "ppoll(&pollfd, 1, NULL, NULL)",
    "epoll_wait": "epoll_wait(epfd, &event, 1, -1)",
    "epoll_pwait": "epoll_pwait(epfd, &event, 1, -1, NULL)",
    "epoll_pwait2": "epoll_pwait2(epfd, &event, 1, NULL, NULL)",
}
CASES = pytest.mark.parametrize("pending, enabled, expected", [
    (0, 1, "canceled"), (1, 1, "canceled"), (0, 0, "returned 1")], ids=["blocked", "pending", "disabled"])


@pytest.fixture
def cancelled(compiler):
    """cancelled(call, pending, enabled): what became of the thread."""
    def run(call, pending, enabled):
        return compiler.runs(PROGRAM, "-pthread", f"-DCALL={CALLS[call]}", f"-DPENDING={pending}",
                             f"-DENABLED={enabled}")
    return run


@clause("PT-CANCEL-POINTS", "poll, select and pselect are cancellation points", page="pthreads(7)")
@pytest.mark.parametrize("call", ["poll", "select", "pselect"])
@CASES
def test_cancellation_points(cancelled, call, pending, enabled, expected):
    assert cancelled(call, pending, enabled) == expected


@clause("LIB-EPOLL-CANCEL", "ppoll and the waits of epoll are cancellation points too", page="none",
        section="", level="unsaid")
@pytest.mark.parametrize("call", ["ppoll", "epoll_wait", "epoll_pwait", "epoll_pwait2"])
@CASES
def test_more_cancellation_points(cancelled, call, pending, enabled, expected):
    if call == "epoll_pwait2" and not here("glibc>=2.35"):
        pytest.skip("this C library has no epoll_pwait2")
    assert cancelled(call, pending, enabled) == expected
