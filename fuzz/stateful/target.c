/* Target: histories of descriptors and epoll instances, run bare and through the library beside the
 * reference model. A divergence is shrunk, written as a C program and as a seed, and ends the run.
 */
#include "run.h"

#include "../target.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

const char *const target_name = "stateful";

/* Linked before the library, whose constructor has the same priority. */
__attribute__((constructor(101))) static void options_first(void)
{
	target_options();
}

static void say_rate(void)
{
	double seconds = (double)clock() / CLOCKS_PER_SEC; /* of the processor */
	fprintf(stderr, "stateful: %llu steps, %.0f a second of processor time\n",
		(unsigned long long)steps_taken, (double)steps_taken / seconds);
}

static void *stay(void *unused)
{
	pause();
	return unused;
}

/* With company the library takes its locked ways (swap.h), for good. */
static void take_company(void)
{
	pthread_t thread;
	model_company = getenv("FUZZ_THREADS") && *getenv("FUZZ_THREADS");
	if (model_company && pthread_create(&thread, NULL, stay, NULL) != 0)
		abort();
}

void target_begins(void)
{
	take_company();
	atexit(say_rate);
	system_begins();
	lists_begin();
}

/* Bytes that read as this program. */
static size_t bytes_of(const struct program *p, uint8_t *bytes)
{
	for (size_t i = 0; i < p->count; i++)
		memcpy(bytes + i * STEP_BYTES, p->steps[i].bytes, STEP_BYTES);
	return p->count * STEP_BYTES;
}

static void report(struct program *p, struct divergence d)
{
	uint8_t bytes[STEPS * STEP_BYTES];
	char path[512], step[256];
	fprintf(stderr, "\ndivergence (%s): %s\n", d.oracle, d.text);
	d = shrink(p, d);
	step_text(&p->steps[d.step], step, sizeof(step));
	fprintf(stderr, "smallest (%s): step %zu of %zu, %s: %s\n", d.oracle, d.step, p->count,
		step, d.text);
	target_given(bytes, bytes_of(p, bytes)); /* the smallest is what is to be kept */
	target_seed(path, sizeof(path));
	memcpy(strrchr(path, '.'), ".c", 3);
	if (write_reproducer(path, p, &d))
		fprintf(stderr, "reproducer: %s\n", path);
	abort();
}

/* Each program as C, if it is asked for: it must do what the model says. */
static void write_as_c(const uint8_t *bytes, size_t size, const struct program *p)
{
	char path[512];
	target_artifact("c", bytes, size, path, sizeof(path));
	if (!write_reproducer(path, p, &(struct divergence){.oracle = "none", .text = "none"}))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct program p;
	target_given(bytes, size);
	program_read(&p, bytes, size);
	struct divergence d = run_program(&p);
	if (d.oracle)
		report(&p, d);
	if (getenv("FUZZ_AS_C"))
		write_as_c(bytes, size, &p);
	return 0;
}
