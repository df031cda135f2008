/* CPython writes a thread's lines to a descriptor by itself, without memory, locks or the GIL: it
 * is what faulthandler does in a signal handler. A thread that called us runs no Python code
 * meanwhile, so that its frames stand still. */
#include "python.h"

#include "process.h"

#include <string.h>
#include <sys/mman.h>

/* Weak: bound by ld.so(8) where the program or a library of its own has them, NULL elsewhere. */
extern void *PyGILState_GetThisThreadState(void) __attribute__((weak));
extern void _Py_DumpTraceback(int, void *) __attribute__((weak));

enum { LINES_MOST = 5 };

/* What it wrote, which is "  File \"PATH\", line N in FUNCTION" for each frame. */
static size_t dumped(void *thread, char *text, size_t size)
{
	long file = SYSTEM(memfd_create, "pollcheck", (long)MFD_CLOEXEC);
	if (file < 0)
		return 0;
	_Py_DumpTraceback((int)file, thread);
	long got = SYSTEM(pread64, file, text, (long)size, 0L);
	SYSTEM(close, file);
	return got > 0 ? (size_t)got : 0;
}

/* What is too long keeps its end, which says more. */
static void copy_end(char *to, size_t size, const char *from, size_t length)
{
	size_t cut = length < size ? 0 : length - size + 1;
	memcpy(to, from + cut, length - cut);
	to[length - cut] = '\0';
}

/* Whether line is a frame's; end is behind it. */
static bool parsed(const char *line, const char *end, struct frame *f)
{
	static const char file[] = "  File \"", number[] = "\", line ", in[] = " in ";
	if (strncmp(line, file, sizeof(file) - 1) != 0)
		return false;
	const char *path = line + sizeof(file) - 1, *behind = strstr(path, number);
	const char *name = behind ? strstr(behind, in) : NULL;
	if (!name || name > end)
		return false;
	memset(f, 0, sizeof(*f));
	copy_end(f->file, sizeof(f->file), path, (size_t)(behind - path));
	for (const char *digit = behind + sizeof(number) - 1; *digit >= '0' && *digit <= '9';
		digit++)
		f->line = f->line * 10 + (uint32_t)(*digit - '0');
	name += sizeof(in) - 1;
	copy_end(f->function, sizeof(f->function), name, (size_t)(end - name));
	return true;
}

static void insert(struct stack *s, uint32_t at, const struct frame *f)
{
	uint32_t last = s->depth < FRAMES_MAX ? s->depth++ : FRAMES_MAX - 1;
	memmove(&s->frames[at + 1], &s->frames[at], (last - at) * sizeof(*f));
	s->frames[at] = *f;
}

void python_lines(struct stack *s)
{
	static char text[4096];
	static struct frame frame;
	void *thread = PyGILState_GetThisThreadState && _Py_DumpTraceback && !process_confined &&
				       may_make_system_calls()
			       ? PyGILState_GetThisThreadState()
			       : NULL;
	text[thread ? dumped(thread, text, sizeof(text) - 1) : 0] = '\0';
	uint32_t lines = 0;
	for (char *line = text, *end; lines < LINES_MOST && (end = strchr(line, '\n'));
		line = end + 1)
		if (parsed(line, end, &frame))
			insert(s, lines++, &frame);
}
