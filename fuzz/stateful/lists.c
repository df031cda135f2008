/* The fourth oracle: interest lists as the model, the kernel (proc(5), fdinfo) and the library have
 * them. */
#include "run.h"

#include "inspect.h"

#include <dlfcn.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>

struct entries {
	int count;
	struct pollcheck_entry of[ITEMS];
};

static struct entries modelled, has, believes;
static pollcheck_interest_list_type *interest_list;

/* Bits of a mask that the kernel shows otherwise than asked for. */
static uint32_t shown_otherwise;

static int ordered(const void *first, const void *second)
{
	const struct pollcheck_entry *a = first, *b = second;
	if (a->fd != b->fd)
		return a->fd - b->fd;
	if (a->uncertain != b->uncertain)
		return a->uncertain - b->uncertain;
	if (a->data != b->data)
		return a->data < b->data ? -1 : 1;
	return a->events < b->events ? -1 : a->events > b->events;
}

static void sort(struct entries *list)
{
	qsort(list->of, (size_t)list->count, sizeof(list->of[0]), ordered);
}

static void listed(const struct pollcheck_entry *entry, void *list)
{
	struct entries *to = list;
	if (to->count == ITEMS)
		return;
	to->of[to->count] = *entry;
	to->of[to->count++].events &= ~shown_otherwise;
}

static void kernel_list(int epfd, struct entries *list)
{
	static char text[16384];
	char path[64];
	list->count = 0;
	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", epfd);
	long fd = bare_call(SYS_openat, AT_FDCWD, path, O_RDONLY, 0);
	long size = bare_call(SYS_read, fd, text, sizeof(text) - 1);
	bare_call(SYS_close, fd);
	text[size > 0 ? size : 0] = '\0';
	for (char *line = text; (line = strstr(line, "tfd:")); line++) {
		struct pollcheck_entry entry = {.fd = (int)strtol(line + 4, &line, 10)};
		entry.events = (uint32_t)strtoul(strstr(line, "events:") + 7, &line, 16);
		entry.data = strtoull(strstr(line, "data:") + 5, &line, 16);
		listed(&entry, list);
	}
	sort(list);
}

/* The library cannot know of a description that only the child still holds. */
static void model_list(int instance, struct entries *list, bool all)
{
	list->count = 0;
	for (int i = 0; i < model.items_used; i++) {
		const struct item *item = &model.items[i];
		struct pollcheck_entry entry = {
			.fd = base + item->number, .events = item->events, .data = item->data};
		if (item->live && item->instance == instance &&
			(all || model_number_of(item->file) >= 0))
			listed(&entry, list);
	}
	sort(list);
}

static int add_entries(char *text, size_t size, const struct entries *list)
{
	int used = 0;
	for (int i = 0; i < list->count && (size_t)used + 64 < size; i++)
		used += snprintf(text + used, size - (size_t)used, " {fd %d, %#x, %#llx%s}",
			list->of[i].fd, list->of[i].events, (unsigned long long)list->of[i].data,
			list->of[i].uncertain ? ", uncertain" : "");
	return used;
}

static bool same(const struct entries *a, const struct entries *b)
{
	if (a->count != b->count)
		return false;
	for (int i = 0; i < a->count; i++)
		if (ordered(&a->of[i], &b->of[i]) != 0)
			return false;
	return true;
}

/* Of a one-shot the library may not know whether it was the one that fired: its datum is not its
 * alone. Then its number counts, not the rest. */
static bool take_one(struct entries *from, const struct pollcheck_entry *believed)
{
	for (int i = 0; i < from->count; i++) {
		const struct pollcheck_entry *e = &from->of[i];
		if (e->fd != believed->fd ||
			(!believed->uncertain &&
				(e->events != believed->events || e->data != believed->data)))
			continue;
		if (believed->uncertain && !(believed->events & EPOLLONESHOT))
			return false;
		from->of[i] = from->of[--from->count];
		return true;
	}
	return false;
}

/* What a child alone keeps registered is out of the library's sight, and may have fired in the
 * place of a one-shot with the same datum. */
