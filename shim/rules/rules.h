/* The longer predicates of rules.def, by subject. Each fills the evidence and decides; none prints,
 * allocates, locks or changes anything. Those that ask the kernel do so only where looking changes
 * nothing. */
#ifndef POLLCHECK_RULES_H
#define POLLCHECK_RULES_H

#include "judge.h"

/* arguments.c */
bool rule_negative_fd(const struct call *, struct evidence *);
bool rule_epollexclusive(const struct call *, struct evidence *);
bool rule_nested(const struct call *, struct evidence *);
bool rule_maxevents(const struct call *, struct evidence *);
bool rule_nfds_over_rlimit(const struct call *, struct evidence *);
bool rule_timeval(const struct call *, struct evidence *);
bool rule_timeval_asked(const struct call *, struct evidence *);
bool rule_timeout(const struct call *, struct evidence *);
bool rule_timeout_negative(const struct call *, struct evidence *);
bool rule_timeout_long(const struct call *, struct evidence *);
bool rule_many_parents(const struct call *, struct evidence *);
bool rule_events_beyond_frame(const struct call *, struct evidence *);
bool rule_refetch(const struct call *, struct evidence *);
bool rule_event_bits(const struct call *, struct evidence *);

/* sets.c */
bool rule_fd_setsize(const struct call *, struct evidence *);
bool rule_fd_setsize_forecast(const struct call *, struct evidence *);
bool rule_slot_zero(const struct call *, struct evidence *);
bool rule_slot_zero_invalid(const struct call *, struct evidence *);
bool rule_slots_alike(const struct call *, struct evidence *);
bool rule_select_nfds(const struct call *, struct evidence *);
bool rule_invalid_fd(const struct call *, struct evidence *);
bool rule_set_deaf(const struct call *, struct evidence *);
bool rule_set_left(const struct call *, struct evidence *);
bool rule_timeval_spent(const struct call *, struct evidence *);

/* Whether a poll or select about to be made asks for the event of fd; true when unreadable. */
bool set_asks(const struct call *, int fd, uint32_t event);

/* inout.c */
bool rule_would_block(const struct call *, struct evidence *);
bool rule_unasked(const struct call *, struct evidence *);
bool rule_waker_blocks(const struct call *, struct evidence *);
bool rule_herd(const struct call *, struct evidence *);

/* stalls.c */
bool rule_undrained(const struct call *, struct evidence *);
bool rule_output_owed(const struct call *, struct evidence *);
bool rule_disarmed(const struct call *, struct evidence *);

/* lifetime.c */
bool rule_del_after_close(const struct call *, struct evidence *);
bool rule_fork_shared(const struct call *, struct evidence *);
bool rule_stale_registration(const struct call *, struct evidence *);
bool rule_half_close(const struct call *, struct evidence *);
bool rule_nonblock_left(const struct call *, struct evidence *);
bool rule_taken_away(const struct call *, struct evidence *);
bool rule_stale_event(const struct call *, struct evidence *);
bool rule_close_while_waiting(const struct call *, struct evidence *);
bool rule_double_close(const struct call *, struct evidence *);
bool rule_ctl_error_ignored(const struct call *, struct evidence *);

/* signals.c */
bool rule_sigmask_race(const struct call *, struct evidence *);
bool rule_eintr_fatal(const struct call *, struct evidence *);

/* spin.c */
bool rule_eof(const struct call *, struct evidence *);
bool rule_error_queue(const struct call *, struct evidence *);
bool rule_event_counter(const struct call *, struct evidence *);
bool rule_paused(const struct call *, struct evidence *);
bool rule_always_ready(const struct call *, struct evidence *);
/* Whether the kernel still reports e->mask for e->fd, by a poll with timeout 0. */
bool rule_confirmed(struct evidence *);

#endif
