/* Captures chains of return addresses. The unwinder is libgcc's, linked statically: since gcc 12
 * and glibc 2.35 it finds its tables through _dl_find_object, which takes no lock. */
#include "stack.h"

#include "caller.h"
#include "fdtable.h"

#include <string.h>
#include <unwind.h>

enum { SITES = 4096, MORE_CALLERS = SITES_MOST - SITES }; /* 12 and 11 bits of the hashes */
enum { SELECTS_LEARNT = 512 };
static struct site {
	const void *_Atomic address;
	const void *_Atomic caller; /* behind SITES alone */
	_Atomic uint32_t depth;     /* stored after the chain */
	_Atomic int32_t rule;       /* how later calls find their caller (caller.h); stored last */
	_Atomic uint32_t calls;
	_Atomic uint32_t selects, births, after_births; /* see site_selects */
	const void *chain[FRAMES_MAX];
} sites[SITES_MOST];

struct walk {
	const void *from; /* frames of our own come before this one */
	const void **chain;
	uint32_t depth, steps;
	uintptr_t stack, end; /* of the first frame: its stack pointer at the call, and its end */
};

static _Unwind_Reason_Code step(struct _Unwind_Context *context, void *argument)
{
	struct walk *w = argument;
	const void *address = (const void *)_Unwind_GetIP(context);
	if (!address || ++w->steps > FRAMES_MAX + 12)
		return _URC_END_OF_STACK;
	if (w->depth == 0 && address != w->from)
		return _URC_NO_REASON;
	if (w->depth == 0)
		w->stack = _Unwind_GetCFA(context);
	else if (w->depth == 1)
		w->end = _Unwind_GetCFA(context);
	w->chain[w->depth++] = address;
	return w->depth < FRAMES_MAX ? _URC_NO_REASON : _URC_END_OF_STACK;
}

static struct walk walk(const void *from, const void **chain)
{
	struct walk w = {.from = from, .chain = chain};
	_Unwind_Backtrace(step, &w);
	if (w.depth == 0) /* no unwind tables on the way: the return address alone is certain */
		chain[w.depth++] = from;
	return w;
}

struct sought {
	const char *address, *below, *end;
	uint32_t steps;
};

/* A frame reaches from the canonical frame address of what it called to its own, where the one of
 * its caller begins. */
static _Unwind_Reason_Code seek(struct _Unwind_Context *context, void *argument)
{
	struct sought *s = argument;
	const char *begins = (const char *)_Unwind_GetCFA(context);
	if (s->below && s->below <= s->address && s->address < begins)
		s->end = begins;
	s->below = begins;
	return s->end || ++s->steps > FRAMES_MAX + 12 ? _URC_END_OF_STACK : _URC_NO_REASON;
}

const char *frame_end(const void *address)
{
	struct sought s = {.address = address};
	_Unwind_Backtrace(seek, &s);
	return s.end;
}

static void capture(struct site *s, const void *address)
{
	struct walk w = walk(address, s->chain);
	int32_t rule = w.depth > 1 ? caller_rule(address, w.stack, w.end, s->chain[1]) : 0;
	atomic_store_explicit(&s->depth, w.depth, memory_order_release);
	atomic_store_explicit(&s->rule, rule, memory_order_release);
}

/* Not inlined, like other_caller: their registers would be saved on each call of the quick half. */
__attribute__((noinline)) static uint16_t site_met(const void *address, uint32_t index)
{
	KEEP_ERRNO;
	for (int tries = 0; tries < 16; tries++, index = (index + 1) % SITES) {
		const void *there = GET(sites[index].address);
		if (there == address && index)
			return (uint16_t)index;
		if (there || !index || !address)
			continue;
		if (atomic_compare_exchange_strong(&sites[index].address, &there, address)) {
			/* what came through the auditor has one address for many callers */
			if (!is_auditor(address))
				capture(&sites[index], address);
			return (uint16_t)index;
		}
		if (there == address)
			return (uint16_t)index;
	}
	return 0;
}

static inline uint16_t site_quickly(const void *address)
{
	uint32_t index = (uint32_t)((uint64_t)(uintptr_t)address * 0x9e3779b97f4a7c15u >> 52);
	return likely(GET(sites[index].address) == address && index) ? (uint16_t)index
								     : site_met(address, index);
}

uint16_t site_of(const void *address)
{
	return site_quickly(address);
}

