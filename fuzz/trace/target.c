/* Target: damaged traces. Whatever is in the folder, the commands that read traces end in time, as
 * commands end; what they write is fit for a terminal, JSON or a page; and nothing is left behind.
 */
#include "trace.h"

#include "../is_json.h"
#include "../target.h"

#include "tool/graph.h"
#include "tool/readers.h"
#include "tool/refuse.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

const char *const target_name = "trace";

/* "@" stands for the trace. From the seventh on they show what those before do, in part or twice.
 */
enum form { WORDS, JSON, PAGE };
enum { ARGUMENTS_MOST = 6 };

static const struct {
	int (*run)(int, char **);
	enum form form;
	const char *words[ARGUMENTS_MOST];
} commands[] = {
	{show_run, WORDS, {"show", "@"}},
	{stats_run, WORDS, {"stats", "@"}},
	{stats_run, JSON, {"stats", "--json", "@"}},
	{report_run, PAGE, {"report", "-o", "-", "@"}},
	{export_run, JSON, {"export", "--perfetto", "@"}},
	{show_run, WORDS, {"show", "-f", "@"}},
	{stats_run, WORDS, {"stats", "--diff", "@", "@"}},
	{stats_run, JSON, {"stats", "--json", "--diff", "@", "@"}},
	{show_run, WORDS, {"show", "--fd=4,5,6", "--until=1h", "@"}},
	{show_run, WORDS, {"show", "--epfd=3", "--since=1ms", "@"}},
	{show_run, WORDS, {"show", "--call=epoll_wait,read", "--errors", "--tid=4711", "@"}},
	{show_run, WORDS, {"show", "--rule=eof-not-handled", "@"}},
};
enum { COMMANDS = sizeof(commands) / sizeof(commands[0]), WHOLE = 6 };

extern const char page_template[], page_template_end[];

static char trace[PATH_MAX], left[PATH_MAX];
static int out, complaints;

static int file_in_memory(const char *name)
{
	int fd = memfd_create(name, MFD_CLOEXEC);
	if (fd < 0) {
		perror(name);
		exit(2);
	}
	return fd;
}

/* Where libbabeltrace2 is not installed it lies beside us, with its plugin (.clusterfuzzlite). */
static void find_plugin(void)
{
	char here[PATH_MAX] = "";
	if (readlink("/proc/self/exe", here, sizeof(here) - 64) < 0)
		return;
	strcpy(strrchr(here, '/'), "/lib");
	if (access(here, F_OK) == 0)
		setenv("BABELTRACE_PLUGIN_PATH", here, 1);
}

/* The plugins are found once, and not by each child. */
void target_begins(void)
{
	char reason[256];
	find_plugin();
	const char *folder = scratch_begins();
	snprintf(trace, sizeof(trace), "%s/trace", folder);
	snprintf(left, sizeof(left), "%s/left", folder);
	mkdir(trace, 0700);
	mkdir(left, 0700);
	setenv("TMPDIR", left, 1);
	graph_opens(trace, reason, sizeof(reason));
	out = file_in_memory("out");
	complaints = file_in_memory("complaints");
}

/* --- what is wrong with it; NULL: nothing --- */

static const char *judge_status(int status)
{
	if (status == TOO_LONG)
		return "it does not end";
	if (status == TOO_LARGE)
		return "it takes too much memory";
	if (!WIFEXITED(status))
		return "a signal ended it";
	return WEXITSTATUS(status) == 0 || WEXITSTATUS(status) == USAGE ? NULL : "its exit status";
}

/* What a terminal might obey comes from nobody's trace. */
static const char *judge_words(const char *text)
{
	for (; *text; text++)
		if (((unsigned char)*text < ' ' && *text != '\n') || *text == 0x7f)
			return "a control character";
	return NULL;
}

