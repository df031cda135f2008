/* Writes a program as C: one line a step, with what is expected of it. */
#include "run.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static const char head[] =
	"#define _GNU_SOURCE\n"
	"#include <errno.h>\n#include <fcntl.h>\n#include <poll.h>\n#include <signal.h>\n"
	"#include <stdint.h>\n#include <stdio.h>\n#include <string.h>\n#include <sys/epoll.h>\n"
	"#include <sys/eventfd.h>\n#include <sys/socket.h>\n#include <sys/wait.h>\n#include "
	"<unistd.h>\n\n"
	"static int wrong, fds[2], child;\nstatic char bytes[8192];\n\n"
	"static void is(const char *call, long result, long expected, int error)\n{\n"
	"\tint failed = result < 0 ? errno : 0, differs = result != expected || failed != error;\n"
	"\tprintf(\"%s%s = %ld %s\\n\", differs ? \"WRONG: \" : \"\", call, result,\n"
	"\t\tfailed ? strerrorname_np(failed) : \"\");\n"
	"\twrong |= differs;\n}\n\n"
	"static int ctl(int epfd, int op, int fd, uint32_t events, uint64_t data)\n{\n"
	"\tstruct epoll_event event = {events, {.u64 = data}};\n"
	"\treturn epoll_ctl(epfd, op, fd, &event);\n}\n\n"
	"static void waits(int epfd, int maxevents, int count, const struct epoll_event "
	"*expected)\n"
	"{\n\tstruct epoll_event events[4] = {{0}};\n"
	"\tis(\"epoll_wait\", epoll_wait(epfd, events, maxevents, 0), count, count < 0 ? errno : "
	"0);\n"
	"\tfor (int i = 0; i < count; i++) {\n"
	"\t\tprintf(\"  {%#x, %#llx}\\n\", events[i].events, (long long)events[i].data.u64);\n"
	"\t\twrong |= memcmp(&events[i], &expected[i], sizeof(events[i])) != 0;\n\t}\n}\n\n"
	"static int polled(int fd)\n{\n"
	"\tstruct pollfd asked = {fd, 0x3fff, 0};\n\tpoll(&asked, 1, 0);\n"
	"\treturn asked.revents;\n}\n\n"
	"/* What the library believes, under LD_PRELOAD (shim/inspect.h). */\n"
	"struct entry {\n\tint fd;\n\tuint32_t events;\n\tuint64_t data;\n"
	"\tint uncertain, orphan;\n};\n"
	"int pollcheck_interest_list(int, void (*)(const struct entry *, void *), void *)\n"
	"\t__attribute__((weak));\n\n"
	"static void believed(const struct entry *e, void *unused)\n{\n"
	"\tprintf(\"believed: fd %d events %#x data %#llx%s%s\\n\", e->fd, e->events,\n"
	"\t\t(long long)e->data, e->uncertain ? \" uncertain\" : \"\", e->orphan ? \" orphan\" : "
	"\"\");\n"
	"\t(void)unused;\n}\n\n"
	"static void show(int epfd)\n{\n"
	"\tchar path[64], text[4096];\n"
	"\tsnprintf(path, sizeof(path), \"/proc/self/fdinfo/%d\", epfd);\n"
	"\tint fd = open(path, O_RDONLY);\n"
	"\tssize_t size = read(fd, text, sizeof(text));\n"
	"\tclose(fd);\n\tprintf(\"%s:\\n%.*s\", path, (int)(size > 0 ? size : 0), text);\n"
	"\tif (pollcheck_interest_list)\n\t\tpollcheck_interest_list(epfd, believed, NULL);\n}\n\n"
	"int main(void)\n{\n"
	"\tsignal(SIGPIPE, SIG_IGN);\n"
	"\tfor (int fd = 0; fd < LOWEST - 1;)\n\t\tfd = open(\"/dev/null\", O_RDWR);\n";

