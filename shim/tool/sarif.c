/* The document around the results. Results are rendered as they come: the channel's record is
 * overwritten by the next. */
#include "sarif.h"

#include "explanation.h"
#include "json.h"
#include "refuse.h"
#include "sarif_place.h"
#include "sarif_result.h"

#include <limits.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static struct {
	char *text;
	size_t length;
	struct json json;
} results, document;

static char **arguments;
static const char *program;
static struct timespec started;

static struct json memory(char **text, size_t *length)
{
	struct json j = {.out = open_memstream(text, length)};
	if (!j.out)
		refuse(FAILED, "out of memory");
	return j;
}

void sarif_begin(char **words, const char *path)
{
	arguments = words;
	program = path;
	clock_gettime(CLOCK_REALTIME, &started);
	sarif_places_begin(path);
	results.json = memory(&results.text, &results.length);
}

void sarif_finding(const struct finding *f)
{
	sarif_result(&results.json, f);
}

/* --- the tool --- */

static void add_rule(struct json *j, const struct rule *r)
{
	static const char *const shown_as[] = {"recommendation", "warning", "error"};
	enum severity severity = explanation_severity(r);
	char *text = explanation_text(r), *markdown = explanation_markdown(r), full[1024];
	snprintf(full, sizeof(full), "%s %s", r->means, r->hurts);
	json_open(j, NULL, '{');
	json_string(j, "id", r->slug);
	json_message(j, "shortDescription", r->means);
	json_message(j, "fullDescription", full);
	json_open(j, "help", '{');
	json_string(j, "text", text);
	json_string(j, "markdown", markdown);
	json_close(j, '{');
	json_open(j, "defaultConfiguration", '{');
	json_string(j, "level", severity_names[severity]);
	json_close(j, '{');
	json_open(j, "properties", '{');
	json_string(j, "problem.severity", shown_as[severity]);
	json_string(j, "page", r->page);
	json_close(j, '{');
	json_close(j, '{');
	free(text);
	free(markdown);
}

static void add_tool(struct json *j)
{
	json_open(j, "tool", '{');
	json_open(j, "driver", '{');
	json_string(j, "name", "pollcheck");
	json_string(j, "version", POLLCHECK_VERSION);
	json_open(j, "rules", '[');
	for (const struct rule *r = rules; r < rules + RULES; r++)
		if (r->means) /* others are more cases of a rule that has its words above */
			add_rule(j, r);
	json_close(j, '[');
	json_close(j, '{');
	json_close(j, '{');
}

/* --- the invocation --- */

static void add_time(struct json *j, const char *key, const struct timespec *when)
{
	char text[40];
	struct tm parts;
	size_t used =
		strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S", gmtime_r(&when->tv_sec, &parts));
	snprintf(text + used, sizeof(text) - used, ".%03ldZ", when->tv_nsec / 1000000);
	json_string(j, key, text);
}

static void add_notification(struct json *j, const char *level, const char *text)
{
	json_open(j, NULL, '{');
	json_string(j, "level", level);
	json_message(j, "message", text);
	json_close(j, '{');
}

static void add_notifications(struct json *j, const struct ending *e, const struct summary *s)
{
	char lost[80], coverage[sizeof(s->coverage) + 16];
	json_open(j, "toolExecutionNotifications", '[');
	if (!e->reached)
		add_notification(j, "error",
			"The library did not get into the program: nothing was watched.");
	snprintf(lost, sizeof(lost), "%llu findings were lost.", (unsigned long long)s->lost);
	snprintf(coverage, sizeof(coverage), "Coverage: %s.", s->coverage);
	if (s->lost)
		add_notification(j, "warning", lost);
	if (*s->coverage)
		add_notification(j, "note", coverage);
	json_close(j, '[');
}

static void add_exit(struct json *j, const struct ending *e)
{
	char name[24];
	if (!e->signal) {
		json_number(j, "exitCode", e->exit_code);
		return;
	}
	const char *abbreviation = sigabbrev_np(e->signal); /* real-time signals have none */
	snprintf(name, sizeof(name), "SIG%s", abbreviation ? abbreviation : "");
	json_number(j, "exitSignalNumber", e->signal);
	json_string(j, "exitSignalName", abbreviation ? name : NULL);
}

static void add_invocation(struct json *j, const struct ending *e, const struct summary *s)
{
	struct timespec now;
	clock_gettime(CLOCK_REALTIME, &now);
	json_open(j, "invocations", '[');
	json_open(j, NULL, '{');
	json_open(j, "arguments", '[');
	for (char **word = arguments; *word; word++)
		json_string(j, NULL, *word);
	json_close(j, '[');
	sarif_artifact(j, "executableLocation", program);
	sarif_root(j, "workingDirectory");
	add_time(j, "startTimeUtc", &started);
	add_time(j, "endTimeUtc", &now);
	add_exit(j, e);
	json_boolean(j, "executionSuccessful", e->reached);
	add_notifications(j, e, s);
	json_close(j, '{');
	json_close(j, '[');
}

/* --- the document --- */

static void add_results(struct json *j)
{
	fclose(results.json.out);
	json_open(j, "results", '[');
	fwrite(results.text, 1, results.length, j->out);
	free(results.text);
	json_close(j, '[');
}

char *sarif_end(const struct ending *e, const struct summary *s, size_t *length)
{
	document.json = memory(&document.text, &document.length);
	struct json *j = &document.json;
	json_open(j, NULL, '{');
	json_string(j, "$schema", "https://json.schemastore.org/sarif-2.1.0.json");
	json_string(j, "version", "2.1.0");
	json_open(j, "runs", '[');
	json_open(j, NULL, '{');
	add_tool(j);
	add_invocation(j, e, s);
	json_open(j, "originalUriBaseIds", '{');
	sarif_root(j, "SRCROOT");
	json_close(j, '{');
	json_string(j, "columnKind", "utf16CodeUnits");
	add_results(j);
	json_close(j, '{');
	json_close(j, '[');
	json_close(j, '{');
	putc('\n', j->out);
	fclose(j->out);
	*length = document.length;
	return document.text;
}
