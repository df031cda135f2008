/* struct finding: what a rule found, flat and without pointers, so that the library can write it
 * into memory shared with the pollcheck command, which adds files and lines and prints it the same
 * way. Every string is NUL-terminated and empty when it has no value; numbers without a value are
 * -1. */
#ifndef POLLCHECK_FINDING_H
#define POLLCHECK_FINDING_H

#include <stdatomic.h>
#include <stdint.h>

enum severity { NOTE, WARNING, ERROR };
extern const char *const severity_names[];

enum rule_id {
#define RULE(id, ...) RULE_##id,
#include "rules.def"
#undef RULE
	RULES
};

struct rule {
	const char *slug;
	enum severity severity; /* the highest this rule can reach */
	const char *page;       /* manual page and section it stands on */
	const char *sentence;   /* of the finding, with {names} of the evidence to fill in */
	const char *help;       /* one line: what to do */
	const char *means, *hurts, *fixed; /* for `pollcheck explain` */
};
extern const struct rule rules[RULES];

/* Rows that share a slug count as one rule, by the first of them. */
uint32_t rule_first_row(uint32_t rule);

enum { FRAMES_MAX = 12, RELATED_MAX = 6 };

/* Shared between programs of both ELF classes, and i386 aligns 64 bits to four bytes. */
#define ALIGNED _Alignas(8)

/* One return address. offset is the ELF virtual address (what addr2line takes) in module. */
struct frame {
	ALIGNED uint64_t offset;
	char module[256];
	char build_id[42];
	char function[64];
	char file[256]; /* filled by the command, with line, where there is debug information */
	uint32_t line;
};

struct stack {
	uint32_t depth;
	struct frame frames[FRAMES_MAX];
};

struct related {
	char what[96]; /* "registered", "closed by thread 812", … */
	struct stack stack;
};

struct finding {
	uint32_t rule; /* enum rule_id */
	uint32_t severity;
	uint32_t suppressed; /* a line of the suppressions file matched: only SARIF shows it */
	char message[512];   /* one sentence that says it all */
	char call[512];      /* the call in strace's notation, with its result */
	char call_name[24];
	ALIGNED int64_t result;
	int32_t error; /* errno when result is -1, else 0 */
	int32_t epfd, fd;
	char fd_is[128]; /* "tcp 127.0.0.1:9002<-127.0.0.1:55012" */
	int32_t pid, tid;
	ALIGNED int64_t time_ns; /* CLOCK_REALTIME */
	ALIGNED uint64_t count;
	char confirmed_by[64];
	char hint[160]; /* what else was noticed, e.g. "looks like an equality test" */
	struct stack stack;
	uint32_t related_count;
	struct related related[RELATED_MAX];
};

/* What a process says when it ends and had something to report. */
struct summary {
	int32_t pid;
	ALIGNED uint64_t counts[RULES]; /* how often each rule spoke, repeats included */
	uint64_t suppressed, lost;
	char coverage[512]; /* what was watched and what could not be seen */
};

/* The file behind the option channel=FILE: made and sized by the command, mapped once by each
 * process it starts, so that a finding needs neither a descriptor nor a system call. Slots are
 * never reused. */
enum { CHANNEL_MAGIC = 0x70636b31, CHANNEL_SLOTS = 1024 };

enum record_kind { RECORD_NONE, RECORD_FINDING, RECORD_SUMMARY };

struct channel_record {
	_Atomic uint32_t kind; /* stored last, with release order: the record is whole */
	union {
		struct finding finding;
		struct summary summary;
	};
};

struct channel {
	uint32_t magic, record_size; /* both must match, else the channel is not used */
	_Atomic uint32_t
		loaded; /* how many processes mapped it: 0 means the library never got in */
	_Atomic uint32_t closed; /* the command is about to end: write elsewhere */
	_Atomic uint32_t next;   /* index of the next free slot; beyond CHANNEL_SLOTS it is lost */
	struct channel_record records[CHANNEL_SLOTS];
};

#endif
