/* `pollcheck report`: one HTML file that needs nothing else. */
#include "drawing.h"
#include "output.h"
#include "progress.h"
#include "readers.h"
#include "refuse.h"
#include "request.h"

#include <string.h>

extern const char page_template[], page_template_end[];

static const char place[] = "/*DATA*/";

int report_run(int argc, char **argv)
{
	static struct drawing drawing;
	struct request r = request_parse(REPORT, argc, argv);
	const char *path = r.value[READING_OUTPUT] ? r.value[READING_OUTPUT] : "report.html";
	size_t length = (size_t)(page_template_end - page_template);
	const char *at = memmem(page_template, length, place, strlen(place));
	progress_begin(false);
	drawing_make(&drawing, r.traces[0]);
	FILE *out = output_open(path);
	fwrite(page_template, 1, (size_t)(at - page_template), out);
	drawing_print(out, &drawing);
	at += strlen(place);
	fwrite(at, 1, (size_t)(page_template_end - at), out);
	output_close(out, path);
	return 0;
}
