#include "suspects.h"

#include "ghosts.h"
#include "process.h"

struct suspect suspects[STALLS][SUSPECTS];
_Atomic uint32_t stalls_suspected;
static _Atomic uint32_t owing;

void suspect_counted(enum stall stall, uint32_t by)
{
	atomic_fetch_add(&stalls_suspected, by);
	atomic_fetch_add(&suspicions, by);
	if (stall == STALL_OUTPUT)
		atomic_fetch_add(&owing, by);
}

bool stall_owing(void)
{
	return GET(owing) != 0;
}

void suspect_over(enum stall stall, int fd, uint32_t generation)
{
	uint64_t key = suspect_key(fd, generation);
	if (atomic_compare_exchange_strong(&suspect_at(stall, fd)->whose, &key, 0))
		suspect_counted(stall, ~0u);
}

void suspect_noted(enum stall stall, int fd, const struct fd_record *r, uint32_t detail)
{
	struct suspect *s = suspect_at(stall, fd);
	PUT(s->thread, process_thread());
	PUT(s->wait, self.waits);
	PUT(s->blocked_ms, 0);
	PUT(s->detail, detail);
	if (atomic_exchange(&s->whose, suspect_key(fd, fd_generation(r))) == 0)
		suspect_counted(stall, 1);
}

void stalls_forget(int fd, uint32_t generation)
{
	for (enum stall stall = 0; stall < STALLS; stall++)
		suspect_over(stall, fd, generation);
}
