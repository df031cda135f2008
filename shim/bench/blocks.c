/* blocks: the names of the rows. blocks paired ROW PAIRS: ns a call, blocks of libc's own calls and
 * of the program's in turn. blocks alone ROW CALLS: ns a call, called as any program does. */
#include "rows.h"

/* clang-format off */
static const struct row rows[] = {
/*   name, watched, ready, timeout, calls, batch, prepare, before, run, after */
	{"epoll_wait, 1 ready",                 1,   1, -1, 5000, 50, watch_by_epoll, NULL, run_epoll_wait, serve},
	{"epoll_wait, 1 ready, zero timeout",   1,   1,  0, 5000, 50, watch_by_epoll, NULL, run_epoll_wait, serve},
	{"epoll_wait, none ready",              1,   0,  0, 5000, 50, watch_by_epoll, NULL, run_epoll_wait, NULL},
	{"epoll_wait, 64 ready of 512",       512,  64, -1,  500, 50, watch_by_epoll, NULL, run_epoll_wait, serve},
	{"epoll_wait, 512 ready of 512",      512, 512, -1,  100, 10, watch_by_epoll, NULL, run_epoll_wait, serve},
	{"epoll_wait, 1 ready of 10",          10,   1, -1, 5000, 50, watch_by_epoll, NULL, run_epoll_wait, serve},
	{"epoll_wait, 1 ready of 1000",      1000,   1, -1, 5000, 50, watch_by_epoll, NULL, run_epoll_wait, serve},
	{"epoll_wait, 1 ready of 15000",    15000,   1, -1, 5000, 50, watch_by_epoll, NULL, run_epoll_wait, serve},
	{"epoll_wait, 1 ready of 100000",  100000,   1, -1, 5000, 50, watch_by_epoll, NULL, run_epoll_wait, serve},
	{"epoll_wait + read",                   1,   1, -1, 2000, 50, watch_by_epoll, NULL, run_epoll_turn, NULL},
	{"epoll_ctl MOD",                       1,   0,  0, 5000, 50, watch_by_epoll, NULL, run_epoll_mod, NULL},
	{"epoll_ctl MOD, 15000 watched",    15000,   0,  0, 5000, 50, watch_by_epoll, NULL, run_epoll_mod, NULL},
	{"epoll_ctl MOD, 100000 watched",  100000,   0,  0, 5000, 50, watch_by_epoll, NULL, run_epoll_mod, NULL},
	{"epoll_ctl ADD + DEL",                 1,   0,  0, 2000, 50, watch_by_epoll, NULL, run_epoll_add_del, NULL},
	{"poll of 1, none ready",               1,   0,  0, 5000, 50, watch_by_poll, NULL, run_poll, NULL},
	{"poll of 1, 1 ready",                  1,   1, -1, 5000, 50, watch_by_poll, NULL, run_poll, serve},
	{"poll of 64, none ready",             64,   0,  0,  500, 50, watch_by_poll, NULL, run_poll, NULL},
	{"poll of 64, 1 ready",                64,   1, -1,  500, 50, watch_by_poll, NULL, run_poll, serve},
	{"poll of 1024, none ready",         1024,   0,  0,   50, 10, watch_by_poll, NULL, run_poll, NULL},
	{"poll of 1024, 1 ready",            1024,   1, -1,   50, 10, watch_by_poll, NULL, run_poll, serve},
	{"select of 1, 1 ready",                1,   1, -1, 5000, 50, watch_by_select, NULL, run_select, serve},
	{"select of 64, none ready",           64,   0,  0,  500, 50, watch_by_select, NULL, run_select, NULL},
	{"select of 64, 1 ready",              64,   1, -1,  500, 50, watch_by_select, NULL, run_select, serve},
	{"read 1 byte, pipe",                   0,   0,  0, 5000, 50, make_pipe, fill, run_read, NULL},
	{"write 1 byte, pipe",                  0,   0,  0, 5000, 50, make_pipe, NULL, run_write, drain},
	{"read 1 byte, socketpair",             0,   0,  0, 5000, 50, make_socketpair, fill, run_read, NULL},
	{"recv 1 byte, socketpair",             0,   0,  0, 5000, 50, make_socketpair, fill, run_recv, NULL},
	{"send 1 byte, socketpair",             0,   0,  0, 5000, 50, make_socketpair, NULL, run_send, drain},
	{"write + epoll_wait + read, echo",     0,   0,  0,  500, 50, make_echo, NULL, run_echo, NULL},
	{"dup",                                 0,   0,  0, 5000, 50, make_eventfds, NULL, run_dup, run_close},
	{"close",                               0,   0,  0, 5000, 50, make_eventfds, make_fresh, run_close, NULL},
	{"close, one of two duplicates",        0,   0,  0, 5000, 50, make_eventfds, run_dup, run_close, NULL},
	{"connect, unix socket",                0,   0,  0, 1000, 50, make_listener, make_clients,
	 run_connect, accept_and_close},
	{"accept4, unix socket",                0,   0,  0, 1000, 50, make_listener, make_connections,
	 run_accept, close_connections},
};
/* clang-format on */

