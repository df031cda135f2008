/* From bytes to steps. */
#include "step.h"

#include <string.h>

static enum operation operation_of(uint8_t byte)
{
	static const int shares[] = {
#define OPERATION(id, share) share,
#include "operations.def"
#undef OPERATION
	};
	int left = byte, which = 0;
	while (which < OPERATIONS - 1 && left >= shares[which])
		left -= shares[which++];
	return (enum operation)which;
}

/* Half of them what programs use, half whatever the bits say. */
static uint32_t events_of(uint8_t low, uint8_t high, uint8_t flags)
{
	static const uint32_t usual[] = {EPOLLIN, EPOLLOUT, EPOLLIN | EPOLLOUT,
		EPOLLIN | EPOLLRDHUP, 0, EPOLLRDNORM, EPOLLWRNORM, EPOLLPRI};
	uint32_t events = high & 0x80 ? low | (uint32_t)high << 8 : usual[low % 8];
	events |= flags & 1 ? EPOLLET : 0;
	events |= flags & 2 ? EPOLLONESHOT : 0;
	events |= flags & 4 ? EPOLLEXCLUSIVE : 0;
	events |= flags & 8 ? EPOLLWAKEUP : 0;
	return events | (flags & 0x80 ? 1u << (16 + (flags >> 4 & 7)) : 0);
}

/* As programs choose it: the number, a pointer of its own, an index, or one for all. */
static uint64_t data_of(uint8_t style, int number, size_t step)
{
	switch (style % 4) {
	case 0:
		return (uint64_t)(base + number);
	case 1:
		return 0x7f0000001000u + 64 * step;
	case 2:
		return style >> 2;
	default:
		return 0x55550000u;
	}
}

static void step_read(struct step *s, size_t place)
{
	const uint8_t *bytes = s->bytes;
	s->operation = operation_of(bytes[0]);
	s->a = bytes[1] % NUMBERS;
	s->b = bytes[2] % NUMBERS;
	s->how = bytes[3];
	s->events = events_of(bytes[4], bytes[5], bytes[6]);
	s->data = data_of(bytes[7], s->b, place);
}

void program_again(struct program *p)
{
	for (size_t i = 0; i < p->count; i++)
		step_read(&p->steps[i], i);
}

void program_read(struct program *p, const uint8_t *bytes, size_t size)
{
	p->count = size / STEP_BYTES < STEPS ? size / STEP_BYTES : STEPS;
	for (size_t i = 0; i < p->count; i++)
		memcpy(p->steps[i].bytes, bytes + i * STEP_BYTES, STEP_BYTES);
	program_again(p);
}