/* The site of address by another caller than the first; site itself when there is no room. */
__attribute__((noinline)) static uint16_t other_caller(
	const void *address, const void *caller, uint16_t site)
{
	KEEP_ERRNO;
	uint64_t key = (uint64_t)(uintptr_t)address ^ ((uint64_t)(uintptr_t)caller << 20);
	uint32_t index = (uint32_t)(key * 0x9e3779b97f4a7c15u >> 53);
	for (int tries = 0; tries < 16; tries++, index = (index + 1) % MORE_CALLERS) {
		struct site *s = &sites[SITES + index];
		const void *there = GET(s->address);
		if (!there && atomic_compare_exchange_strong(&s->address, &there, address)) {
			PUT(s->caller, caller);
			capture(s, address);
			there = address;
		}
		if (there == address && GET(s->caller) == caller)
			return (uint16_t)(SITES + index);
	}
	return site;
}

uint16_t site_with_caller(const void *address, const void *from)
{
	uint16_t site = site_quickly(address);
	int32_t rule = atomic_load_explicit(&sites[site].rule, memory_order_acquire);
	const void *const *place = rule ? caller_place(address, from, rule) : NULL;
	const void *caller = place ? *place : NULL;
	return likely(!caller || caller == sites[site].chain[1])
		       ? site
		       : other_caller(address, caller, site);
}

/* Elsewhere than on x86 the place may be the begin of the frame: then nothing lies before it. */
const char *site_frame_end(const void *address, const void *from)
{
	uint16_t site = site_quickly(address);
	int32_t rule = atomic_load_explicit(&sites[site].rule, memory_order_acquire);
	return rule ? (const char *)caller_place(address, from, rule) : NULL;
}

/* Whether to look at this time, when this is counted: the 1st, 2nd, 4th, 8th, … */
static bool due(_Atomic uint32_t *times)
{
	uint32_t nth = GET(*times) + 1;
	PUT(*times, nth);
	return (nth & (nth - 1)) == 0;
}

bool site_due(uint16_t site)
{
	return due(&sites[site].calls);
}

bool site_selects(uint16_t site)
{
	struct site *s = &sites[site];
	if (GET(s->selects) < SELECTS_LEARNT)
		return due(&s->selects);
	uint32_t births = GET(fd_births);
	if (likely(GET(s->births) == births))
		return false;
	PUT(s->births, births);
	return due(&s->after_births);
}

const void *site_address(uint16_t site)
{
	return GET(sites[site % SITES_MOST].address);
}

static void frames_of(struct stack *stack, const void *const *chain, uint32_t depth)
{
	stack->depth = 0;
	for (uint32_t i = 0; i < depth; i++)
		if (!is_auditor(chain[i]))
			frame_of(chain[i], &stack->frames[stack->depth++]);
}

uint16_t site_depth(uint16_t site)
{
	return (uint16_t)atomic_load_explicit(
		&sites[site % SITES_MOST].depth, memory_order_acquire);
}

void site_frame(uint16_t site, uint16_t nth, struct frame *frame)
{
	frame_of(sites[site % SITES_MOST].chain[nth], frame);
}

void site_stack(uint16_t site, struct stack *stack)
{
	stack->depth = 0;
	if (site && site < SITES_MOST)
		frames_of(stack, sites[site].chain, site_depth(site));
}

void stack_here(const void *from, struct stack *stack)
{
	const void *chain[FRAMES_MAX];
	frames_of(stack, chain, walk(from, chain).depth);
}

struct border {
	const void *ours, *theirs; /* the last address of our own, the first beyond */
	uint32_t steps;
};

static _Unwind_Reason_Code border_step(struct _Unwind_Context *context, void *argument)
{
	struct border *b = argument;
	b->theirs = (const void *)_Unwind_GetIP(context);
	if (!b->theirs || ++b->steps > FRAMES_MAX || !module_is_ours(b->theirs))
		return _URC_END_OF_STACK;
	b->ours = b->theirs;
	return _URC_NO_REASON;
}

void stack_caller(enum call_id *id, const void **site)
{
	struct border b = {0};
	struct frame frame;
	_Unwind_Backtrace(border_step, &b);
	frame_of(b.ours, &frame);
	*id = CALL_read;
	*site = b.theirs;
	for (int i = 0; i < CALLS; i++)
		if (strcmp(calls[i].name, frame.function) == 0)
			*id = (enum call_id)i;
}
