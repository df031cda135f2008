/* Data in all its uses; then data.fd alone is set in memory that held an address. */
#include "rule.h"

#include <stdint.h>

static void added(int epfd, struct epoll_event event)
{
	int fd = must(eventfd(0, EFD_CLOEXEC));
	must(epoll_ctl(epfd, EPOLL_CTL_ADD, fd, &event));
	event.events = ~0u; /* of no meaning for EPOLL_CTL_DEL, nor is data (epoll_ctl(2) BUGS) */
	event.data.ptr = &event;
	event.data.fd = fd;
	must(epoll_ctl(epfd, EPOLL_CTL_DEL, fd, &event));
	close(fd);
}

/* As libev does: a counter above the descriptor, which comes to look like an address in time. */
static void tagged(int epfd)
{
	int fd = must(eventfd(0, EFD_CLOEXEC));
	struct epoll_event event = {.events = EPOLLIN};
	event.data.u64 = (uint64_t)1 << 32 | (unsigned)fd;
	must(epoll_ctl(epfd, EPOLL_CTL_ADD, fd, &event));
	event.data.u64 = ((uint64_t)(uintptr_t)&event & ~(uint64_t)UINT32_MAX) | (unsigned)fd;
	must(epoll_ctl(epfd, EPOLL_CTL_MOD, fd, &event));
	_exit(0);
}

static void right(void)
{
	int epfd = instance(), here;
	added(epfd, (struct epoll_event){.events = EPOLLIN, .data.ptr = &here});
	added(epfd, (struct epoll_event){.events = EPOLLIN, .data.u64 = UINT64_MAX});
	added(epfd, (struct epoll_event){.events = EPOLLIN, .data.u64 = 5});
	pid_t child = must(fork());
	if (child == 0)
		tagged(instance());
	must(waitpid(child, NULL, 0));
	close(epfd);
}

static void wrong(void)
{
	int epfd = instance(), fd = must(eventfd(0, EFD_CLOEXEC));
	struct epoll_event event = {.data.ptr = &event}; /* as an earlier call may have left it */
	event.events = EPOLLIN;
	event.data.fd = fd;
	must(epoll_ctl(epfd, EPOLL_CTL_ADD, fd, &event));
	close(fd);
	close(epfd);
}
