/* Interest lists and ready lists. */
#include "model.h"

#include <errno.h>
#include <poll.h>

uint32_t model_dropped_events;

/* What of a mask is no event, and all that is left of a one-shot's when it fired. */
static const uint32_t flags = EPOLLWAKEUP | EPOLLONESHOT | EPOLLET | EPOLLEXCLUSIVE;
static const uint32_t beside_exclusive =
	EPOLLIN | EPOLLOUT | EPOLLERR | EPOLLHUP | EPOLLWAKEUP | EPOLLET | EPOLLEXCLUSIVE;
enum { NESTED = 4 }; /* edges of the longest chain of instances */

/* --- lists of items --- */

static void remove_from(struct list *list, int item)
{
	int kept = 0;
	for (int i = 0; i < list->count; i++)
		if (list->of[i] != item)
			list->of[kept++] = list->of[i];
	list->count = kept;
}

static void insert_at(struct list *list, int place, int item)
{
	for (int i = list->count++; i > place; i--)
		list->of[i] = list->of[i - 1];
	list->of[place] = item;
}

static bool contains(const struct list *list, int item)
{
	for (int i = 0; i < list->count; i++)
		if (list->of[i] == item)
			return true;
	return false;
}

/* --- readiness --- */

static uint32_t poll_item(const struct item *item)
{
	return model_poll(item->file) & item->events;
}

uint32_t model_poll_instance(struct file *f)
{
	while (f->ready.count) {
		int first = f->ready.of[0];
		if (poll_item(&model.items[first]))
			return POLLIN | POLLRDNORM;
		remove_from(&f->ready, first);
	}
	return 0;
}

/* An item may have an event: it goes on the ready list, and whoever watches the instance is told
 * whether it was there already or not. */
static void told(int number, uint32_t key)
{
	struct item *item = &model.items[number];
	struct file *instance = &model.files[item->instance];
	if (!(item->events & ~flags) || (key && !(key & item->events)))
		return;
	if (!contains(&instance->ready, number))
		insert_at(&instance->ready, instance->ready.count, number);
	model_changed(item->instance, POLLIN);
}

void model_changed(int file, uint32_t key)
{
	struct list watchers = model.files[file].watchers;
	for (int i = 0; i < watchers.count; i++)
		told(watchers.of[i], key);
}

/* After epoll_ctl: only a new place on the list is news. */
static void looked_at(int number)
{
	struct item *item = &model.items[number];
	struct file *instance = &model.files[item->instance];
	if (!poll_item(item) || contains(&instance->ready, number))
		return;
	insert_at(&instance->ready, instance->ready.count, number);
	model_changed(item->instance, POLLIN);
}

/* --- epoll_ctl --- */

static int find(int instance, int file, int number)
{
	for (int i = 0; i < model.items_used; i++) {
		const struct item *item = &model.items[i];
		if (item->live && item->instance == instance && item->file == file &&
			item->number == number)
			return i;
	}
	return -1;
}

/* The longest chain of instances down from one, or NESTED + 1 if it meets `into`. */
static int depth_below(int instance, int into)
{
	int deepest = 0;
	for (int i = 0; i < model.items_used; i++) {
		const struct item *item = &model.items[i];
		if (!item->live || item->instance != instance ||
			model.files[item->file].kind != INSTANCE)
			continue;
		int depth = item->file == into ? NESTED + 1 : 1 + depth_below(item->file, into);
		deepest = depth > deepest ? depth : deepest;
	}
	return deepest;
}

static int depth_above(int instance)
{
	int highest = 0;
	for (int i = 0; i < model.items_used; i++)
		if (model.items[i].live && model.items[i].file == instance) {
			int depth = 1 + depth_above(model.items[i].instance);
			highest = depth > highest ? depth : highest;
		}
	return highest;
}

static bool too_deep(int instance, int file)
{
	return model.files[file].kind == INSTANCE &&
	       depth_below(file, instance) + 1 + depth_above(instance) > NESTED;
}

