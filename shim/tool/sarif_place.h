/* SARIF's location, stack and artifactLocation objects. */
#ifndef POLLCHECK_SARIF_PLACE_H
#define POLLCHECK_SARIF_PLACE_H

#include "finding.h"
#include "json.h"

/* Sources below the folder the command was started in are named from there (SRCROOT). path: the
 * program's file, where a finding is put that has no stack. */
void sarif_places_begin(const char *path);

void sarif_root(struct json *, const char *key);
void sarif_artifact(struct json *, const char *key, const char *path);
void sarif_location(struct json *, const char *key, const struct frame *, const char *message);
/* thread: 0 where it is not known. */
void sarif_stack(
	struct json *, const char *key, const struct stack *, const char *message, int32_t thread);

/* The frame to look at first: in a source file of the project, in any source file, the innermost.
 */
const struct frame *sarif_best_frame(const struct stack *);
/* "copy", and "copy+0x11e9"; the latter stands until the next call. */
const char *sarif_module(const struct frame *);
const char *sarif_address(const struct frame *);

#endif
