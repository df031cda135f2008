/* Feeds files, or all files of corpus folders, to a target without a fuzzing engine.
 * usage: replay-TARGET FILE... */
#include "target.h"

#include <dirent.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { INPUT_MAX = 1 << 20 };

static int replayed;

static void replay_file(const char *path)
{
	static uint8_t bytes[INPUT_MAX];
	FILE *file = fopen(path, "rb");
	if (!file) {
		perror(path);
		exit(2);
	}
	size_t size = fread(bytes, 1, sizeof(bytes), file);
	fclose(file);
	uint8_t *exact = malloc(size + 1); /* so that a byte too far is noticed */
	memcpy(exact, bytes, size);
	LLVMFuzzerTestOneInput(exact, size);
	free(exact);
	replayed++;
}

static int inputs_only(const struct dirent *entry)
{
	return entry->d_name[0] != '.' && strcmp(entry->d_name, "INDEX") != 0;
}

/* A folder's INDEX has a line "name: what it covers" for each file. */
static void must_be_listed(const char *folder, const char *name)
{
	char path[1024], line[1024];
	size_t length = strlen(name);
	snprintf(path, sizeof(path), "%s/INDEX", folder);
	FILE *index = fopen(path, "r");
	bool listed = false;
	while (index && fgets(line, sizeof(line), index))
		listed |= strncmp(line, name, length) == 0 && line[length] == ':';
	if (index)
		fclose(index);
	if (listed)
		return;
	fprintf(stderr, "%s: no line for %s\n", path, name);
	exit(2);
}

static void replay_folder(const char *path)
{
	struct dirent **entries;
	int count = scandir(path, &entries, inputs_only, alphasort);
	for (int i = 0; i < count; i++) {
		char file[1024];
		snprintf(file, sizeof(file), "%s/%s", path, entries[i]->d_name);
		must_be_listed(path, entries[i]->d_name);
		replay_file(file);
		free(entries[i]);
	}
	free(entries);
}

int main(int argc, char **argv)
{
	struct stat status;
	if (argc < 2) {
		fprintf(stderr, "replay: name the inputs of %s, or their folders: fuzz/corpus/%s\n",
			target_name, target_name);
		return 2;
	}
	target_thorough = true;
	target_once();
	for (int i = 1; i < argc; i++)
		if (stat(argv[i], &status) == 0 && S_ISDIR(status.st_mode))
			replay_folder(argv[i]);
		else
			replay_file(argv[i]);
	printf("replay: %s: %d inputs, nothing found\n", target_name, replayed);
	return replayed ? 0 : 2;
}
