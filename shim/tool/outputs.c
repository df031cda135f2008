/* Renders once for each output and writes whole findings. */
#include "outputs.h"

#include "render.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct output {
	int fd;
	bool json, color;
} outputs[2];
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

static void add(const struct options *o, int file, bool json)
{
	int fd = file < 0 ? STDERR_FILENO : file;
	outputs[used++] = (struct output){fd, json, !json && wants_color(o, fd)};
}

/* Standard error carries one form at most. */
void outputs_open(const struct options *o)
{
	int json = o->file[OPTION_JSON], report = o->file[OPTION_REPORT];
	if (o->value[OPTION_JSON])
		add(o, json, true);
	if (!o->value[OPTION_JSON] || json >= 0 || report >= 0)
		add(o, report, false);
}

/* The program may have made a terminal or pipe it shares with us non-blocking. */
static bool wait_writable(int fd)
{
	struct pollfd p = {.fd = fd, .events = POLLOUT};
	return errno == EINTR || (errno == EAGAIN && poll(&p, 1, -1) >= 0);
}

static void write_all(int fd, size_t length)
{
	size_t done = 0;
	while (done < length) {
		ssize_t written = write(fd, buffer + done, length - done);
		if (written >= 0)
			done += (size_t)written;
		else if (!wait_writable(fd))
			return; /* closed or full: what was found still counts for the exit status
				 */
	}
}

void outputs_finding(const struct finding *f)
{
	for (struct output *o = outputs; o < outputs + used; o++)
		write_all(
			o->fd, o->json ? render_finding_json(buffer, sizeof(buffer), f)
				       : render_finding_text(buffer, sizeof(buffer), f, o->color));
}

void outputs_summary(const struct summary *s)
{
	for (struct output *o = outputs; o < outputs + used; o++)
		write_all(o->fd, o->json ? render_summary_json(buffer, sizeof(buffer), s)
					 : render_summary_text(buffer, sizeof(buffer), s));
}
