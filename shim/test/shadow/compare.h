/* What the kernel has (proc(5), fdinfo of an epoll descriptor) against what the library believes
 * (inspect.h). Nothing here is seen by the library: its own calls would repair what is to be found.
 */
#ifndef SHADOW_COMPARE_H
#define SHADOW_COMPARE_H

#include "inspect.h"
#include "operations.h"

#include <dlfcn.h>

enum { HIGHEST = 1 << 17 };

/* Numbers changed out of the library's sight and not yet met again: left out. */
static bool unseen[HIGHEST];

/* Registrations compared, how many of them were orphans or one-shots, and how many of the latter
 * and of the others the library was not sure of. */
static long compared, orphans, one_shots, uncertain_one_shots, uncertain_others;

struct list {
	struct pollcheck_entry *entries;
	size_t count, room;
};

static struct list has, believes; /* used again and again: 100,000 entries are 3 MB */
static pollcheck_interest_list_type *interest_list;

/* Bits the kernel adds to or takes from every mask it keeps, as measured. */
static uint32_t not_kept_as_asked;

static void listed(const struct pollcheck_entry *entry, void *argument)
{
	struct list *list = argument;
	if ((unsigned)entry->fd < HIGHEST && unseen[entry->fd])
		return;
	if (list->count == list->room) {
		list->room = list->room ? 2 * list->room : 256;
		list->entries = realloc(list->entries, list->room * sizeof(*list->entries));
		must(list->entries != NULL, "memory");
	}
	list->entries[list->count] = *entry;
	list->entries[list->count++].events &= ~not_kept_as_asked;
}

/* A file as it is now, with a zero behind; used until the next call. */
static char *contents(const char *path)
{
	static char *text;
	static size_t room;
	size_t size = 0;
	long got = 1, fd = unwatched(SYS_openat, AT_FDCWD, (long)path, O_RDONLY, 0);
	must(fd >= 0, path);
	while (got > 0) {
		if (room - size < 65536)
			must((text = realloc(text, room += room + 65536)) != NULL, "memory");
		got = unwatched(SYS_read, fd, (long)(text + size), (long)(room - size - 1), 0);
		size += got > 0 ? (size_t)got : 0;
	}
	unwatched(SYS_close, fd, 0, 0, 0);
	text[size] = 0;
	return text;
}

static void kernel_list(int epfd, struct list *list)
{
	char path[64];
	list->count = 0;
	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", epfd);
	for (char *line = contents(path); line; line = strchr(line, '\n')) {
		line += *line == '\n';
		if (strncmp(line, "tfd:", 4) != 0)
			continue;
		struct pollcheck_entry entry = {.fd = (int)strtol(line + 4, &line, 10)};
		entry.events = (uint32_t)strtoul(strstr(line, "events:") + 7, &line, 16);
		entry.data = strtoull(strstr(line, "data:") + 5, &line, 16);
		listed(&entry, list);
	}
}

static bool is_epoll(int fd)
{
	char path[64], target[64] = "";
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	unwatched(SYS_readlinkat, AT_FDCWD, (long)path, (long)target, sizeof(target) - 1);
	return strcmp(target, "anon_inode:[eventpoll]") == 0;
}

/* By number, those the library is sure of first. */
static int ordered(const void *first, const void *second)
{
	const struct pollcheck_entry *a = first, *b = second;
	return a->fd != b->fd ? a->fd - b->fd : a->uncertain - b->uncertain;
}

static void print_entries(const struct pollcheck_entry *entries, size_t count)
{
	for (size_t i = 0; i < count; i++)
		printf(" {events %#x, data %#llx%s%s}", entries[i].events,
			(unsigned long long)entries[i].data, entries[i].orphan ? ", orphan" : "",
			entries[i].uncertain ? ", uncertain" : "");
	printf("%s", count ? "" : " nothing");
}

static _Noreturn void stop(int epfd, int fd)
{
	printf("; seed %llu, the last operations on fd %d, then on epfd %d:\n",
		(unsigned long long)seed, fd, epfd);
	print_operations(fd);
	printf("  --\n");
	print_operations(epfd);
	fflush(stdout);
	_exit(1);
}

static _Noreturn void diverged(int epfd, int fd, size_t from, size_t there, size_t at, size_t here)
{
	printf("diverged: epfd %d, fd %d: the kernel has", epfd, fd);
	print_entries(has.entries + from, there);
	printf("; the library believes");
	print_entries(believes.entries + at, here);
	stop(epfd, fd);
}

static _Noreturn void mistaken(int epfd, const char *what)
{
	printf("diverged: fd %d is %s", epfd, what);
	stop(epfd, epfd);
}