static const char *judge_complaints(const char *text)
{
	for (const char *line = text; *line; line = strchr(line, '\n') + 1)
		if (strncmp(line, "pollcheck: ", 11) != 0 || !strchr(line, '\n'))
			return "a complaint that is no line of ours";
	return judge_words(text);
}

static const char *judge_json(const char *text)
{
	return !is_json(text) ? "no JSON" : !is_utf8(text) ? "no UTF-8" : NULL;
}

/* The template, and data in one place of it. */
static const char *judge_page(char *text, size_t size)
{
	size_t length = (size_t)(page_template_end - page_template);
	const char *place = memmem(page_template, length, "/*DATA*/", 8);
	size_t before = (size_t)(place - page_template), after = length - before - 8;
	if (size < before + after || memcmp(text, page_template, before) != 0 ||
		memcmp(text + size - after, place + 8, after) != 0)
		return "not the page";
	text[size - after] = '\0';
	return strchr(text + before, '<') ? "markup in the data" : judge_json(text + before);
}

static const char *judge_output(enum form form, char *text, size_t size)
{
	if (form == PAGE)
		return judge_page(text, size);
	if (strlen(text) != size)
		return "a NUL";
	return form == JSON ? judge_json(text) : judge_words(text);
}

static char *text_in(int fd, size_t *size)
{
	struct stat status;
	fstat(fd, &status);
	*size = (size_t)status.st_size;
	char *text = malloc(*size + 1);
	if (!text || pread(fd, text, *size, 0) != status.st_size)
		exit(2);
	text[*size] = '\0';
	return text;
}

static const char *judge(int row, int status)
{
	size_t size;
	const char *wrong = judge_status(status);
	char *text = text_in(out, &size);
	if (!wrong && WEXITSTATUS(status) == 0)
		wrong = judge_output(commands[row].form, text, size);
	free(text);
	text = text_in(complaints, &size);
	if (!wrong)
		wrong = strlen(text) == size ? judge_complaints(text) : "a NUL in a complaint";
	free(text);
	return wrong || scratch_is_empty(left) ? wrong : "something is left behind";
}

/* --- one command --- */

static const char *run(int row)
{
	char *arguments[ARGUMENTS_MOST + 1] = {NULL};
	int count = 0;
	for (; count < ARGUMENTS_MOST && commands[row].words[count]; count++) {
		const char *word = commands[row].words[count];
		arguments[count] = strcmp(word, "@") == 0 ? trace : (char *)word;
	}
	if (ftruncate(out, 0) < 0 || ftruncate(complaints, 0) < 0)
		exit(2);
	lseek(out, 0, SEEK_SET);
	lseek(complaints, 0, SEEK_SET);
	return judge(row, child_runs(commands[row].run, count, arguments, out, complaints));
}

/* The input, and the folder it made. */
static void keep(void)
{
	char path[512], copy[2 * PATH_MAX];
	target_seed(path, sizeof(path));
	memcpy(strrchr(path, '.'), ".dir", 5);
	snprintf(copy, sizeof(copy), "rm -rf '%s' && cp -a %s '%s'", path, trace, path);
	if (system(copy) == 0)
		fprintf(stderr, "reproducer: %s\n", path);
}

static void check(int row)
{
	size_t length;
	const char *wrong = run(row);
	if (!wrong)
		return;
	fprintf(stderr, "divergence (trace): %s:", wrong);
	for (int i = 0; i < ARGUMENTS_MOST && commands[row].words[i]; i++)
		fprintf(stderr, " %s", commands[row].words[i]);
	fprintf(stderr, "\n%s", text_in(complaints, &length));
	keep();
	abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	target_given(bytes, size);
	scratch_clear(trace);
	scratch_clear(left);
	trace_make(trace, (struct input){bytes, size});
	uint64_t hash = target_hash(bytes, size);
	for (int row = 0; target_thorough && row < WHOLE; row++)
		check(row);
	check((int)(target_thorough ? WHOLE + hash % (COMMANDS - WHOLE) : hash % COMMANDS));
	return 0;
}
