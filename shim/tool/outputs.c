/* Renders once for each output and writes whole findings. */
#include "outputs.h"

#include "refuse.h"
#include "render.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum form { TEXT, JSON, SARIF };

static struct output {
	int fd;
	enum form form;
	bool color;
} outputs[3];
static unsigned used;

static char buffer[256 * 1024]; /* a finding whose every byte needs six in JSON fits */

/* NO_COLOR and TERM=dumb are what users set against colour everywhere. */
static bool wants_color(const struct options *o, int fd)
{
	const char *when = o->value[OPTION_COLOR], *term = getenv("TERM"), *no = getenv("NO_COLOR");
	if (when && strcmp(when, "auto") != 0)
		return strcmp(when, "always") == 0;
	return isatty(fd) && !(no && *no) && term && strcmp(term, "dumb") != 0;
}

static void add(const struct options *o, int file, enum form form)
{
	int fd = file < 0 ? STDERR_FILENO : file;
	outputs[used++] = (struct output){fd, form, form == TEXT && wants_color(o, fd)};
}

static bool on_standard_error(const struct options *o, enum option_id id)
{
	return o->value[id] && o->file[id] < 0;
}

/* Standard error carries one form at most. */
void outputs_open(const struct options *o, char **arguments, const char *program)
{
	bool json = on_standard_error(o, OPTION_JSON), sarif = on_standard_error(o, OPTION_SARIF);
	if (json && sarif)
		refuse(USAGE,
			"--json and --sarif both want standard error: name a file for one, as in "
			"--sarif=FILE");
	if (o->value[OPTION_JSON])
		add(o, o->file[OPTION_JSON], JSON);
	if (o->value[OPTION_SARIF]) {
		add(o, o->file[OPTION_SARIF], SARIF);
		sarif_begin(arguments, program);
	}
	if (!(json || sarif) || o->file[OPTION_REPORT] >= 0)
		add(o, o->file[OPTION_REPORT], TEXT);
}

/* The program may have made a terminal or pipe it shares with us non-blocking. */
static bool wait_writable(int fd)
{
	struct pollfd p = {.fd = fd, .events = POLLOUT};
	return errno == EINTR || (errno == EAGAIN && poll(&p, 1, -1) >= 0);
}

static void write_all(int fd, const char *text, size_t length)
{
	size_t done = 0;
	while (done < length) {
		ssize_t written = write(fd, text + done, length - done);
		if (written >= 0)
			done += (size_t)written;
		else if (!wait_writable(fd))
			return; /* closed or full: what was found still counts for the exit status
				 */
	}
}

static size_t render(const struct output *o, const struct finding *f)
{
	return o->form == JSON ? render_finding_json(buffer, sizeof(buffer), f)
			       : render_finding_text(buffer, sizeof(buffer), f, o->color);
}

void outputs_finding(const struct finding *f)
{
	for (struct output *o = outputs; o < outputs + used; o++)
		if (o->form == SARIF)
			sarif_finding(f);
		else if (!f->suppressed)
			write_all(o->fd, buffer, render(o, f));
}

void outputs_summary(const struct summary *s)
{
	for (struct output *o = outputs; o < outputs + used; o++)
		if (o->form != SARIF)
			write_all(o->fd, buffer,
				o->form == JSON ? render_summary_json(buffer, sizeof(buffer), s)
						: render_summary_text(buffer, sizeof(buffer), s));
}

void outputs_end(const struct ending *e, const struct summary *s)
{
	for (struct output *o = outputs; o < outputs + used; o++) {
		size_t length = 0;
		char *document = o->form == SARIF ? sarif_end(e, s, &length) : NULL;
		write_all(o->fd, document, length);
		free(document);
	}
}
