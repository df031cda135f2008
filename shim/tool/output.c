/* Whole or complained about. */
#include "output.h"

#include "refuse.h"

#include <string.h>

FILE *output_open(const char *path)
{
	FILE *out = strcmp(path, "-") == 0 ? stdout : fopen(path, "we");
	if (!out)
		refuse(USAGE, "%s: cannot be written: %m; name another file with -o", path);
	return out;
}

void output_close(FILE *out, const char *path)
{
	if (fflush(out) || ferror(out) || (out != stdout && fclose(out)))
		refuse(FAILED, "%s: not all of it could be written: %m; name another file with -o",
			path);
}