static void doubt_one_shots(struct entries *beliefs, int instance)
{
	for (int i = 0; i < model.items_used; i++) {
		const struct item *ghost = &model.items[i];
		for (int e = 0; ghost->ghost && ghost->instance == instance && e < beliefs->count;
			e++)
			if ((beliefs->of[e].events & EPOLLONESHOT) &&
				beliefs->of[e].data == ghost->data)
				beliefs->of[e].uncertain = 1;
	}
}

static void mark_ghosts(void)
{
	for (int i = 0; i < model.items_used; i++)
		model.items[i].ghost |=
			model.items[i].live && model_number_of(model.items[i].file) < 0;
}

static bool believed(const struct entries *kernel, struct entries *beliefs)
{
	static struct entries left;
	left = *kernel;
	sort(beliefs); /* those it is sure of choose first */
	for (int i = 0; i < beliefs->count; i++)
		if (!take_one(&left, &beliefs->of[i]))
			return false;
	return left.count == 0;
}

static bool list_differs(int number, char *text, size_t size)
{
	int instance = model.number[number], used;
	model_list(instance, &modelled, true);
	kernel_list(base + number, &has);
	believes.count = 0;
	bool kernel = same(&modelled, &has);
	if (kernel && interest_list && interest_list(base + number, listed, &believes) == 0) {
		model_list(instance, &modelled, false);
		doubt_one_shots(&believes, instance);
		if (believed(&modelled, &believes))
			return false;
	} else if (kernel && !interest_list) {
		return false;
	}
	used = snprintf(text, size, "interest list of %d: the model has", base + number);
	used += add_entries(text + used, size - (size_t)used, &modelled);
	used += snprintf(text + used, size - (size_t)used, "; the kernel has");
	used += add_entries(text + used, size - (size_t)used, &has);
	used += snprintf(text + used, size - (size_t)used, "; the library believes");
	add_entries(text + used, size - (size_t)used, &believes);
	return true;
}

/* What a step may have changed: the instance it names, or, where files end, any. What a birth does
 * to others is looked at when they are, in the end at the latest. */
static bool concerns(const struct step *s, int number)
{
	if (!s)
		return true;
	if (s->operation < DUPLICATE)
		return model.number[number] >= model.files_used - 2;
	switch (s->operation) {
	case WRITE:
	case READ:
	case SHUTDOWN:
		return false;
	case ADD:
	case MODIFY:
	case DELETE:
	case WAIT:
		return number == s->a;
	default:
		return true;
	}
}

bool lists_differ(const struct step *s, char *text, size_t size)
{
	mark_ghosts();
	for (int i = 0; i < NUMBERS; i++) {
		if (!concerns(s, i))
			continue;
		int file = model.number[i];
		if (file >= 0 && model.files[file].kind == INSTANCE && list_differs(i, text, size))
			return true;
		if ((file < 0 || model.files[file].kind != INSTANCE) && interest_list &&
			interest_list(base + i, listed, &believes) == 0) {
			snprintf(text, size,
				"fd %d is no epoll instance, the library believes it is", base + i);
			return true;
		}
	}
	return false;
}

/* The kernel adds EPOLLERR and EPOLLHUP, and drops EPOLLWAKEUP from a process that may not use it
 * or where there is nothing to keep awake. */
void lists_begin(void)
{
	struct epoll_event event = {EPOLLIN | EPOLLWAKEUP, {.u64 = 0}};
	int epfd = (int)bare_call(SYS_epoll_create1, 0), fd = (int)bare_call(SYS_eventfd2, 0, 0);
	bare_call(SYS_epoll_ctl, epfd, EPOLL_CTL_ADD, fd, &event);
	kernel_list(epfd, &has);
	model_dropped_events = has.of[0].events & EPOLLWAKEUP ? 0 : EPOLLWAKEUP;
	shown_otherwise = EPOLLERR | EPOLLHUP | model_dropped_events;
	bare_call(SYS_close, fd);
	bare_call(SYS_close, epfd);
	interest_list =
		(pollcheck_interest_list_type *)dlsym(RTLD_DEFAULT, "pollcheck_interest_list");
}
