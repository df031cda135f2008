/* pollcheck snapshot: a copy of a trace as it was at one moment, while it goes on being written. */
#ifndef POLLCHECK_SNAPSHOT_H
#define POLLCHECK_SNAPSHOT_H

int snapshot(int argc, char **argv);

#endif
