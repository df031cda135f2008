/* getsockopt and setsockopt: every size, bad pointers, and what is no socket. */
#include "show.h"

static int ends[2], pair[2];

static void getting(void)
{
	const int names[] = {SO_ERROR, SO_TYPE, SO_ACCEPTCONN, SO_DOMAIN, 9999};
	for (unsigned i = 0; i < COUNT(names); i++)
		for (socklen_t size = 0; size <= 8; size += 2) {
			void *value = place(0, NULL, 8);
			SHOW("getsockopt",
				getsockopt(pair[0], SOL_SOCKET, names[i], value, PLACE(1, size)),
				"%d, %u", names[i], size);
			SHOW("getsockopt",
				getsockopt(ends[0], SOL_SOCKET, names[i], value, PLACE(1, size)),
				"pipe, %d", names[i]);
		}
}

static void setting(void)
{
	const int names[] = {SO_RCVLOWAT, SO_RCVBUF, SO_KEEPALIVE, SO_ERROR, 9999};
	for (unsigned i = 0; i < COUNT(names); i++) {
		for (socklen_t size = 0; size <= 8; size += 2) {
			const int value[2] = {4096, 0};
			void *place_of = place(0, value, sizeof value);
			SHOW("setsockopt",
				setsockopt(pair[1], SOL_SOCKET, names[i], place_of, size), "%d, %u",
				names[i], size);
			SHOW("getsockopt",
				getsockopt(pair[1], SOL_SOCKET, names[i], place_of,
					PLACE(1, (socklen_t){4})),
				"%d", names[i]);
		}
		SHOW("setsockopt", setsockopt(ends[0], SOL_SOCKET, names[i], read_only(), 4),
			"pipe, %d", names[i]);
		SHOW("setsockopt", setsockopt(CLOSED, SOL_SOCKET, names[i], read_only(), 4),
			"closed, %d", names[i]);
		EACH_BAD_POINTER(bad)
		{
			SHOW("setsockopt",
				setsockopt(pair[1], SOL_SOCKET, names[i], bad->pointer, 4),
				"%d, %s", names[i], bad->name);
		}
	}
}

int main(void)
{
	must(!pipe(ends) && !socketpair(AF_UNIX, SOCK_STREAM, 0, pair), "prepare");
	getting();
	setting();
	show_descriptors();
	return 0;
}
