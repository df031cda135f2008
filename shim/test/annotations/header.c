/* Includes pollcheck.h alone and says all of it. Built as C and as C++, position-independent and
 * not; with answer.c preloaded it ends with 40 plus the number of the first annotation. */
#include "pollcheck.h"

int main(void)
{
	pollcheck_ignore_fd(2);
	pollcheck_drained(2);
	pollcheck_expect_idle(2);
	pollcheck_idle_over(2);
	return 0;
}
