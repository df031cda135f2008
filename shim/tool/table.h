/* A hash table from a pair of numbers, a process and something of it, to a pointer. */
#ifndef POLLCHECK_TABLE_H
#define POLLCHECK_TABLE_H

#include <stddef.h>
#include <stdint.h>

struct table {
	struct {
		const void *process;
		int64_t number;
		void *value;
	} * slots;
	size_t used, size;
};

/* The place of the value; NULL is there when it is new. Valid until the next call. */
void **table_at(struct table *, const void *process, int64_t number);

/* Memory that is there, zeroed; ends the command when there is none. */
void *new_memory(size_t size);

#endif
