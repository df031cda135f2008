/* Only where a person sees it: standard error is a terminal. */
#include "progress.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

enum { PATIENCE_MS = 1000, STEP_MS = 200 };

static bool wanted, shown;
static int64_t next;

static int64_t now_ms(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

void progress_begin(bool prints_meanwhile)
{
	const char *patience = getenv("POLLCHECK_PATIENCE");
	wanted = isatty(STDERR_FILENO) && !(prints_meanwhile && isatty(STDOUT_FILENO));
	next = now_ms() + (patience ? atol(patience) : PATIENCE_MS);
}

void progress(uint64_t done, const char *what)
{
	int64_t now = wanted ? now_ms() : 0;
	if (!wanted || now < next)
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
}
