/* The predicates of rules.def and the one place that asks them. */
#include "rules/rules.h"

#include "report.h"

#define RULE(id, slug, severity, when, predicate, ...)                                             \
	static bool holds_##id(const struct call *c, struct evidence *e)                           \
	{                                                                                          \
		(void)c;                                                                           \
		(void)e;                                                                           \
		return (predicate);                                                                \
	}
#include "rules.def"
#undef RULE

static const struct {
	enum when when;
	bool (*holds)(const struct call *, struct evidence *);
} judges[RULES] = {
#define RULE(id, slug, severity, when, ...) [RULE_##id] = {when, holds_##id},
#include "rules.def"
#undef RULE
};

static void add_hint(const struct call *c, struct evidence *e)
{
	for (int i = 0; i < RULES; i++)
		if (judges[i].when == WHEN_HINT && judges[i].holds(c, e))
			e->hint = rules[i].sentence;
}

bool judge(enum when when, const struct call *c, struct evidence *asked)
{
	for (int i = 0; i < RULES; i++) {
		struct evidence e = *asked;
		e.severity = rules[i].severity;
		if (judges[i].when != when || !judges[i].holds(c, &e))
			continue;
		if (when == WHEN_RUN)
			add_hint(c, &e);
		if (e.declared_idle) {
			e.severity = e.severity == ERROR ? WARNING : e.severity;
			e.hint = "the program had declared epoll instance {epfd} idle";
		}
		report((enum rule_id)i, c, &e);
		return true;
	}
	return false;
}
