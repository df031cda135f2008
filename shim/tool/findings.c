/* Symbolises, suppresses, counts and reports findings, and merges the summaries of all processes.
 */
#include "findings.h"

#include "channel.h"
#include "outputs.h"
#include "refuse.h"
#include "suppress.h"
#include "symbolise.h"
#include "text.h"

#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

static struct summary all;
static uint64_t shown[RULES], hidden[RULES];
static bool any;

void findings_suppress(const char *path)
{
	struct suppression_error error;
	struct stat status;
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &status) < 0 || !S_ISREG(status.st_mode))
		refuse(USAGE, "%s: not a file of suppressions; name one with --suppressions=FILE",
			path);
	size_t length = (size_t)status.st_size;
	char *text = length ? mmap(NULL, length, PROT_READ, MAP_PRIVATE, fd, 0) : NULL;
	if (text == MAP_FAILED)
		refuse(USAGE, "%s: cannot be read: %m; check --suppressions", path);
	close(fd);
	if (length && !suppress_load(text, length, &error))
		refuse(USAGE, "%s:%u: %s", path, error.line, error.reason);
	if (length)
		munmap(text, length);
}

/* The library suppresses too, but it knows no source files. */
static void report(struct finding *f)
{
	uint32_t row = rule_first_row(f->rule);
	if (!all.pid)
		all.pid =
			f->pid; /* of the summary, when a process is killed before it writes one */
	symbolise(f);
	if (f->suppressed || suppressed(f)) {
		hidden[row] += !f->suppressed; /* the library counted its own */
		f->suppressed = true;
	} else {
		shown[row]++;
		any |= f->severity >= WARNING;
	}
	outputs_finding(f);
}

/* Every process says what it watched; what several say in the same words is said once. */
static void merge_coverage(const char *text)
{
	struct text coverage = TEXT_IN(all.coverage);
	coverage.used = strlen(all.coverage);
	if (!strstr(all.coverage, text))
		text_add(&coverage, "%s%s", coverage.used ? "; " : "", text);
}

static void merge(const struct summary *s)
{
	if (!all.pid)
		all.pid = s->pid;
	for (int i = 0; i < RULES; i++)
		all.counts[i] += s->counts[i];
	all.suppressed += s->suppressed;
	all.lost += s->lost;
	merge_coverage(s->coverage);
}

void findings_read(void)
{
	static struct channel_record record;
	while (channel_next(&record)) {
		if (record.kind == RECORD_FINDING)
			report(&record.finding);
		else
			merge(&record.summary);
	}
}

/* The library's counts include repeats, also of what only the command suppressed; a process that
 * was killed sent none. */
static uint64_t count(int row)
{
	uint64_t counted = all.counts[row] > hidden[row] ? all.counts[row] - hidden[row] : 0;
	if (!shown[row])
		return 0;
	return counted > shown[row] ? counted : shown[row];
}

const struct summary *findings_end(void)
{
	uint64_t total = 0;
	channel_close();
	findings_read(); /* what came before */
	for (int row = 0; row < RULES; row++) {
		all.counts[row] = count(row);
		all.suppressed += hidden[row];
		total += shown[row];
	}
	all.lost += channel_lost();
	if (!*all.coverage && (total || all.lost))
		merge_coverage(
			"unknown, for no process came to its end: one that is killed cannot tell");
	if (total || all.lost)
		outputs_summary(&all);
	return &all;
}

bool findings_any(void)
{
	return any;
}
