/* Finds the program, follows #! lines to the file that is really loaded, and judges that file. */
#include "program.h"

#include "executable.h"
#include "refuse.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/xattr.h>
#include <unistd.h>

#define STRACE "strace -f -e trace=poll,ppoll,select,pselect6,epoll_ctl,epoll_wait,epoll_pwait"

static int try_path(const char *path)
{
	struct stat status;
	if (stat(path, &status) < 0)
		return errno;
	if (S_ISDIR(status.st_mode))
		return EISDIR;
	return access(path, X_OK) == 0 ? 0 : errno;
}

/* execvp(3): a name without a slash is tried in each folder of PATH, and one found there without
 * permission does not end the search. */
static int search(const char *name, char path[PATH_MAX])
{
	char standard[256];
	const char *folders = getenv("PATH");
	if (!folders && confstr(_CS_PATH, standard, sizeof(standard)))
		folders = standard;
	int error = ENOENT;
	while (folders) {
		int length = (int)strcspn(folders, ":");
		snprintf(path, PATH_MAX, "%.*s%s%s", length, folders, length ? "/" : "", name);
		int failed = try_path(path);
		if (!failed)
			return 0;
		if (failed == EACCES)
			error = failed;
		folders = folders[length] ? folders + length + 1 : NULL;
	}
	return error;
}

struct program program_find(const char *name)
{
	struct program p = {.reachable = true, .preload = true};
	bool has_slash = strchr(name, '/');
	snprintf(p.path, sizeof(p.path), "%s", name);
	int error = has_slash ? try_path(name) : search(name, p.path);
	if (!error)
		return p;
	if (error == ENOENT && !has_slash)
		refuse(NOT_FOUND, "%s: command not found in PATH; give its path, as in ./%s", name,
			name);
	if (error == ENOENT || error == ENOTDIR)
		refuse(NOT_FOUND, "%s: no such file; check the path", name);
	refuse(NOT_EXECUTABLE, "%s: cannot be run: %s; %s", name, strerror(error),
		error == EISDIR ? "name a program in it" : "chmod +x may be what it needs");
}

/* The kernel takes the word after "#!" and loads that file instead (execve(2)). */
static bool interpreter_of(char path[PATH_MAX])
{
	char line[256] = "";
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	ssize_t length = read(fd, line, sizeof(line) - 1);
	close(fd);
	if (length < 3 || strncmp(line, "#!", 2) != 0)
		return false;
	char *word = line + 2 + strspn(line + 2, " \t");
	word[strcspn(word, " \t\r\n")] = '\0';
	snprintf(path, PATH_MAX, "%s", word);
	return *word;
}

/* ld.so(8), secure-execution mode: preloads with a slash are ignored. Neither bit nor capability
 * counts on a nosuid mount or after PR_SET_NO_NEW_PRIVS. */
static const char *privilege_of(const char *path)
{
	struct stat status;
	struct statvfs mount;
	if (stat(path, &status) < 0 || prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1 ||
		(statvfs(path, &mount) == 0 && mount.f_flag & ST_NOSUID))
		return NULL;
	if (status.st_mode & S_ISUID && status.st_uid != getuid())
		return "set-user-ID";
	if (status.st_mode & S_ISGID && status.st_mode & S_IXGRP && status.st_gid != getgid())
		return "set-group-ID";
	if (getuid() != 0 && getxattr(path, "security.capability", NULL, 0) > 0)
		return "given file capabilities";
	return NULL;
}

static void unreachable(struct program *p, bool preload)
{
	p->reachable = false;
	p->preload = preload;
}

/* ld.so itself, called to run a program, is static but does obey LD_PRELOAD. */
static bool is_loader(const char *path)
{
	const char *slash = strrchr(path, '/'), *base = slash ? slash + 1 : path;
	return strncmp(base, "ld-linux", 8) == 0 || strncmp(base, "ld.so", 5) == 0 ||
	       strncmp(base, "ld64.so", 7) == 0;
}

static void judge(struct program *p, const char *name, const char *path, const char *library)
{
	struct executable elf, ours;
	char kind[48], our_kind[48];
	p->elf = executable_read(path, &elf);
	if (!p->elf)
		return;
	memcpy(p->sanitizer, elf.sanitizer, sizeof(p->sanitizer));
	if (executable_read(library, &ours) && !executable_same_kind(&elf, &ours)) {
		say("%s is a %s program and %s is %s: nothing is watched; build the library for "
		    "it (CC=...) and give --library=PATH, or use " STRACE,
			name, executable_kind(&elf, kind), library,
			executable_kind(&ours, our_kind));
		unreachable(p, false);
	} else if (!*elf.interpreter && !is_loader(path)) {
		say("%s is statically linked, which no preload can reach: nothing is watched; link "
		    "it dynamically, or use " STRACE,
			name);
		unreachable(p, true); /* what it executes may be dynamic */
	} else if (strstr(elf.interpreter, "/ld-musl")) {
		say("%s is loaded by musl (%s), which a library built for glibc does not serve: "
		    "nothing is watched; use a glibc build, or " STRACE,
			name, elf.interpreter);
		unreachable(p, false);
	}
}

void program_inspect(struct program *p, const char *name, const char *library)
{
	char path[PATH_MAX];
	enum { SCRIPTS_MAX = 5 }; /* the kernel gives up there too, with ELOOP */
	memcpy(path, p->path, sizeof(path));
	for (int i = 0; i < SCRIPTS_MAX && interpreter_of(path); i++)
		;
	const char *privilege = privilege_of(path);
	if (!privilege) {
		judge(p, name, path, library);
		return;
	}
	say("%s is %s: ld.so ignores preloads in such programs and nothing is watched; run it as "
	    "its owner or a copy without the privilege, or use " STRACE " as root",
		name, privilege);
	unreachable(p, false);
}
