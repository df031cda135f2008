/* Target: programs that wait and do something wrong, or nearly. Time is what the steps say
 * (clock.c), so that runs of seconds take none. Whatever was said above a note was confirmed, and
 * each finding is a line of JSON. */
#include "rules.h"

#include "../is_json.h"
#include "../target.h"

#include "finding.h"

#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

const char *const target_name = "rules";

enum { REPORT = 900 }; /* the number of the file that the report goes to */

/* Where the command would read findings: FUZZ_CHANNEL is the name of a file. */
static void make_channel(const char *path)
{
	static const struct channel empty = {
		.magic = CHANNEL_MAGIC, .record_size = sizeof(struct channel_record)};
	int file = open(path, O_RDWR | O_CREAT | O_TRUNC, 0600);
	if (file < 0 || write(file, &empty, offsetof(struct channel, records)) < 0 ||
		ftruncate(file, sizeof(empty)) < 0) {
		perror(path);
		exit(2);
	}
	close(file);
}

/* One that is a socket, and came without O_NONBLOCK. */
static void have_standard_input(void)
{
	int pair[2];
	if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair) < 0 || dup2(pair[0], STDIN_FILENO) < 0)
		exit(2);
	close(pair[0]);
}

/* Before the library starts. Findings come here, whatever else is asked for. */
__attribute__((constructor(101))) static void options_first(void)
{
	char options[1024];
	have_standard_input();
	if (getenv("FUZZ_CHANNEL"))
		make_channel(getenv("FUZZ_CHANNEL"));
	target_options();
	snprintf(options, sizeof(options), "%s:report_path=/proc/self/fd/%d",
		getenv("POLLCHECK_OPTIONS"), REPORT);
	setenv("POLLCHECK_OPTIONS", options, 1);
}

void target_begins(void)
{
	int file = memfd_create("report", 0);
	signal(SIGPIPE, SIG_IGN);
	if (file < 0 || dup2(file, REPORT) < 0) {
		perror("report");
		exit(2);
	}
	close(file);
}

/* --- what is said --- */

static void check_line(const char *line)
{
	if (!is_json(line) || !is_utf8(line))
		target_lost("no JSON: %s", line);
	if (strstr(line, "\"rule\":") && !strstr(line, "\"severity\":\"note\"") &&
		!strstr(line, "\"confirmed_by\":\""))
		target_lost("not confirmed: %s", line);
}

static void check_report(void)
{
	static char text[1 << 20];
	ssize_t size = pread(REPORT, text, sizeof(text) - 1, 0);
	text[size > 0 ? size : 0] = '\0';
	if (getenv("FUZZ_SHOW"))
		fputs(text, stderr);
	for (char *line = strtok(text, "\n"); line && *line == '{'; line = strtok(NULL, "\n"))
		check_line(line);
	if (ftruncate(REPORT, 0) < 0)
		exit(2);
}

/* --- the program --- */

static unsigned taken;

static void take(const struct step *s)
{
	if (taken++ < TAKEN_MOST)
		step_take(s);
}

/* The steps before once more, and so on; of those that say so themselves nothing is repeated. */
static void take_again_from(const struct step *first, const struct step *end)
{
	for (unsigned times = 1u << end->b % 13; times && taken < TAKEN_MOST; times--)
		for (const struct step *s = first; s < end; s++)
			if (s->operation != STEP_again)
				take(s);
}

static size_t read_steps(struct step *steps, struct input in)
{
	size_t count = in.size / STEP_BYTES < STEPS_MOST ? in.size / STEP_BYTES : STEPS_MOST;
	for (size_t i = 0; i < count; i++, in.bytes += STEP_BYTES)
		steps[i] = (struct step){
			in.bytes[0] % OPERATIONS, in.bytes[1], in.bytes[2], in.bytes[3]};
	return count;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct step steps[STEPS_MOST];
	target_given(bytes, size);
	size_t count = read_steps(steps, (struct input){bytes, size});
	taken = 0;
	steps_begin(target_hash(bytes, size));
	for (size_t i = 0; i < count; i++)
		if (steps[i].operation == STEP_again)
			take_again_from(&steps[i - (steps[i].a < i ? steps[i].a : i)], &steps[i]);
		else
			take(&steps[i]);
	steps_end();
	check_report();
	return 0;
}