/* Newest first; exclusive ones behind all others, oldest first. */
static void watch(int file, int number)
{
	struct list *watchers = &model.files[file].watchers;
	insert_at(watchers, model.items[number].events & EPOLLEXCLUSIVE ? watchers->count : 0,
		number);
}

static uint32_t kept(uint32_t events)
{
	return (events & ~model_dropped_events) | EPOLLERR | EPOLLHUP;
}

static struct answer add(int instance, int file, const struct step *s)
{
	if (too_deep(instance, file))
		return failed(ELOOP);
	if (find(instance, file, s->b) >= 0)
		return failed(EEXIST);
	int number = model.items_used++;
	model.items[number] =
		(struct item){true, instance, file, s->b, kept(s->events), s->data, false};
	watch(file, number);
	looked_at(number);
	return returned(0);
}

static struct answer modify(int number, const struct step *s)
{
	struct item *item = &model.items[number];
	if (item->events & EPOLLEXCLUSIVE)
		return failed(EINVAL);
	item->events = kept(s->events);
	item->data = s->data;
	looked_at(number);
	return returned(0);
}

static void end_item(int number)
{
	struct item *item = &model.items[number];
	item->live = false;
	remove_from(&model.files[item->file].watchers, number);
	remove_from(&model.files[item->instance].ready, number);
}

void model_file_ended(int file)
{
	for (int i = 0; i < model.items_used; i++)
		if (model.items[i].live &&
			(model.items[i].file == file || model.items[i].instance == file))
			end_item(i);
}

static int refused(int instance, int file, const struct step *s)
{
	bool watched_instance = model.files[file].kind == INSTANCE;
	if (model.files[file].kind == PLAIN_FILE)
		return EPERM;
	if (instance == file || model.files[instance].kind != INSTANCE)
		return EINVAL;
	if (s->operation == DELETE || !(s->events & EPOLLEXCLUSIVE))
		return 0;
	return s->operation == MODIFY || watched_instance || (s->events & ~beside_exclusive)
		       ? EINVAL
		       : 0;
}

struct answer model_ctl(const struct step *s)
{
	int instance = model.number[s->a], file = model.number[s->b];
	if (instance < 0 || file < 0)
		return failed(EBADF);
	int error = refused(instance, file, s);
	if (error)
		return failed(error);
	if (s->operation == ADD)
		return add(instance, file, s);
	int number = find(instance, file, s->b);
	if (number < 0)
		return failed(ENOENT);
	if (s->operation == MODIFY)
		return modify(number, s);
	end_item(number);
	return returned(0);
}

/* --- epoll_wait --- */

bool model_has_one_item(int instance)
{
	int count = 0;
	for (int i = 0; i < model.items_used; i++)
		count += model.items[i].live && model.items[i].instance == instance;
	return count == 1;
}

/* Off the list; to its end again if it is level-triggered, which `again` collects. */
static void report(int number, uint32_t events, struct answer *answer, struct list *again)
{
	struct item *item = &model.items[number];
	answer->events[answer->result++] = (struct epoll_event){events, {.u64 = item->data}};
	if (item->events & EPOLLONESHOT)
		item->events &= flags;
	else if (!(item->events & EPOLLET))
		insert_at(again, again->count, number);
}

struct answer model_wait(const struct step *s, int maxevents)
{
	int instance = model.number[s->a];
	struct answer answer = {0};
	struct list again = {0}, *ready;
	if (instance < 0)
		return failed(EBADF);
	if (model.files[instance].kind != INSTANCE || maxevents == 0)
		return failed(EINVAL);
	ready = &model.files[instance].ready;
	while (ready->count && answer.result < maxevents) {
		int first = ready->of[0];
		remove_from(ready, first);
		uint32_t events = poll_item(&model.items[first]);
		if (events)
			report(first, events, &answer, &again);
	}
	for (int i = 0; i < again.count; i++)
		insert_at(ready, ready->count, again.of[i]);
	return answer;
}