/* May this entry be one the library is not sure of? Each program says for itself. */
static bool may_be_uncertain(const struct pollcheck_entry *);

static void counted(const struct pollcheck_entry *entry)
{
	bool one_shot = entry->events & EPOLLONESHOT;
	compared++;
	orphans += entry->orphan;
	one_shots += one_shot;
	uncertain_one_shots += one_shot && entry->uncertain;
	uncertain_others += !one_shot && entry->uncertain;
}

/* Whether each belief that is certain is among what the kernel has for the number. */
static bool agree(struct pollcheck_entry *there, const struct pollcheck_entry *here, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		size_t j = i;
		while (j < count && !here[i].uncertain &&
			(there[j].events != here[i].events || there[j].data != here[i].data))
			j++;
		if (j == count || (here[i].uncertain && !may_be_uncertain(&here[i])))
			return false;
		struct pollcheck_entry found = there[j];
		there[j] = there[i];
		there[i] = found;
		counted(&here[i]);
	}
	return true;
}

static size_t entries_of(int fd, const struct list *list, size_t from)
{
	size_t to = from;
	while (to < list->count && list->entries[to].fd == fd)
		to++;
	return to - from;
}

static void compare_sorted(int epfd)
{
	size_t i = 0, j = 0;
	while (i < has.count || j < believes.count) {
		int fd = i < has.count ? has.entries[i].fd : INT_MAX;
		if (j < believes.count && believes.entries[j].fd < fd)
			fd = believes.entries[j].fd;
		size_t there = entries_of(fd, &has, i), here = entries_of(fd, &believes, j);
		if (there != here || !agree(has.entries + i, believes.entries + j, here))
			diverged(epfd, fd, i, there, j, here);
		i += there;
		j += here;
	}
}

static void compare_instance(int epfd)
{
	kernel_list(epfd, &has);
	believes.count = 0;
	if (interest_list(epfd, listed, &believes) != 0)
		mistaken(epfd, "an epoll instance, and the library does not know it");
	qsort(has.entries, has.count, sizeof(*has.entries), ordered);
	qsort(believes.entries, believes.count, sizeof(*believes.entries), ordered);
	compare_sorted(epfd);
}

static void listed_nothing(const struct pollcheck_entry *entry, void *argument)
{
	(void)entry;
	(void)argument;
}

/* Every number that is an epoll instance, for the kernel or for the library. */
UNUSED static void compare_number(int fd)
{
	if (unseen[fd])
		return;
	if (is_epoll(fd))
		compare_instance(fd);
	else if (interest_list(fd, listed_nothing, NULL) == 0)
		mistaken(fd, "no epoll instance, and the library believes it is one");
}

/* The kernel adds EPOLLERR and EPOLLHUP to every mask (epoll_ctl(2)), and drops EPOLLWAKEUP from a
 * process that may not use it. Measured: asked for all bits, it shows these changed. A one-shot
 * that fired shows only EPOLLONESHOT, EPOLLET, EPOLLEXCLUSIVE and EPOLLWAKEUP. */
static void measure_masks(void)
{
	struct epoll_event event = {EPOLLIN | EPOLLPRI | EPOLLOUT | EPOLLRDHUP | EPOLLRDNORM |
					    EPOLLRDBAND | EPOLLWRNORM | EPOLLWRBAND | EPOLLMSG |
					    EPOLLWAKEUP | EPOLLONESHOT | EPOLLET,
		{0}};
	int epfd = (int)unwatched(SYS_epoll_create1, 0, 0, 0, 0);
	int fd = (int)unwatched(SYS_eventfd2, 0, 0, 0, 0);
	must(unwatched(SYS_epoll_ctl, epfd, EPOLL_CTL_ADD, fd, (long)&event) == 0, "measure");
	kernel_list(epfd, &has);
	must(has.count == 1, "fdinfo shows one registration");
	not_kept_as_asked = has.entries[0].events ^ event.events;
	unwatched(SYS_close, fd, 0, 0, 0);
	unwatched(SYS_close, epfd, 0, 0, 0);
}

static int finish(void)
{
	printf("compared %ld registrations, %ld of them orphans; uncertain: %ld of %ld one-shots, "
	       "%ld of %ld others\n",
		compared, orphans, uncertain_one_shots, one_shots, uncertain_others,
		compared - one_shots);
	return 0;
}

static void compare_begins(void)
{
	interest_list =
		(pollcheck_interest_list_type *)dlsym(RTLD_DEFAULT, "pollcheck_interest_list");
	if (!interest_list) {
		fprintf(stderr, "pollcheck_interest_list is not there: set LD_PRELOAD to "
				"libpollcheck.so\n");
		exit(2);
	}
	measure_masks();
}

#endif
