/* The pollcheck command: runs a program under the library and reports what is found. */
#include "channel.h"
#include "explain.h"
#include "findings.h"
#include "launch.h"
#include "options.h"
#include "outputs.h"
#include "preload.h"
#include "readers.h"
#include "refuse.h"
#include "snapshot.h"
#include "trace_folder.h"

#include <fcntl.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* Where a standard stream is closed the next descriptor opened would take its number, and reports
 * would land in a file of ours. Close-on-exec: the program finds it closed, as it was. */
static void hold_standard_streams(void)
{
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", O_RDWR | O_CLOEXEC) < 0)
			exit(FAILED);
}

static bool recording;

static void say_recorded(const char *folder)
{
	unsigned processes = trace_folder_processes(folder);
	if (processes)
		say("%u process%s recorded in %s; babeltrace2 %s shows it", processes,
			processes == 1 ? "" : "es", folder, folder);
	else
		say("%s: nothing was recorded", folder);
}

static void finish(const struct options *o, const struct program *p, int status)
{
	const char *wanted = o->value[OPTION_ERROR_EXITCODE];
	int exitcode = wanted ? atoi(wanted) : 0;
	const struct summary *all = findings_end();
	bool failed = exitcode && findings_any() && WIFEXITED(status);
	struct ending ending = {.exit_code = failed ? exitcode : WEXITSTATUS(status),
		.signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0,
		.reached = channel_loaded() != 0};
	outputs_end(&ending, all);
	channel_remove();
	if (p->reachable && !ending.reached)
		say("%s: the library never got into it, so nothing was watched; run it with "
		    "LD_DEBUG=libs to see what ld.so did",
			o->command[0]);
	if (recording)
		say_recorded(o->value[OPTION_TRACE]);
	if (failed)
		exit(exitcode);
	end_like(status);
}

static void share_trace(const struct options *o)
{
	const char *folder = o->value[OPTION_TRACE], *name = o->value[OPTION_TRACE_GROUP];
	if (!folder)
		refuse(USAGE, "--trace-group=%s: nothing is recorded; give a folder with -o DIR",
			name);
	const char *wrong = trace_folder_shared(folder, trace_group(name));
	if (wrong)
		refuse(USAGE, "--trace-group=%s: %s", name, wrong);
}

static int run(int argc, char **argv)
{
	struct options o = options_parse(argc, argv);
	if (recording && !o.value[OPTION_TRACE])
		refuse(USAGE, "no folder given; usage: pollcheck record -o DIR -- command "
			      "[argument...]");
	if (o.value[OPTION_TRACE_GROUP])
		share_trace(&o);
	if (o.value[OPTION_SUPPRESSIONS])
		findings_suppress(o.value[OPTION_SUPPRESSIONS]);
	const char *library = preload_library(o.value[OPTION_LIBRARY]);
	struct program p = program_find(o.command[0]);
	program_inspect(&p, o.command[0], library);
	if (o.value[OPTION_AUDIT] && p.preload)
		preload_audit(library);
	outputs_open(&o, argv, p.path);
	const char *channel = channel_create();
	if (p.preload) {
		options_export(&o, channel);
		preload_export(&p, library);
	}
	finish(&o, &p, launch(&p, o.command, findings_read));
	return 0;
}

static int record(int argc, char **argv)
{
	recording = true;
	return run(argc, argv);
}

int main(int argc, char **argv)
{
	static const struct {
		const char *word;
		int (*run)(int, char **);
	} commands[] = {{"run", run}, {"record", record}, {"snapshot", snapshot},
		{"rules", rules_list}, {"explain", rule_explain}, {"show", show_run},
		{"stats", stats_run}, {"report", report_run}, {"export", export_run}};
	hold_standard_streams();
	for (unsigned i = 0; argc > 1 && i < sizeof(commands) / sizeof(commands[0]); i++)
		if (strcmp(argv[1], commands[i].word) == 0)
			return commands[i].run(argc - 1, argv + 1);
	return run(argc, argv);
}
