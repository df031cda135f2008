/* A wait in a function that is inlined into one that is inlined into main. */
#include <poll.h>
#include <stdio.h>

static inline __attribute__((always_inline)) int innermost(struct pollfd *entry)
{
	return poll(entry, 1, 1); /* LINE OF THE WAIT */
}

static inline __attribute__((always_inline)) int between(int fd)
{
	struct pollfd entry = {.fd = fd, .events = POLLIN};
	return innermost(&entry); /* LINE OF INNERMOST */
}

int main(void)
{
	int ready = between(999); /* LINE OF BETWEEN */
	return printf("%d\n", ready) < 0;
}
