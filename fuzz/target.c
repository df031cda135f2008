/* What the targets share. */
#include "target.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

void target_once(void)
{
	static bool begun;
	if (!begun)
		target_begins();
	begun = true;
}

static const uint8_t *given;
static size_t given_size;

void target_given(const uint8_t *bytes, size_t size)
{
	target_once();
	given = bytes;
	given_size = size;
}

void target_options(void)
{
	setenv("POLLCHECK_OPTIONS", "report_path=/dev/null:level=note:spin_threshold=16", 0);
}

bool target_thorough;

/* FNV-1a */
uint64_t target_hash(const uint8_t *bytes, size_t size)
{
	uint64_t sum = 0xcbf29ce484222325u;
	for (size_t i = 0; i < size; i++)
		sum = (sum ^ bytes[i]) * 0x100000001b3u;
	return sum;
}

void target_artifact(
	const char *suffix, const uint8_t *bytes, size_t size, char *path, size_t path_size)
{
	const char *folder = getenv("FUZZ_ARTIFACTS");
	snprintf(path, path_size, "%s/%s-%016llx.%s", folder ? folder : ".", target_name,
		(unsigned long long)target_hash(bytes, size), suffix);
	FILE *file = fopen(path, "wb");
	if (!file || fwrite(bytes, 1, size, file) != size)
		perror(path);
	if (file)
		fclose(file);
}

void target_seed(char *path, size_t path_size)
{
	target_artifact("seed", given, given_size, path, path_size);
	fprintf(stderr, "seed: %s\n", path);
}

void target_lost(const char *format, ...)
{
	char path[512];
	va_list arguments;
	va_start(arguments, format);
	fprintf(stderr, "divergence (%s): ", target_name);
	vfprintf(stderr, format, arguments);
	fputc('\n', stderr);
	va_end(arguments);
	target_seed(path, sizeof(path));
	abort();
}
