/* Target: each entry point, called through the library and bare, on things that are alike: the same
 * result, errno and memory. A byte says which, 24 more with what. */
#include "entries.h"

#include "../target.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

const char *const target_name = "names";

enum { CALL_BYTES = 24, CALLS_MOST = 32, FIRST = 100, APART = 20 };

__attribute__((constructor(101))) static void options_first(void)
{
	target_options();
}

void target_begins(void)
{
	struct rlimit limit = {1024, 1024};
	signal(SIGPIPE, SIG_IGN);
	signal(SIGIO, SIG_IGN);
	setrlimit(RLIMIT_NOFILE, &limit);
}

static void compare(const struct entry *e, const struct side *library, const struct side *bare)
{
	const char *what = sides_differ(library, bare);
	if (what)
		target_lost("%s \"%s\": %s: through the library %ld errno %d, bare %ld errno %d",
			e->name, e->arguments, what, library->result, library->error, bare->result,
			bare->error);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	static struct side library = {.through_library = true, .first = FIRST},
			   bare = {.first = FIRST + APART};
	struct input in = {bytes, size};
	target_given(bytes, size);
	side_begins(&library);
	side_begins(&bare);
	for (int i = 0; i < CALLS_MOST && in.size; i++) {
		/* the row itself, so that a new last row changes no input's meaning */
		int row = next(&in);
		if (row >= entries_count)
			continue;
		const struct entry *e = &entries[row];
		struct input call = {in.bytes, in.size < CALL_BYTES ? in.size : CALL_BYTES};
		side_calls(&library, e, call);
		side_calls(&bare, e, call);
		compare(e, &library, &bare);
		in.bytes += call.size;
		in.size -= call.size;
	}
	side_ends(&library);
	side_ends(&bare);
	return 0;
}
