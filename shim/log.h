/* The event log (options log and log_path): a line per call of the family, as strace(1) would write
 * it, or a JSON object. Written whole, with one write(2) to a file opened for appending. */
#ifndef POLLCHECK_LOG_H
#define POLLCHECK_LOG_H

#include "call.h"

void log_begins(struct call *);
void log_ended(const struct call *);

#endif
