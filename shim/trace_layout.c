/* Which layout a call's event has: its argument roles tell. */
#include "trace_layout.h"

#include <string.h>

static enum trace_layout layout_of_wait(const char *roles)
{
	bool simple = strchr(roles, *TIMEOUT) && !strchr(roles, *SIGMASK);
	if (*roles == *EPFD)
		return simple ? TRACE_epoll_wait : TRACE_epoll_pwait;
	if (*roles == *SELECT_NFDS)
		return TRACE_select;
	return simple ? TRACE_poll : TRACE_ppoll;
}

enum trace_layout trace_layout(enum call_id id)
{
	const char *roles = calls[id].roles;
	if (calls[id].kind == WITNESSED)
		return *roles == *FD ? TRACE_io : *roles == *IN_OUT ? TRACE_transfer : TRACE_NOT;
	if (*roles == *FD) /* __fdelt_chk */
		return TRACE_NOT;
	if (*roles == *SIZE || *roles == *FLAGS)
		return TRACE_epoll_create;
	return strchr(roles, *OP) ? TRACE_epoll_ctl : layout_of_wait(roles);
}
