/* say: one line of our own to standard error, "pollcheck: …", in a single write(2). */
#ifndef POLLCHECK_SAY_H
#define POLLCHECK_SAY_H

void say(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
