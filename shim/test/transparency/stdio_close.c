/* stdio and directory streams, which close descriptors inside the C library. */
#include "show.h"

#include <dirent.h>

static void files(void)
{
	int fd = memfd_create("file", 0), copy;
	FILE *file;
	SHOW("fdopen", (file = fdopen(fd, "w+")) == NULL, "good");
	SHOW("fclose", (fputs("text", file), fclose(file)), "with buffered text");
	SHOW("close", close(fd), "closed by fclose");
	SHOW("fdopen", fdopen(CLOSED, "r") == NULL, "closed");
	SHOW("fdopen", fdopen(-1, "r") == NULL, "-1");
	SHOW("fdopen", fdopen(0, "nonsense") == NULL, "bad mode");
	SHOW("fdopen", fdopen(0, "w") == NULL, "wrong direction");
	int ends[2];
	must(!pipe(ends), "pipe");
	SHOW("fdopen", (file = fdopen(ends[1], "w")) == NULL, "pipe");
	close(ends[0]);
	fputs("nobody reads this", file);
	on_signal(SIGPIPE, count_signal, 0);
	SHOW("fclose", fclose(file), "broken pipe");
	NOTE_LINE("signals %d\n", (int)signals_seen);
	SHOW("close", close(ends[1]), "closed by fclose");
	file = fopen("/dev/null", "r");
	copy = dup(fileno(file));
	close(fileno(file));
	SHOW("fclose", fclose(file), "descriptor closed before");
	SHOW("close", close(copy), "copy");
	show_descriptors();
}

static void without_descriptors(void)
{
	char text[16], *made = NULL;
	size_t size;
	FILE *file = fmemopen(text, sizeof text, "w");
	SHOW("fclose", fclose(file), "of fmemopen");
	file = open_memstream(&made, &size);
	SHOW("fclose", fclose(file), "of open_memstream");
	free(made);
}

typedef FILE *open_function(const char *, const char *);

static void opening(const char *name, open_function *call)
{
	const char *const modes[] = {"r", "w", "re", "a+", "wx", "r,ccs=UTF-8", "", "bad"};
	for (unsigned i = 0; i < COUNT(modes); i++) {
		FILE *file;
		SHOW(name, (file = call("/dev/null", modes[i])) != NULL, "%s", modes[i]);
		show_descriptors();
		if (file)
			fclose(file);
		SHOW(name, call("/nonexistent/file", modes[i]) != NULL, "missing, %s", modes[i]);
	}
	EACH_BAD_POINTER(bad)
	{
		if (bad->pointer)
			SHOW(name, call(bad->pointer, "r") != NULL, "%s", bad->name);
	}
}

typedef FILE *reopen_function(const char *, const char *, FILE *);

static void reopen(const char *name, reopen_function *call)
{
	FILE *file = fopen("/dev/null", "r");
	int number = fileno(file);
	SHOW(name, (file = call("/proc/self/exe", "r", file)) == NULL, "another");
	NOTE_LINE("same number %d\n", fileno(file) == number);
	SHOW(name, call(NULL, "r", file) == NULL, "no name");
	SHOW(name, (file = call("/nonexistent/file", "r", file)) == NULL, "missing");
	show_descriptors();
	file = fopen("/dev/null", "r");
	SHOW(name, (file = call("/dev/null", "bad", file)) == NULL, "bad mode");
	file = fopen("/dev/null", "r");
	SHOW(name, (file = call("/dev/null", "re", file)) == NULL, "close on exec");
	show_descriptors();
	if (file)
		fclose(file);
}

static void directories(void)
{
	DIR *directory = opendir("/proc/self");
	must(directory != NULL, "opendir");
	show_descriptors();
	int fd = dirfd(directory);
	SHOW("closedir", closedir(directory), "good");
	SHOW("close", close(fd), "closed by closedir");
	fd = open("/proc/self", O_RDONLY | O_DIRECTORY);
	directory = fdopendir(fd);
	SHOW("closedir", closedir(directory), "of fdopendir");
	SHOW("close", close(fd), "closed by closedir");
	DIR *volatile none = NULL;
	SHOW("closedir", closedir(none), "NULL");
}

static void processes(void)
{
	char line[16] = "";
	FILE *command;
	SHOW("popen", (command = popen("echo hello; exit 3", "r")) != NULL, "reading");
	show_descriptors();
	must(fgets(line, sizeof line, command) != NULL, "fgets");
	SHOW("pclose", pclose(command), "exit 3 after %.5s", line);
	SHOW("popen", (command = popen("kill -9 $$", "w")) != NULL, "writing");
	SHOW("pclose", pclose(command), "killed");
	signal(SIGCHLD, SIG_IGN);
	command = popen("exit 0", "re");
	SHOW("popen", popen("exit 0", "nonsense") != NULL, "bad mode");
	show_descriptors();
	SHOW("pclose", pclose(command), "already reaped");
	signal(SIGCHLD, SIG_DFL);
	show_descriptors();
}

int main(void)
{
	files();
	without_descriptors();
	opening("fopen", fopen);
	opening("fopen64", fopen64);
	reopen("freopen", freopen);
	reopen("freopen64", freopen64);
	directories();
	processes();
	FILE *last = fopen("/dev/null", "w");
	must(last != NULL, "fopen");
	SHOW("fcloseall", fcloseall(), "void");
	printf("after fcloseall\n");
	return 0;
}
