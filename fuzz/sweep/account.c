/* Counts the cases of a state, keeps the smallest that differ, and puts them into words. */
#include "sweep.h"

#include <stdio.h>
#include <string.h>

/* --- what is known --- */

/* Differences explained in FINDINGS.md: in these states the answer may have the bits, if asked for.
 */
static const struct known {
	const char *kind, *name;
	uint32_t bits;
} knowns[] = {
#define KNOWN(kind, name, bits, finding) {kind, name, bits},
#include "known.def"
#undef KNOWN
};

static bool explained(const struct state *s, uint32_t asked, int64_t expected, int64_t answered)
{
	for (size_t i = 0; i < sizeof(knowns) / sizeof(knowns[0]); i++) {
		const struct known *k = &knowns[i];
		if (answered == (expected | (k->bits & asked)) && strcmp(k->kind, s->kind) == 0 &&
			strcmp(k->name, s->name) == 0)
			return true;
	}
	return false;
}

/* --- what is kept --- */

static struct difference *kept(struct account *a, enum aspect aspect, uint32_t asked)
{
	for (int i = 0; i < a->of[aspect].count; i++)
		if ((a->of[aspect].minimal[i].asked & ~asked) == 0)
			return &a->of[aspect].minimal[i];
	return NULL;
}

/* Those that contain the new one are not minimal any more. */
static uint64_t drop_larger(struct account *a, enum aspect aspect, uint32_t asked)
{
	int count = 0;
	uint64_t times = 0;
	for (int i = 0; i < a->of[aspect].count; i++) {
		struct difference d = a->of[aspect].minimal[i];
		if ((asked & ~d.asked) == 0)
			times += d.times;
		else
			a->of[aspect].minimal[count++] = d;
	}
	a->of[aspect].count = count;
	return times;
}

void compare(
	struct account *a, enum aspect aspect, uint32_t asked, int64_t expected, int64_t answered)
{
	a->tried++;
	if (expected == answered)
		return;
	if (explained(a->state, asked, expected, answered)) {
		a->explained++;
		return;
	}
	a->differing++;
	struct difference *smaller = kept(a, aspect, asked);
	if (smaller) {
		smaller->times++;
		return;
	}
	uint64_t times = drop_larger(a, aspect, asked);
	if (a->of[aspect].count < MINIMAL)
		a->of[aspect].minimal[a->of[aspect].count++] =
			(struct difference){asked, expected, answered, times + 1};
}

/* --- what is said --- */

static const char *mask_text(uint32_t mask, char *text, size_t size)
{
	static const struct {
		const char *name;
		uint32_t bit;
	} bits[] = {
#define BIT(name, value) {#name, value},
#include "bits.def"
#undef BIT
	};
	size_t used = 0;
	uint32_t rest = mask;
	for (size_t i = 0; i < sizeof(bits) / sizeof(bits[0]); i++)
		if (mask & bits[i].bit) {
			used += (size_t)snprintf(
				text + used, size - used, "%s%s", used ? "|" : "", bits[i].name);
			rest &= ~bits[i].bit;
		}
	if (rest || !used)
		snprintf(text + used, size - used, used ? "|%#x" : rest ? "%#x" : "0", rest);
	return text;
}

/* Three sets, and above them the count. */
static const char *sets_text(uint32_t sets, char *text, size_t size)
{
	snprintf(text, size, "%s%s%s(%u)", sets & 1 ? "read " : "", sets & 2 ? "write " : "",
		sets & 4 ? "except " : "", sets >> 3);
	return text;
}

static const char *answer_text(enum aspect aspect, int64_t answer, char *text, size_t size)
{
	if (answer < 0)
		return strerrorname_np((int)-answer);
	return aspect == SELECT || aspect == PSELECT ? sets_text((uint32_t)answer, text, size)
						     : mask_text((uint32_t)answer, text, size);
}

static void print_difference(
	const struct state *state, enum aspect aspect, const struct difference *d)
{
	static const char *const texts[] = {
#define ASPECT(id, text) text,
#include "aspects.def"
#undef ASPECT
	};
	char asked[256], expected[256], answered[256];
	printf("differs: %s: %s: ", state->kind, state->name);
	printf(texts[aspect], answer_text(aspect, d->asked, asked, sizeof(asked)));
	printf(": expected %s, answered %s; %llu masks\n",
		answer_text(aspect, d->expected, expected, sizeof(expected)),
		answer_text(aspect, d->answered, answered, sizeof(answered)),
		(unsigned long long)d->times);
}

void print_account(const struct account *account)
{
	const struct state *state = account->state;
	if (account->cannot)
		printf("not made here: %s: %s: %s\n", state->kind, state->name,
			strerrorname_np(account->cannot));
	else if (!account->ended)
		printf("did not end: %s: %s\n", state->kind, state->name);
	for (int aspect = 0; aspect < ASPECTS; aspect++)
		for (int i = 0; i < account->of[aspect].count; i++)
			print_difference(
				state, (enum aspect)aspect, &account->of[aspect].minimal[i]);
}
