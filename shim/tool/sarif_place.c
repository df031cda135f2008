/* Where in the source, or, without one, at which address of which module. */
#include "sarif_place.h"

#include "text.h"

#include <ctype.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char root[PATH_MAX];
static const char *program;

void sarif_places_begin(const char *path)
{
	program = path;
	if (!getcwd(root, sizeof(root)))
		root[0] = '\0';
}

/* --- files --- */

static void add_escaped(struct text *t, const char *path)
{
	for (; *path; path++)
		text_add(t,
			isalnum((unsigned char)*path) || strchr("-._~/", *path) ? "%c" : "%%%02X",
			(unsigned char)*path);
}

/* What path is called from root; NULL when it lies elsewhere. */
static const char *below_root(const char *path)
{
	size_t length = strlen(root);
	bool inside = length > 1 && strncmp(path, root, length) == 0 && path[length] == '/';
	return inside ? path + length + 1 : NULL;
}

/* Symbolic links are followed: code scanning shows nothing for a file that is named by one. A
 * relative path that leads nowhere from here was the compiler's, in another folder. */
static const char *resolved(const char *path)
{
	static char real[PATH_MAX];
	return realpath(path, real) ? real : path;
}

void sarif_root(struct json *j, const char *key)
{
	char uri[3 * PATH_MAX];
	struct text t = TEXT_IN(uri);
	text_add(&t, "file://");
	add_escaped(&t, root);
	text_add(&t, root[1] ? "/" : "");
	json_open(j, key, '{');
	json_string(j, "uri", uri);
	json_close(j, '{');
}

void sarif_artifact(struct json *j, const char *key, const char *path)
{
	char uri[3 * PATH_MAX];
	struct text t = TEXT_IN(uri);
	const char *whole = resolved(path), *relative = below_root(whole);
	text_add(&t, !relative && *whole == '/' ? "file://" : "");
	add_escaped(&t, relative ? relative : whole);
	json_open(j, key, '{');
	json_string(j, "uri", uri);
	json_string(j, "uriBaseId", relative ? "SRCROOT" : NULL);
	json_close(j, '{');
}

/* A path too long for its field begins with dots (frame_set_line): it leads nowhere. */
static bool has_source(const struct frame *f)
{
	return *f->file && f->line && strncmp(f->file, "...", 3) != 0;
}

/* --- locations --- */

/* A frame of an interpreter has a source file and no module. */
const char *sarif_module(const struct frame *f)
{
	const char *path = *f->module ? f->module : f->file, *slash = strrchr(path, '/');
	return slash ? slash + 1 : path;
}

const char *sarif_address(const struct frame *f)
{
	static char name[sizeof(f->module) + 24];
	struct text t = TEXT_IN(name);
	if (f->offset || !f->line)
		text_add(&t, "%s+%#llx", *sarif_module(f) ? sarif_module(f) : "?",
			(unsigned long long)f->offset);
	else
		text_add(&t, "%s:%u", sarif_module(f), f->line);
	return name;
}

static void add_region(struct json *j, uint32_t line)
{
	json_open(j, "region", '{');
	json_number(j, "startLine", line);
	json_number(j, "startColumn", 1);
	json_number(j, "endLine", line);
	json_close(j, '{');
}

/* code scanning refuses a whole document in which one result has no file or no line: an address in
 * a module counts as line 1 of it. */
static void add_place(struct json *j, const struct frame *f)
{
	bool source = has_source(f);
	json_open(j, "physicalLocation", '{');
	sarif_artifact(j, "artifactLocation", source ? f->file : *f->module ? f->module : program);
	add_region(j, source ? f->line : 1);
	if (!source && f->offset <= INT64_MAX) {
		json_open(j, "address", '{');
		json_number(
			j, *f->module ? "relativeAddress" : "absoluteAddress", (int64_t)f->offset);
		json_string(j, "kind", "instruction");
		json_string(j, "fullyQualifiedName", sarif_address(f));
		json_close(j, '{');
	}
	json_close(j, '{');
}

void sarif_location(struct json *j, const char *key, const struct frame *f, const char *message)
{
	json_open(j, key, '{');
	add_place(j, f);
	json_open(j, "logicalLocations", '[');
	json_open(j, NULL, '{');
	json_string(j, "name", *f->function ? f->function : sarif_address(f));
	json_string(j, "fullyQualifiedName", sarif_address(f));
	json_string(j, "kind", *f->function ? "function" : NULL);
	json_close(j, '{');
	json_close(j, '[');
	if (message)
		json_message(j, "message", message);
	json_close(j, '{');
}

/* The frame to look at first: in a source file of the project, in any source file, the innermost.
 */
/* The C library, whose debug information is often there, calls main and threads: nobody's mistake.
 */
static bool in_c_library(const struct frame *f)
{
	return strncmp(sarif_module(f), "libc.so", 7) == 0;
}

const struct frame *sarif_best_frame(const struct stack *s)
{
	static const struct frame none;
	const struct frame *source = NULL;
	for (const struct frame *f = s->frames; f < s->frames + s->depth; f++) {
		if (!has_source(f) || in_c_library(f))
			continue;
		if (below_root(resolved(f->file)))
			return f;
		source = source ? source : f;
	}
	return source ? source : s->depth ? s->frames : &none;
}

/* --- stacks --- */

void sarif_stack(
	struct json *j, const char *key, const struct stack *s, const char *message, int32_t thread)
{
	json_open(j, key, '{');
	if (message)
		json_message(j, "message", message);
	json_open(j, "frames", '[');
	for (const struct frame *f = s->frames; f < s->frames + s->depth; f++) {
		json_open(j, NULL, '{');
		sarif_location(j, "location", f, NULL);
		json_string(j, "module", sarif_module(f));
		if (thread)
			json_number(j, "threadId", thread);
		json_open(j, "properties", '{');
		if (f->offset)
			json_number(j, "offset", (int64_t)f->offset);
		json_string(j, "build_id", f->build_id);
		json_close(j, '{');
		json_close(j, '{');
	}
	json_close(j, '[');
	json_close(j, '{');
}
