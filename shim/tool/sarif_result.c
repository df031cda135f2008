/* Results: the life of the descriptor as a code flow, and fingerprints that stay the same from run
 * to run. */
#include "sarif_result.h"

#include "render.h"
#include "sarif_place.h"
#include "text.h"

#include <string.h>

/* --- the life of the descriptor --- */

/* related has the latest first, as people look for that. */
static const char *const life[] = {
	"created", "duplicated", "registered", "its event mask", "", "closed", "reused"};
enum { STEPS = sizeof(life) / sizeof(life[0]), ANY_STEP = 4 };

static int step_of(const struct finding *f, uint32_t nth)
{
	int step = 0;
	while (step < STEPS && (step == ANY_STEP || strncmp(f->related[nth].what, life[step],
							    strlen(life[step])) != 0))
		step++;
	for (uint32_t i = 0; step == 0 && i < nth; i++)
		if (step_of(f, i) == 0)
			return STEPS - 1; /* the number was given away again */
	return step < STEPS ? step : ANY_STEP;
}

static void add_step(struct json *j, const struct stack *s, const char *message, int *order)
{
	json_open(j, NULL, '{');
	sarif_location(j, "location", sarif_best_frame(s), message);
	sarif_stack(j, "stack", s, NULL, 0);
	json_number(j, "executionOrder", ++*order);
	json_close(j, '{');
}

static void add_code_flow(struct json *j, const struct finding *f)
{
	int order = 0;
	if (!f->related_count)
		return;
	json_open(j, "codeFlows", '[');
	json_open(j, NULL, '{');
	json_open(j, "threadFlows", '[');
	json_open(j, NULL, '{');
	json_open(j, "locations", '[');
	for (int step = 0; step < STEPS; step++)
		for (uint32_t i = 0; i < f->related_count; i++)
			if (step_of(f, i) == step)
				add_step(j, &f->related[i].stack, f->related[i].what, &order);
	add_step(j, &f->stack, f->message, &order);
	json_close(j, '[');
	json_close(j, '{');
	json_close(j, '[');
	json_close(j, '{');
	json_close(j, '[');
}

/* --- fingerprints --- */

static uint64_t hash(uint64_t seed, const char *string) /* FNV-1a */
{
	for (const char *s = string; s == string || s[-1]; s++)
		seed = (seed ^ (unsigned char)*s) * 0x100000001b3ull;
	return seed;
}

/* How many results before had this hash: two of a kind in one function are told apart by order. */
static unsigned before(uint64_t value)
{
	static uint64_t seen[CHANNEL_SLOTS];
	static unsigned used;
	unsigned count = 0;
	for (unsigned i = 0; i < used; i++)
		count += seen[i] == value;
	if (used < CHANNEL_SLOTS)
		seen[used++] = value;
	return count;
}

/* Not the chain of callers: of a site that many call the one who came first is reported, and that
 * may be another one the next time. The first fingerprint survives another build, the second is
 * exact. code scanning reads primaryLocationLineHash alone. */
static void add_fingerprints(struct json *j, const struct finding *f)
{
	static const struct frame none;
	const struct frame *site = f->stack.depth ? f->stack.frames : &none;
	char text[48], exact[24];
	struct text t = TEXT_IN(text), x = TEXT_IN(exact);
	uint64_t value = hash(0xcbf29ce484222325ull, rules[f->rule].slug);
	value = hash(value, sarif_module(site));
	value = hash(value, *site->function ? site->function : sarif_address(site));
	text_add(&t, "%016llx:%u", (unsigned long long)value, before(value) + 1);
	value = hash(hash(value, site->build_id), sarif_address(site));
	text_add(&x, "%016llx", (unsigned long long)value);
	json_open(j, "partialFingerprints", '{');
	json_string(j, "primaryLocationLineHash", text);
	json_string(j, "ruleAndFunction/v1", text);
	json_string(j, "ruleAndAddress/v1", exact);
	json_close(j, '{');
}

/* --- the result --- */

/* Rows that only add a case to a slug are no rules of the document. */
static int rule_index(uint32_t rule)
{
	int index = 0;
	for (uint32_t row = 0; row < rule_first_row(rule); row++)
		index += rules[row].means != NULL;
	return index;
}

static void add_properties(struct json *j, const struct finding *f)
{
	json_open(j, "properties", '{');
	json_string(j, "call", f->call);
	json_number(j, "result", f->result);
	json_string(j, "errno", f->error ? render_errno(f->error) : NULL);
	if (f->epfd >= 0)
		json_number(j, "epfd", f->epfd);
	if (f->fd != -1)
		json_number(j, "fd", f->fd);
	json_string(j, "fd_is", f->fd_is);
	json_number(j, "pid", f->pid);
	json_number(j, "tid", f->tid);
	json_number(j, "count", (int64_t)f->count);
	json_string(j, "confirmed_by", f->confirmed_by);
	json_string(j, "hint", f->hint);
	json_string(j, "page", rules[f->rule].page);
	json_close(j, '{');
}

static void add_suppressions(struct json *j, const struct finding *f)
{
	json_open(j, "suppressions", '[');
	if (f->suppressed) {
		json_open(j, NULL, '{');
		json_string(j, "kind", "external");
		json_string(j, "justification", "a line of the suppressions file matches");
		json_close(j, '{');
	}
	json_close(j, '[');
}

void sarif_result(struct json *j, const struct finding *f)
{
	json_open(j, NULL, '{');
	json_string(j, "ruleId", rules[f->rule].slug);
	json_number(j, "ruleIndex", rule_index(f->rule));
	json_string(j, "level", severity_names[f->severity]);
	json_message(j, "message", f->message);
	json_open(j, "locations", '[');
	sarif_location(j, NULL, sarif_best_frame(&f->stack), NULL);
	json_close(j, '[');
	json_open(j, "stacks", '[');
	sarif_stack(j, NULL, &f->stack, "called from", f->tid);
	json_close(j, '[');
	add_code_flow(j, f);
	add_fingerprints(j, f);
	add_suppressions(j, f);
	add_properties(j, f);
	json_close(j, '{');
}
