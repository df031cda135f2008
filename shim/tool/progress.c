/* Only where a person sees it: standard error is a terminal. */
#include "progress.h"

#include <stdbool.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

enum { EVERY = 4096, PATIENCE_MS = 1000, STEP_MS = 200 };

static int64_t begun, next;
static bool shown;

static int64_t now_ms(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

void progress(uint64_t done, const char *what)
{
	if (done % EVERY || !isatty(STDERR_FILENO))
		return;
	int64_t now = now_ms();
	if (!begun) {
		begun = now;
		next = now + PATIENCE_MS;
	}
	if (now < next)
		return;
	next = now + STEP_MS;
	shown = true;
	fprintf(stderr, "\r%llu %s\033[K", (unsigned long long)done, what);
}

void progress_end(void)
{
	if (shown)
		fputs("\r\033[K", stderr);
	shown = false;
	begun = 0;
}
