/* Epoll instances are nested one level, then in a circle. */
#include "rule.h"

static void right(void)
{
	int outer = instance(), inner = instance();
	must(add(outer, inner, EPOLLIN));
	close(inner);
	close(outer);
}

static void wrong(void)
{
	int one = instance(), two = instance();
	must(add(one, two, EPOLLIN));
	add(two, one, EPOLLIN);
	close(one);
	close(two);
}
