/* Epoll instances are nested one level, also by several parents; then by a crowd, and in a circle.
 */
#include "rule.h"

static void right(void)
{
	int outer = instance(), inner = instance();
	must(add(outer, inner, EPOLLIN));
	for (int i = 0; i < 100; i++) {
		int parent = instance();
		must(add(parent, inner, EPOLLIN));
		close(parent);
	}
	close(inner);
	close(outer);
}

static void watched_by_too_many(void)
{
	int inner = instance(), outer[70];
	for (int i = 0; i < 70; i++) {
		outer[i] = instance();
		must(add(outer[i], inner, EPOLLIN));
	}
	for (int i = 0; i < 70; i++)
		close(outer[i]);
	close(inner);
}

static void wrong(void)
{
	watched_by_too_many();
	int one = instance(), two = instance();
	must(add(one, two, EPOLLIN));
	add(two, one, EPOLLIN);
	close(one);
	close(two);
}