static void add_call(FILE *to, const struct step *s)
{
	int a = base + s->a, b = base + s->b;
	switch (s->operation) {
	case MAKE_PIPE:
		fprintf(to, "pipe2(fds, O_NONBLOCK) | (fcntl(fds[0], F_SETPIPE_SZ, 1) < 0)");
		break;
	case MAKE_SOCKETS:
		fprintf(to, "socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds)");
		break;
	case MAKE_COUNTER:
		fprintf(to, "eventfd(0, EFD_NONBLOCK)");
		break;
	case MAKE_INSTANCE:
		fprintf(to, "epoll_create1(0)");
		break;
	case MAKE_FILE:
		fprintf(to, "open(\"/dev/null\", O_RDWR)");
		break;
	case DUPLICATE:
		fprintf(to, s->how & 1 ? "fcntl(%d, F_DUPFD, %d)" : "dup(%d)", a, b);
		break;
	case DUPLICATE_TO:
		fprintf(to, s->how & 1 ? "dup3(%d, %d, O_CLOEXEC)" : "dup2(%d, %d)", a, b);
		break;
	case CLOSE:
		fprintf(to, "close(%d)", a);
		break;
	case CLOSE_RANGE:
		fprintf(to, "close_range(%d, %d, 0)", a, b);
		break;
	case WRITE:
		fprintf(to, "write(%d, memcpy(bytes, &(uint64_t){%#llx}, 8), %zu)", a,
			s->how & 1 ? -2LL : (long long)(s->how >> 7), model_writes(s));
		break;
	case READ:
		fprintf(to, "read(%d, bytes, %d)", a, BLOCK(s));
		break;
	case SHUTDOWN:
		fprintf(to, "shutdown(%d, %u)", a, s->how % 3);
		break;
	case FORK:
		fprintf(to, "(child = fork()) ? 0 : pause()");
		break;
	case CHILD_ENDS:
		fprintf(to, "kill(child, SIGKILL) | (waitpid(child, NULL, 0) < 0)");
		break;
	case WAIT_MEANWHILE:
	case WAIT:
		fprintf(to, "epoll_wait(%d, …, %d, 0)", a, maxevents_of(s));
		break;
	default:
		fprintf(to, "ctl(%d, EPOLL_CTL_%s, %d, %#x, %#llx)", a,
			s->operation == ADD      ? "ADD"
			: s->operation == DELETE ? "DEL"
						 : "MOD",
			b, s->events, (unsigned long long)s->data);
	}
}

void step_text(const struct step *s, char *text, size_t size)
{
	FILE *to = fmemopen(text, size, "w");
	add_call(to, s);
	fclose(to);
}

static void add_wait(FILE *to, const struct step *s, const struct answer *expected)
{
	fprintf(to, "\twaits(%d, %d, %ld, (struct epoll_event[]){", base + s->a,
		s->operation == WAIT ? maxevents_of(s) : EVENTS, expected->result);
	for (long i = 0; i < expected->result; i++)
		fprintf(to, "{%#x, {.u64 = %#llx}}, ", expected->events[i].events,
			(unsigned long long)expected->events[i].data.u64);
	fprintf(to, "{0}});\n");
}

static void add_step(FILE *to, const struct step *s)
{
	struct answer expected;
	struct step other = step_meanwhile(s);
	char text[256];
	if (s->operation == WAIT_MEANWHILE) { /* one after the other: it is the same */
		add_step(to, &other);
		expected = model_wait(s, EVENTS);
	} else {
		expected = model_step(s);
	}
	if (s->operation == WAIT || s->operation == WAIT_MEANWHILE) {
		add_wait(to, s, &expected);
		return;
	}
	step_text(s, text, sizeof(text));
	fprintf(to, "\tis(");
	for (const char *c = text; *c; c++) /* quoted */
		fprintf(to, c == text ? "\"%s%c" : "%s%c", strchr("\"\\", *c) ? "\\" : "", *c);
	fprintf(to, "\",\n\t\t%s, %ld, %s);\n", text, expected.result,
		expected.error ? strerrorname_np(expected.error) : "0");
}

/* What poll must say now; and of each instance its interest list, to be looked at. */
static void add_end(FILE *to)
{
	for (int i = 0; i < NUMBERS; i++) {
		int file = model.number[i];
		if (file < 0)
			continue;
		fprintf(to, "\tis(\"poll %d\", polled(%d), %#x, 0);\n", base + i, base + i,
			model_poll(file) & 0x3fff);
		if (model.files[file].kind == INSTANCE)
			fprintf(to, "\tshow(%d);\n", base + i);
	}
	fprintf(to, "\treturn wrong;\n}\n");
}

bool write_reproducer(const char *path, const struct program *p, const struct divergence *d)
{
	FILE *to = fopen(path, "w");
	if (!to)
		return false;
	fprintf(to,
		"/* Oracle \"%s\", last step: %s\n * cc -o reproducer %s && ./reproducer\n"
		" * It prints each answer, and WRONG before those that are not as expected. */\n",
		d->oracle, d->text, strrchr(path, '/') ? strrchr(path, '/') + 1 : path);
	fprintf(to, "#define LOWEST %d /* the first free number */\n%s", base, head);
	model_begins();
	for (size_t i = 0; i < p->count; i++)
		if (model_allows(&p->steps[i]))
			add_step(to, &p->steps[i]);
	add_end(to);
	return fclose(to) == 0;
}
