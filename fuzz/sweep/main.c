/* The sweep: every event mask on every state of every kind of descriptor, by poll, select and
 * epoll, each answer compared with the closed form of what must come back. usage: sweep [--every=N]
 * [--jobs=N] [WORDS]      states whose name contains WORDS */
#include "sweep.h"

#include <dlfcn.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { DEADLINE = 120 }; /* seconds for one state */

static struct account *accounts; /* of each state; shared with the processes that sweep them */
static uint32_t every = 1;
static uint32_t jobs;
static const char *wanted = "";

/* --- a state in a process of its own --- */

/* Until the network has shown it, or the time is up: then the sweep will tell. */
static void settle(const struct state *state, int fd)
{
	for (int tries = 0; tries < 1000; tries++) {
		struct pollfd asked = {fd, 0x3fff, 0};
		if (poll(&asked, 1, 0) < 0 || (uint16_t)asked.revents == state->truth)
			return;
		usleep(1000);
	}
}

static void sweep(int number)
{
	const struct state *state = &states[number];
	struct account *account = &accounts[number];
	struct extent extent = {every, (uint32_t)number * 7 % every};
	account->state = state;
	alarm(DEADLINE);
	errno = 0;
	int fd = state->make(state->how);
	if (fd == -1) {
		account->cannot = errno ? errno : EOPNOTSUPP;
		return;
	}
	settle(state, fd);
	sweep_poll(state, fd, extent, account);
	sweep_select(state, fd, extent, account);
	sweep_epoll(state, fd, extent, account);
	account->ended = true;
}

static bool chosen(const struct state *state)
{
	char name[128];
	snprintf(name, sizeof(name), "%s: %s", state->kind, state->name);
	return strstr(name, wanted) != NULL;
}

static void sweep_all(void)
{
	uint32_t running = 0;
	for (int i = 0; i < states_count; i++) {
		if (!chosen(&states[i]))
			continue;
		if (running++ == jobs) {
			wait(NULL);
			running--;
		}
		fflush(stdout);
		if (fork() == 0) {
			sweep(i);
			exit(0); /* not _exit: what measures coverage writes at the end */
		}
	}
	while (wait(NULL) > 0)
		;
}

static int print_all(double seconds)
{
	const char *kind = "";
	uint64_t tried = 0, differing = 0, explained = 0, kinds = 0, swept = 0, lost = 0;
	for (int i = 0; i < states_count; i++) {
		if (!chosen(&states[i]))
			continue;
		print_account(&accounts[i]);
		tried += accounts[i].tried;
		differing += accounts[i].differing;
		explained += accounts[i].explained;
		swept += accounts[i].ended;
		lost += !accounts[i].ended && !accounts[i].cannot;
		kinds += strcmp(states[i].kind, kind) != 0;
		kind = states[i].kind;
	}
	printf("sweep: %llu combinations on %llu states of %llu kinds in %.1f s: %llu differ, "
	       "%llu more as fuzz/FINDINGS.md explains\n",
		(unsigned long long)tried, (unsigned long long)swept, (unsigned long long)kinds,
		seconds, (unsigned long long)differing, (unsigned long long)explained);
	return differing || lost || !swept;
}

static double now(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void must_have_library(void)
{
	if (dlsym(RTLD_DEFAULT, "pollcheck_interest_list"))
		return;
	fprintf(stderr, "sweep: libpollcheck is not loaded: set LD_PRELOAD\n");
	exit(2);
}

static bool number_from_1(const char *argument, const char *name, uint32_t *number)
{
	size_t length = strlen(name);
	char *end;
	if (strncmp(argument, name, length) != 0)
		return false;
	unsigned long value = strtoul(argument + length, &end, 10);
	*number = (uint32_t)value;
	return end != argument + length && !*end && value >= 1 && value <= INT_MAX;
}

static void read_arguments(int argc, char **argv)
{
	jobs = (uint32_t)sysconf(_SC_NPROCESSORS_ONLN);
	for (int i = 1; i < argc; i++)
		if (strcmp(argv[i], "--under-library") == 0)
			must_have_library();
		else if (*argv[i] != '-')
			wanted = argv[i];
		else if (!number_from_1(argv[i], "--every=", &every) &&
			 !number_from_1(argv[i], "--jobs=", &jobs)) {
			fprintf(stderr,
				"sweep: %s is none of [--every=N] [--jobs=N] [--under-library] "
				"[WORDS], N from 1\n",
				argv[i]);
			exit(2);
		}
}

int main(int argc, char **argv)
{
	read_arguments(argc, argv);
	accounts = mmap(NULL, sizeof(*accounts) * (size_t)states_count, PROT_READ | PROT_WRITE,
		MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	double begun = now();
	sweep_all();
	return print_all(now() - begun);
}
