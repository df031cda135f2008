/* The file a reading command writes: "-" is standard output. */
#ifndef POLLCHECK_OUTPUT_H
#define POLLCHECK_OUTPUT_H

#include <stdio.h>

FILE *output_open(const char *path);
/* Ends the command when not all of it could be written. */
void output_close(FILE *, const char *path);

#endif
