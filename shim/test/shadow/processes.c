/* Children that edit a shared instance, hold copies of descriptors, execute another program; and
 * descriptors sent to oneself (SCM_RIGHTS, unix(7)). */
#include "acts.h"

#include <spawn.h>
#include <sys/wait.h>

enum { SETS = 3, FIRST = 40, FDS = 16, RECEIVED = FIRST + FDS };

static int sets[SETS], post[2];

static int some_set(void)
{
	return sets[below(SETS)];
}

static int some_fd(void)
{
	return FIRST + (int)below(FDS);
}

static void place(int made, int fd)
{
	must(made >= 0 && dup2(made, fd) == fd, "dup2");
	close(made);
	noted("made", fd, -1, NULL, 0);
}

static void compare_all(void)
{
	for (int fd = 3; fd <= RECEIVED + SETS; fd++)
		compare_number(fd);
}

/* Everything but closing, which registrations outlive while a copy is held elsewhere. */
static void edit(void)
{
	for (int acts = 5 + (int)below(20); acts > 0; acts--)
		if (one_in(5))
			act_wait(some_set());
		else
			act_ctl(some_set(), some_fd());
}

static void live_on(void)
{
	for (int acts = (int)below(8); acts > 0; acts--) {
		int fd = some_fd();
		if (one_in(2))
			act_close(fd);
		place(eventfd(1, 0), fd);
	}
	edit();
}

static void end_of(pid_t child)
{
	int status;
	must(child > 0 && waitpid(child, &status, 0) == child, "child");
	if (status != 0)
		_exit(1); /* it said what diverged */
}

static void meet(int epfd, int fd)
{
	while (act_ctl(epfd, fd) != 0 && errno != ENOENT)
		;
}

/* The child knows what it did, the parent learns it from answers. */
static void child_edits(void)
{
	fflush(stdout);
	pid_t child = fork();
	if (child == 0) {
		edit();
		compare_all();
		place(epoll_create1(0), RECEIVED);
		act_ctl(RECEIVED, some_fd());
		compare_all();
		_exit(0);
	}
	end_of(child);
	for (int i = 0; i < SETS; i++)
		for (int fd = FIRST; fd < FIRST + FDS; fd++)
			meet(sets[i], fd);
	compare_all();
}

/* While the child lives, the kernel keeps what the parent closes; not longer. */
static void child_holds(void)
{
	char byte;
	pid_t child = fork();
	if (child == 0) {
		read(post[1], &byte, 1);
		_exit(0);
	}
	live_on();
	must(write(post[0], "", 1) == 1, "write");
	end_of(child);
	compare_all();
}

/* A child of vfork(2) shares the memory, but neither the descriptors nor the library's attention.
 */
static void vfork_child_executes(void)
{
	int fd = some_fd();
	pid_t child = vfork();
	if (child == 0) {
		close(fd);
		dup2(sets[0], fd);
		epoll_ctl(sets[0], EPOLL_CTL_DEL, fd, NULL); /* of no file that is registered */
		execl("/bin/true", "true", NULL);
		_exit(1);
	}
	end_of(child);
	compare_all();
}

static void spawned(void)
{
	char *const argv[] = {"true", NULL};
	pid_t child;
	must(posix_spawn(&child, "/bin/true", NULL, NULL, argv, environ) == 0, "posix_spawn");
	end_of(child);
	compare_all();
}

static void send_one(int fd)
{
	char byte = 0, room[CMSG_SPACE(sizeof(int))] = "";
	struct iovec vector = {&byte, 1};
	struct msghdr message = {.msg_iov = &vector,
		.msg_iovlen = 1,
		.msg_control = room,
		.msg_controllen = sizeof(room)};
	struct cmsghdr *header = CMSG_FIRSTHDR(&message);
	*header = (struct cmsghdr){CMSG_LEN(sizeof(int)), SOL_SOCKET, SCM_RIGHTS};
	memcpy(CMSG_DATA(header), &fd, sizeof(fd));
	must(sendmsg(post[0], &message, 0) == 1, "sendmsg");
}

static int receive_one(void)
{
	char byte, room[CMSG_SPACE(sizeof(int))] = "";
	struct iovec vector = {&byte, 1};
	struct msghdr message = {.msg_iov = &vector,
		.msg_iovlen = 1,
		.msg_control = room,
		.msg_controllen = sizeof(room)};
	must(recvmsg(post[1], &message, 0) == 1, "recvmsg");
	int made, *fds = (int *)(void *)CMSG_DATA(CMSG_FIRSTHDR(&message));
	memcpy(&made, fds, sizeof(made));
	return made;
}

static void sent(int fd)
{
	send_one(fd);
	int made = receive_one();
	must(dup2(made, RECEIVED) == RECEIVED, "dup2");
	close(made);
	noted("received", fd, RECEIVED, NULL, 0);
}

/* Nobody told the library that two numbers are the same file: it is wrong about what the first that
 * is closed leaves behind, until the other is closed too. */
static void sent_and_closed(void)
{
	int fd = some_fd(), first = one_in(2) ? fd : RECEIVED;
	sent(fd);
	for (int i = 0; i < 4; i++)
		act_ctl(some_set(), RECEIVED);
	compare_all();
	unseen[first] = true;
	act_close(first);
	edit();
	compare_all();
	act_close(first == fd ? RECEIVED : fd);
	place(eventfd(1, 0), fd);
	unseen[first] = false;
	for (int i = 0; i < SETS; i++)
		meet(sets[i], fd);
	compare_all();
}

/* The instance under a second number is another to the library, and each answer tells it more. */
static void instance_sent(void)
{
	int epfd = some_set();
	sent(epfd);
	unseen[RECEIVED] = unseen[epfd] = true;
	edit();
	for (int i = 0; i < 8; i++)
		act_ctl(RECEIVED, some_fd());
	compare_all();
	for (int fd = FIRST; fd < FIRST + FDS; fd++)
		meet(RECEIVED, fd);
	unseen[RECEIVED] = false;
	compare_all();
	act_close(RECEIVED);
	for (int fd = FIRST; fd < FIRST + FDS; fd++)
		meet(epfd, fd);
	unseen[epfd] = false;
	compare_all();
}

static void one_sent(void)
{
	if (one_in(4))
		instance_sent();
	else
		sent_and_closed();
}

static const struct weighted acts[] = {
	{live_on, 10},
	{one_sent, 10},
	{child_edits, 1},
	{child_holds, 1},
	{vfork_child_executes, 1},
	{spawned, 1},
	{NULL, 0},
};

static bool may_be_uncertain(const struct pollcheck_entry *entry)
{
	return entry->events & EPOLLONESHOT; /* which of those that share a datum fired */
}

int main(int argc, char **argv)
{
	begin(argc, argv, 300);
	compare_begins();
	must(socketpair(AF_UNIX, SOCK_STREAM, 0, post) == 0, "socketpair");
	for (int i = 0; i < SETS; i++)
		place(epoll_create1(0), sets[i] = RECEIVED + 1 + i);
	for (int fd = FIRST; fd < FIRST + FDS; fd++)
		place(eventfd(1, 0), fd);
	for (long round = 0; round < rounds; round++) {
		act(acts);
		compare_all();
	}
	return finish();
}
