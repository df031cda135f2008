/* Findings and summaries in words. */
#include "render.h"

#include "calls.h"

#include <string.h>

static const struct {
	const char *name;
	uint32_t value;
} bits[] = {
#define BIT(name, value) {#name, value},
#include "bits.def"
#undef BIT
};

void render_mask(struct text *t, uint32_t mask, const char *prefix)
{
	const char *between = "";
	for (size_t i = 0; i < sizeof(bits) / sizeof(bits[0]); i++)
		if (mask & bits[i].value) {
			text_add(t, "%s%s%s", between, prefix, bits[i].name);
			between = "|";
			mask &= ~bits[i].value;
		}
	if (mask || !*between)
		text_add(t, mask ? "%s%#x" : "%s0", between, mask);
}

const char *render_errno(int error)
{
	const char *name = strerrorname_np(error);
	return name ? name : "?";
}

static const char *const severity_colors[] = {"\033[36;1m", "\033[35;1m", "\033[31;1m"};

/* --- text --- */

static void add_frame(struct text *t, const struct frame *f)
{
	const char *base = strrchr(f->module, '/');
	text_add(t, "        %s", *f->function ? f->function : "??");
	if (*f->file)
		text_add(t, " at %s:%u", f->file, f->line);
	if (f->offset) /* a Python frame has none */
		text_add(t, " (%s+%#llx)",
			base         ? base + 1
			: *f->module ? f->module
				     : "?",
			(unsigned long long)f->offset);
	text_add(t, "\n");
}

/* People read the first frames, and of an interpreter's own the very first; JSON has them all. */
enum { SHOWN_FRAMES = 8, SHOWN_RELATED = 4 };

static uint32_t shown_of(const struct stack *s)
{
	uint32_t python = 0;
	while (python < s->depth && !s->frames[python].offset)
		python++;
	return python && python < s->depth ? python + 1 : SHOWN_FRAMES;
}

/* What lies under main is the same in every program. The C library's first caller of main has no
 * dynamic symbol. */
static uint32_t depth_to_main(const struct stack *s)
{
	uint32_t i = 0;
	while (i < s->depth && strncmp(s->frames[i].function, "__libc_start", 12) != 0)
		i++;
	if (i == s->depth)
		return i;
	while (i > 1 && !*s->frames[i - 1].function &&
		strcmp(s->frames[i - 1].module, s->frames[i].module) == 0)
		i--;
	return i;
}

static void add_stack(struct text *t, const char *what, const struct stack *s, uint32_t most)
{
	uint32_t depth = depth_to_main(s);
	text_add(t, "    %s:\n", what);
	for (uint32_t i = 0; i < depth && i < most; i++)
		add_frame(t, &s->frames[i]);
	if (depth > most)
		text_add(t, "        ... %u more\n", depth - most);
}

size_t render_finding_text(char *out, size_t size, const struct finding *f, bool color)
{
	struct text t = {.start = out, .size = size};
	const char *on = color ? severity_colors[f->severity] : "";
	const char *bold = color ? "\033[1m" : "", *off = color ? "\033[0m" : "";
	text_add(&t, "%spollcheck[%d]:%s %s%s:%s %s%s%s [%s]\n", bold, f->pid, off, on,
		severity_names[f->severity], off, bold, f->message, off, rules[f->rule].slug);
	text_add(&t, "    %s\n", f->call);
	if (*f->fd_is)
		text_add(&t, "    fd %d %s\n", f->fd, f->fd_is);
	add_stack(&t, "called from", &f->stack, shown_of(&f->stack));
	for (uint32_t i = 0; i < f->related_count; i++)
		add_stack(&t, f->related[i].what, &f->related[i].stack, SHOWN_RELATED);
	if (*f->confirmed_by)
		text_add(&t, "    confirmed by %s\n", f->confirmed_by);
	if (*f->hint)
		text_add(&t, "    hint: %s\n", f->hint);
	text_add(&t, "    help: %s (%s)\n", rules[f->rule].help, rules[f->rule].page);
	return t.used;
}

/* --- JSON --- */

static void add_string(struct text *t, const char *key, const char *value)
{
	if (!*value)
		return;
	text_add(t, ",\"%s\":", key);
	text_add_json(t, value);
}

