/* A descriptor goes when nobody holds an event of it; then while another thread does. */
#include "sleeper.h"

#include <semaphore.h>

struct connection {
	int fd;
	char name[32];
};

struct server {
	int epfd;
	struct connection *connection;
	sem_t told, go_on;
	int serves_first;
	uint64_t data; /* of the registration; 0: the connection */
	unsigned flags;
};

static int serve(void *argument)
{
	struct server *s = argument;
	struct epoll_event event;
	uint64_t count;
	must(epoll_wait(s->epfd, &event, 1, -1));
	if (s->serves_first)
		must((int)read(s->connection->fd, &count, sizeof(count)));
	sem_post(&s->told);
	sem_wait(&s->go_on); /* whatever a handler does before it comes to the connection */
	return 0;
}

static void begin(struct server *s, struct sleeper *sleeper)
{
	struct epoll_event event = {.events = EPOLLIN | s->flags};
	s->epfd = instance();
	s->connection = malloc(sizeof(*s->connection));
	s->connection->fd = must(eventfd(0, EFD_CLOEXEC));
	event.data.ptr = s->connection;
	if (s->data)
		event.data.u64 = s->data;
	sem_init(&s->told, 0, 0);
	sem_init(&s->go_on, 0, 0);
	must(epoll_ctl(s->epfd, EPOLL_CTL_ADD, s->connection->fd, &event));
	sleeper_begins(sleeper, serve, s);
	eventfd_write(s->connection->fd, 1);
	sem_wait(&s->told);
}

static void end(struct server *s, struct sleeper *sleeper)
{
	sem_post(&s->go_on);
	sleeper_ends(sleeper);
	free(s->connection);
	close(s->epfd);
}

static void closed_by_another(struct server s)
{
	struct sleeper sleeper;
	begin(&s, &sleeper);
	close(s.connection->fd);
	end(&s, &sleeper);
}

static void removed_by_another(struct server s)
{
	struct sleeper sleeper;
	begin(&s, &sleeper);
	must(epoll_ctl(s.epfd, EPOLL_CTL_DEL, s.connection->fd, NULL));
	end(&s, &sleeper);
	close(s.connection->fd);
}

static void right(void)
{
	struct sleeper sleeper;
	struct server s = {.serves_first = 1};
	closed_by_another(s);
	removed_by_another(s);
	closed_by_another((struct server){.data = 7});             /* a number that is looked up */
	closed_by_another((struct server){.flags = EPOLLONESHOT}); /* handed to a worker */
	begin(&s, &sleeper);
	close(s.connection->fd);
	end(&s, &sleeper);
}

static void wrong(void)
{
	closed_by_another((struct server){0});
	removed_by_another((struct server){0});
}
