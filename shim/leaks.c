#include "leaks.h"

#include "ghosts.h"
#include "judge.h"
#include "process.h"
#include "text.h"

#include <linux/kcmp.h>
#include <stdlib.h>
#include <string.h>

enum {
	CHILDREN = 8,        /* the oldest make room */
	SETTLED_MS = 1000,   /* since it was forked, and again since it was seen to have executed */
	FORK_NO_EXEC = 0x40, /* PF_FORKNOEXEC of the flags in proc_pid_stat(5) */
	FLAGS_FIELD = 7,     /* that field, counted from the state */
};

_Atomic uint32_t leaks_suspected;

static struct child {
	_Atomic int pid; /* 0: free */
	_Atomic bool executed;
	_Atomic uint64_t since; /* it was forked, or seen to have executed a program */
} children[CHILDREN];

static bool is_a_loops_own(uint8_t kind)
{
	return kind == FD_EPOLL || kind == FD_EVENTFD || kind == FD_TIMERFD || kind == FD_SIGNALFD;
}

bool leaks(int fd, const struct fd_record *record)
{
	struct fd_record *r = (struct fd_record *)record;
	return r && fd_alive(r) && is_a_loops_own(GET(r->kind)) &&
	       (GET(r->flags) & (FD_CLOSE_ON_EXEC | FD_BIRTH_SEEN)) == FD_BIRTH_SEEN &&
	       may_make_system_calls() && SYSTEM(fcntl, (long)fd, (long)F_GETFD) == 0;
}

/* The next instance that leaks, from fd on; -1 when there is none. */
static int next_leak(int fd)
{
	for (; fd <= fd_highest(); fd++) {
		struct fd_record *r = fd_find(fd);
		if (r && GET(r->kind) == FD_EPOLL && leaks(fd, r))
			return fd;
	}
	return -1;
}

static void count(uint32_t by)
{
	atomic_fetch_add(&leaks_suspected, by);
	atomic_fetch_add(&suspicions, by);
}

void leaks_child(int pid)
{
	static _Atomic uint32_t next;
	if (process_confined || next_leak(0) < 0)
		return;
	struct child *c = &children[atomic_fetch_add(&next, 1) % CHILDREN];
	PUT(c->executed, false);
	PUT(c->since, process_now());
	if (atomic_exchange(&c->pid, pid) == 0)
		count(1);
}

void leaks_forked(void)
{
	for (int i = 0; i < CHILDREN; i++)
		if (atomic_exchange(&children[i].pid, 0) != 0)
			count(~0u);
}

static void done_with(struct child *c, int pid)
{
	if (atomic_compare_exchange_strong(&c->pid, &pid, 0))
		count(~0u);
}

enum progress { GONE, FORKED, EXECUTED };

static enum progress progress_of(int pid)
{
	char path[32], line[512];
	struct text t = TEXT_IN(path);
	text_add(&t, "/proc/%d/stat", pid);
	const char *at = process_file(path, line, sizeof(line)) ? strrchr(line, ')') : NULL;
	for (int field = 0; at && field < FLAGS_FIELD; field++)
		at = strchr(at + 1, ' ');
	if (!at)
		return GONE;
	return strtoul(at, NULL, 10) & FORK_NO_EXEC ? FORKED : EXECUTED;
}

static void judge_child(const struct call *c, int pid, uint64_t ms)
{
	long own = process_pid();
	for (int fd = next_leak(0); fd >= 0; fd = next_leak(fd + 1)) {
		if (SYSTEM(kcmp, own, (long)pid, (long)KCMP_FILE, (long)fd, (long)fd) != 0)
			continue;
		struct evidence e = evidence_for(fd, -1);
		e.why = fd_kind_name(FD_EPOLL);
		e.n = (int64_t)ms;
		e.m = pid;
		e.confirmed_by = "fcntl, kcmp";
		judge(WHEN_KEPT, c, &e);
	}
}

static void look(const struct call *c, struct child *child, uint64_t now)
{
	int pid = GET(child->pid);
	bool executed = GET(child->executed);
	uint64_t ms = (now - GET(child->since)) / 1000000;
	if (!pid || (executed && ms < SETTLED_MS))
		return;
	enum progress progress = progress_of(pid);
	if (progress == EXECUTED && !executed) {
		PUT(child->since, now);
		PUT(child->executed, true);
	} else if (progress != FORKED || ms >= SETTLED_MS) {
		if (progress == EXECUTED)
			judge_child(c, pid, ms);
		done_with(child, pid);
	}
}

void leaks_judge(const struct call *c)
{
	static _Atomic uint64_t next_look;
	enum { PAUSE_NS = 100000000 };
	uint64_t now = process_now();
	if (now < GET(next_look) || !may_make_system_calls())
		return;
	PUT(next_look, now + PAUSE_NS);
	KEEP_ERRNO;
	for (int i = 0; i < CHILDREN; i++)
		look(c, &children[i], now);
}
