/* Runs the program as if the command were not there: signals, stops and the status pass through. */
#ifndef POLLCHECK_LAUNCH_H
#define POLLCHECK_LAUNCH_H

#include "program.h"

/* Runs the program and calls meanwhile about fifty times a second, and once after the end. Returns
 * what waitpid(2) says of the end. Ends the command when the program cannot be executed. */
int launch(const struct program *, char **arguments, void (*meanwhile)(void));

/* Ends the command the way the program ended: the same status, or killed by the same signal. */
_Noreturn void end_like(int wait_status);

#endif