enum { ROWS = sizeof rows / sizeof *rows };

/* callgrind is told to count inside this function, so it must be one and must not end in a jump. */
__attribute__((noinline)) static void timed(const struct row *row, const struct calls *c)
{
	row->run(c, row->batch);
	__asm__ volatile("");
}

static long preemptions(void)
{
	struct rusage usage;
	must(getrusage(RUSAGE_THREAD, &usage) == 0, "getrusage");
	return usage.ru_nivcsw;
}

/* With `again`, a batch during which another process got the processor is made again, for it says
 * nothing about the calls. */
static double block(const struct row *row, const struct calls *c, int calls, bool again)
{
	int64_t spent = 0;
	for (int done = 0; done < calls;) {
		if (row->before)
			row->before(c, row->batch);
		long preempted = preemptions();
		int64_t start = now();
		timed(row, c);
		int64_t took = now() - start;
		if (!again || preemptions() == preempted) {
			spent += took;
			done += row->batch;
		}
		if (row->after)
			row->after(c, row->batch);
	}
	return (double)spent / calls;
}

/* Says whose functions are measured, so that a preload that never got in is not taken for a fast
 * one. */
static void say_library(const struct calls *program)
{
	Dl_info info;
	must(dladdr((void *)program->epoll_wait, &info) != 0, "dladdr");
	printf("library %s\n", info.dli_fname);
}

struct pair {
	const struct row *row;
	struct calls calls[2];
};

static double time_block(enum variant variant, void *of)
{
	struct pair *pair = of;
	bool sleeps = pair->row->run == run_echo; /* being switched out is part of what it costs */
	return block(pair->row, &pair->calls[variant], pair->row->calls, !sleeps);
}

static void paired(const struct row *row, int pairs)
{
	struct pair pair = {row, {calls_of(libc_itself()), calls_of(RTLD_DEFAULT)}};
	say_library(&pair.calls[SHIMMED]);
	row->prepare(row);
	if (at.instances > 1)
		printf("spread %d %d\n", at.instances, at.watched);
	alternate(pairs, time_block, &pair);
}

static int threads(void)
{
	char line[128];
	int count = -1;
	FILE *status = fopen("/proc/self/status", "r");
	must(status != NULL, "/proc/self/status");
	while (fgets(line, sizeof line, status))
		sscanf(line, "Threads: %d", &count);
	fclose(status);
	return count;
}

static void alone(const struct row *row, int calls)
{
	row->prepare(row);
	printf("alone %.3f\n", block(row, &through_plt, calls, false));
	printf("threads %d\n", threads());
}

static const struct row *row_named(const char *name)
{
	for (int i = 0; i < ROWS; i++)
		if (strcmp(rows[i].name, name) == 0)
			return &rows[i];
	fprintf(stderr, "blocks: no row '%s'; blocks without arguments lists them\n", name);
	exit(2);
}

int main(int argc, char **argv)
{
	if (argc == 1) {
		for (int i = 0; i < ROWS; i++)
			puts(rows[i].name);
	} else if (argc == 4 && strcmp(argv[1], "paired") == 0) {
		paired(row_named(argv[2]), atoi(argv[3]));
	} else if (argc == 4 && strcmp(argv[1], "alone") == 0) {
		alone(row_named(argv[2]), atoi(argv[3]));
	} else {
		fputs("usage: blocks [paired ROW PAIRS | alone ROW CALLS]\n", stderr);
		return 2;
	}
	return 0;
}
