/* Writes a program as C: one line a step, with what is expected of it. */
#include "run.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

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
	case MAKE_CONNECTION:
		fprintf(to, "connection()");
		break;
	case MAKE_LISTENER:
		fprintf(to, "listener()");
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
	case CONNECT:
		fprintf(to, "connected(%d)", b);
		break;
	case ACCEPT:
		fprintf(to, "accept4(%d, NULL, NULL, SOCK_NONBLOCK)", a);
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
	case RESET:
		fprintf(to, "reset(%d)", a);
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
		fprintf(to, "child_ends()");
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
	fprintf(to, "\twaits(%d, %d, %ld, %s, (struct epoll_event[]){", base + s->a,
		s->operation == WAIT ? maxevents_of(s) : EVENTS, expected->result,
		expected->error ? strerrorname_np(expected->error) : "0");
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

/* As connections_settle does it. */
static void add_acknowledgements(FILE *to)
{
	for (int i = 0; i < NUMBERS; i++) {
		int file = model.number[i];
		if (file < 0 || !model.files[file].unacknowledged)
			continue;
		int peer = model.files[file].peer, number = model_number_of(peer);
		if (number < 0 || model.files[peer].messages)
			continue;
		fprintf(to, "\tacknowledge(%d);\n", base + number);
		model_acknowledged(file);
	}
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
	fprintf(to, "\tif (child)\n\t\tchild_ends();\n\treturn wrong;\n}\n");
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
	fprintf(to, "#define LOWEST %d /* the first free number */\n%s", base, reproducer_head);
	model_begins();
	for (size_t i = 0; i < p->count; i++)
		if (model_allows(&p->steps[i])) {
			add_step(to, &p->steps[i]);
			add_acknowledgements(to);
		}
	add_end(to);
	return fclose(to) == 0;
}