static void add_number(struct text *t, const char *key, int64_t value)
{
	text_add(t, ",\"%s\":%lld", key, (long long)value);
}

static void add_stack_json(struct text *t, const struct stack *s)
{
	text_add(t, "[");
	for (uint32_t i = 0; i < s->depth; i++) {
		const struct frame *f = &s->frames[i];
		bool native = f->offset != 0; /* an interpreted frame is a line, at no address */
		text_add(t, "%s{\"%s\":%llu", i ? "," : "", native ? "offset" : "line",
			(unsigned long long)(native ? f->offset : f->line));
		add_string(t, "module", f->module);
		add_string(t, "build_id", f->build_id);
		add_string(t, "function", f->function);
		add_string(t, "file", f->file);
		if (native && f->line)
			add_number(t, "line", f->line);
		text_add(t, "}");
	}
	text_add(t, "]");
}

static void add_numbers(struct text *t, const struct finding *f)
{
	add_number(t, "result", f->result);
	if (f->error) {
		add_string(t, "errno", render_errno(f->error));
	}
	if (f->epfd >= 0)
		add_number(t, "epfd", f->epfd);
	if (f->fd != -1)
		add_number(t, "fd", f->fd);
	add_string(t, "fd_is", f->fd_is);
	add_number(t, "pid", f->pid);
	add_number(t, "tid", f->tid);
	text_add(t, ",\"time\":%lld.%09lld", (long long)(f->time_ns / 1000000000),
		(long long)(f->time_ns % 1000000000));
	add_number(t, "count", (int64_t)f->count);
}

size_t render_finding_json(char *out, size_t size, const struct finding *f)
{
	struct text t = {.start = out, .size = size};
	text_add(&t, "{\"rule\":\"%s\",\"severity\":\"%s\"", rules[f->rule].slug,
		severity_names[f->severity]);
	add_string(&t, "message", f->message);
	add_string(&t, "help", rules[f->rule].help);
	add_string(&t, "call", f->call);
	add_numbers(&t, f);
	add_string(&t, "confirmed_by", f->confirmed_by);
	add_string(&t, "hint", f->hint);
	text_add(&t, ",\"stack\":");
	add_stack_json(&t, &f->stack);
	for (uint32_t i = 0; i < f->related_count; i++) {
		text_add(&t, "%s{\"what\":", i ? "," : ",\"related\":[");
		text_add_json(&t, f->related[i].what);
		text_add(&t, ",\"stack\":");
		add_stack_json(&t, &f->related[i].stack);
		text_add(&t, "}");
	}
	text_add(&t, "%s", f->related_count ? "]" : "");
	add_string(&t, "page", rules[f->rule].page);
	text_add(&t, "}\n");
	return t.used;
}

/* --- summaries --- */

size_t render_summary_text(char *out, size_t size, const struct summary *s)
{
	struct text t = {.start = out, .size = size};
	text_add(&t, "pollcheck[%d]: in all:", s->pid);
	for (int i = 0; i < RULES; i++)
		if (s->counts[i])
			text_add(&t, " %s %llu,", rules[i].slug, (unsigned long long)s->counts[i]);
	text_add(&t, " suppressed %llu", (unsigned long long)s->suppressed);
	if (s->lost)
		text_add(&t, ", findings lost %llu", (unsigned long long)s->lost);
	text_add(&t, "\npollcheck[%d]: coverage: %s\n", s->pid, s->coverage);
	return t.used;
}

size_t render_summary_json(char *out, size_t size, const struct summary *s)
{
	struct text t = {.start = out, .size = size};
	const char *between = "";
	text_add(&t, "{\"summary\":{\"pid\":%d,\"counts\":{", s->pid);
	for (int i = 0; i < RULES; i++)
		if (s->counts[i]) {
			text_add(&t, "%s\"%s\":%llu", between, rules[i].slug,
				(unsigned long long)s->counts[i]);
			between = ",";
		}
	text_add(&t, "},\"suppressed\":%llu,\"lost\":%llu", (unsigned long long)s->suppressed,
		(unsigned long long)s->lost);
	add_string(&t, "coverage", s->coverage);
	text_add(&t, "}}\n");
	return t.used;
}
