/* Later events first, as one looks back from the finding. */
#include "history.h"

#include "process.h"
#include "render.h"
#include "stack.h"
#include "text.h"

#include <linux/kcmp.h>

static void relate(struct finding *f, uint16_t site, uint16_t thread, const char *what)
{
	if (!site || f->related_count == RELATED_MAX)
		return;
	struct related *r = &f->related[f->related_count++];
	struct text t = TEXT_IN(r->what);
	text_add(&t, "%s", what);
	if (thread && process_tid(thread) && process_tid(thread) != f->tid)
		text_add(&t, " by thread %d", process_tid(thread));
	site_stack(site, &r->stack);
}

static void relate_registration(struct finding *f, const struct registration *registration)
{
	struct registration *g = (struct registration *)registration;
	char what[96];
	struct text t = TEXT_IN(what);
	text_add(&t, "registered for ");
	render_mask(&t, GET(g->events), "EPOLL");
	relate(f, GET(g->mod_site), 0, "its event mask was last changed");
	relate(f, GET(g->add_site), 0, what);
}

/* kcmp(2) tells whether fd's open file description is the one that is registered by the number of
 * one that was closed. */
static bool holds(int fd, int epfd, int closed)
{
	struct kcmp_epoll_slot slot = {.efd = (uint32_t)epfd, .tfd = (uint32_t)closed};
	long own = may_make_system_calls() ? SYSTEM(getpid) : 0;
	return own && SYSTEM(kcmp, own, own, (long)KCMP_EPOLL_TFD, (long)fd, &slot) == 0;
}

/* Who keeps a ghost alive, if it is this process itself. */
static void relate_holder(struct finding *f, const struct evidence *e)
{
	uint16_t shared = e->past_life->shared;
	for (int fd = 0; shared && e->epfd >= 0 && fd <= fd_highest(); fd++) {
		struct fd_record *r = fd_find(fd);
		if (!r || GET(r->shared) != shared || !fd_alive(r) || !holds(fd, e->epfd, e->fd))
			continue;
		char what[96];
		struct text t = TEXT_IN(what);
		text_add(&t, "duplicated: descriptor %d, which is open, came", fd);
		relate(f, GET(r->created_site), GET(r->created_thread), what);
		return;
	}
}

static void relate_past_life(struct finding *f, const struct evidence *e)
{
	const struct past_life *past = e->past_life;
	relate(f, past->closed_site, past->closed_thread, "closed");
	relate_holder(f, e);
	relate(f, past->registered_site, 0, "registered");
	relate(f, past->created_site, past->created_thread, "created");
}

void history_relate(struct finding *f, const struct evidence *e)
{
	struct fd_record *r = (struct fd_record *)e->record;
	bool reused = r && fd_alive(r) && (e->reused || e->past_life);
	if (e->waiter)
		relate(f, site_of(e->waiter->call.site), (uint16_t)e->waiter->thread, "waited for");
	if (reused)
		relate(f, GET(r->created_site), GET(r->created_thread),
			"reused: the number was given to another file");
	if (e->past_life)
		relate_past_life(f, e);
	if (r && (e->reused || !fd_alive(r)))
		relate(f, GET(r->closed_site), GET(r->closed_thread), "closed");
	if (e->registration)
		relate_registration(f, e->registration);
	if (r && !reused)
		relate(f, GET(r->created_site), GET(r->created_thread), "created");
}
