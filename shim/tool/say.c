/* say for the command: the line is complete before it is written, so that it stays whole between
 * the program's own output. */
#include "say.h"

#include "progress.h"
#include "text.h"

#include <unistd.h>

void say(const char *format, ...)
{
	char line[1024];
	struct text t = TEXT_IN(line);
	va_list list;
	text_add(&t, "pollcheck: ");
	va_start(list, format);
	text_add_list(&t, format, list);
	va_end(list);
	if (t.used == sizeof(line) - 1)
		t.used--;
	line[t.used++] = '\n';
	progress_end();
	if (write(STDERR_FILENO, line, t.used) < 0)
		return; /* nobody listens: there is no other place to say that */
}
