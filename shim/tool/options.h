/* The command line of `pollcheck run`, parsed by the rows of command.def. */
#ifndef POLLCHECK_OPTIONS_H
#define POLLCHECK_OPTIONS_H

#include <stdbool.h>

enum option_id {
#define OPTION(id, ...) OPTION_##id,
#include "command.def"
#undef OPTION
	OPTIONS
};

struct options {
	const char *value[OPTIONS]; /* NULL: not given; "" stands for an argument left out */
	bool inherited[OPTIONS];    /* it came from POLLCHECK_OPTIONS, not from the command line */
	int file[OPTIONS];          /* of an OUTPUT: opened once, as it may be a FIFO; else -1 */
	char **command;             /* the program and its arguments */
};

/* Ends the command with one line and USAGE when something is wrong, and after --help, --version. */
struct options options_parse(int argc, char **argv);

/* Sets POLLCHECK_OPTIONS for the program: what the user had there, what the options say, and
 * channel=path. */
void options_export(const struct options *, const char *channel);

#endif
