/* Takes steps. */
#include "system.h"

#include "model.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static pid_t child;

/* --- what makes descriptors --- */

static long make_pipe(const struct system *system)
{
	int fds[2], result = system->pipe2(fds, O_NONBLOCK);
	if (result == 0)
		bare_call(SYS_fcntl, fds[0], F_SETPIPE_SZ, 1L); /* one page (fcntl(2)) */
	return result;
}

static long make_sockets(const struct system *system)
{
	int fds[2];
	return system->socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds);
}

static long duplicate(const struct system *system, const struct step *s)
{
	return s->how & 1 ? system->dup_from(base + s->a, base + s->b) : system->dup(base + s->a);
}

static long duplicate_to(const struct system *system, const struct step *s)
{
	return s->how & 1 ? system->dup3(base + s->a, base + s->b, O_CLOEXEC)
			  : system->dup2(base + s->a, base + s->b);
}

/* --- a child that only is there --- */

int system_stay(void *parent)
{
	bare_call(SYS_prctl, PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
	while (bare_call(SYS_getppid) == (long)(intptr_t)parent)
		bare_call(SYS_pause);
	bare_call(SYS_exit_group, 0);
	return 0;
}

static long fork_child(const struct system *system)
{
	pid_t parent = getpid();
	child = system->fork();
	if (child == 0)
		system_stay((void *)(intptr_t)parent);
	return child > 0 ? 0 : -1;
}

static long end_child(void)
{
	int status;
	if (child <= 0)
		return 0;
	kill(child, SIGKILL);
	while (waitpid(child, &status, 0) < 0 && errno == EINTR)
		; /* its descriptors are closed by then */
	child = 0;
	return 0;
}

/* --- each step --- */

/* A counter takes eight bytes, neither more nor less (eventfd(2)). */
static long write_to(const struct system *system, const struct step *s)
{
	char block[LARGE] = {0};
	uint64_t by = s->how & 1 ? UINT64_MAX - 1 : s->how >> 7;
	memcpy(block, &by, sizeof(by));
	return system->write(base + s->a, block, model_writes(s));
}

static long control(const struct system *system, const struct step *s)
{
	struct epoll_event event = {s->events, {.u64 = s->data}};
	int op = s->operation == ADD      ? EPOLL_CTL_ADD
		 : s->operation == DELETE ? EPOLL_CTL_DEL
					  : EPOLL_CTL_MOD;
	return system->epoll_ctl(base + s->a, op, base + s->b, &event);
}

/* An engine's alarm interrupts it now and then (signal(7): it is never restarted). */
static long wait_for_events(const struct system *system, int epfd, struct epoll_event *events,
	int maxevents, int timeout, unsigned how)
{
	long result;
	do
		result = system->epoll_wait(epfd, events, maxevents, timeout, how);
	while (result < 0 && errno == EINTR);
	return result;
}

/* --- two threads --- */

struct meanwhile {
	const struct system *system;
	struct step step;
};

static void *act_meanwhile(void *argument)
{
	const struct meanwhile *m = argument;
	struct timespec shortly = {0, 200000};
	nanosleep(&shortly,
		NULL); /* so that the other one waits, mostly; either way it is the same */
	if (m->step.operation == WRITE)
		write_to(m->system, &m->step);
	else
		m->system->close(base + m->step.a);
	return NULL;
}

static long wait_meanwhile(
	const struct system *system, const struct step *s, struct epoll_event *events, int patience)
{
	struct meanwhile meanwhile = {system, step_meanwhile(s)};
	pthread_t thread;
	if (pthread_create(&thread, NULL, act_meanwhile, &meanwhile) != 0)
		abort();
	long result = wait_for_events(system, base + s->a, events, EVENTS, patience, s->how >> 1);
	int error = errno;
	pthread_join(thread, NULL);
	errno = error;
	return result;
}

static long take(
	const struct system *system, const struct step *s, struct epoll_event *events, int patience)
{
	char room[LARGE];
	switch (s->operation) {
	case MAKE_PIPE:
		return make_pipe(system);
	case MAKE_SOCKETS:
		return make_sockets(system);
	case MAKE_CONNECTION:
		return make_connection(system);
	case MAKE_LISTENER:
		return make_listener(system);
	case MAKE_COUNTER:
		return system->eventfd(0, EFD_NONBLOCK);
	case MAKE_INSTANCE:
		return system->epoll_create1(0);
	case MAKE_FILE:
		return system->open("/dev/null", O_RDWR);
	case CONNECT:
		return connect_to(system, base + s->b);
	case ACCEPT:
		return accept_from(system, base + s->a);
	case DUPLICATE:
		return duplicate(system, s);
	case DUPLICATE_TO:
		return duplicate_to(system, s);
	case CLOSE:
		return system->close(base + s->a);
	case CLOSE_RANGE:
		return system->close_range((unsigned)(base + s->a), (unsigned)(base + s->b), 0);
	case RESET:
		end_abruptly(base + s->a);
		return system->close(base + s->a);
	case WRITE:
		return write_to(system, s);
	case READ:
		return system->read(base + s->a, room, (size_t)BLOCK(s));
	case SHUTDOWN:
		return system->shutdown(base + s->a, (int)(s->how % 3));
	case FORK:
		return fork_child(system);
	case CHILD_ENDS:
		return end_child();
	case WAIT:
		return wait_for_events(system, base + s->a, events, maxevents_of(s),
			s->how & 8 ? patience : 0, s->how);
	case WAIT_MEANWHILE:
		return wait_meanwhile(system, s, events, patience ? patience : 2);
	default:
		return control(system, s);
	}
}

struct answer system_step(const struct system *system, const struct step *s, int patience)
{
	struct answer answer = {0};
	struct epoll_event events[EVENTS + 1];
	memset(events, 0x5a, sizeof(events));
	errno = 0;
	answer.result = take(system, s, events, patience);
	answer.error = answer.result < 0 ? errno : 0;
	if ((s->operation == WAIT || s->operation == WAIT_MEANWHILE) && answer.result > 0)
		memcpy(answer.events, events, (size_t)answer.result * sizeof(*events));
	return answer;
}

void system_ends(const struct system *system)
{
	end_child();
	for (int i = 0; i < NUMBERS; i++) {
		end_abruptly(base + i);
		system->close(base + i);
	}
}
