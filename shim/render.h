/* Puts calls and findings into words: strace's notation for calls, text for people and JSON lines
 * for findings. Pure: no system call, no lock; what does not fit is cut. Shared with the pollcheck
 * command. */
#ifndef POLLCHECK_RENDER_H
#define POLLCHECK_RENDER_H

#include "finding.h"
#include "text.h"

/* Each returns the length written, without the NUL. */
size_t render_finding_text(char *out, size_t size, const struct finding *, bool color);
size_t render_finding_json(char *out, size_t size, const struct finding *);
size_t render_summary_text(char *out, size_t size, const struct summary *);
size_t render_summary_json(char *out, size_t size, const struct summary *);

/* "EPOLLIN|EPOLLHUP"; bits without a name as a number. prefix is "EPOLL" or "POLL". */
void render_mask(struct text *, uint32_t mask, const char *prefix);
/* "EAGAIN" */
const char *render_errno(int error);

#endif
