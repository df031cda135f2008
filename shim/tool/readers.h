/* The commands that read a trace. Each returns the exit status. */
#ifndef POLLCHECK_READERS_H
#define POLLCHECK_READERS_H

int show_run(int argc, char **argv);
int stats_run(int argc, char **argv);
int report_run(int argc, char **argv);
int export_run(int argc, char **argv);

#endif
