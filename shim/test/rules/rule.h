/* Frame of a rule's program: `right` is silent, `wrong` commits the misuse and gets exactly the
 * finding whose slug is the program's name. Run with the argument "right", only the first half
 * runs. */
#ifndef RULE_H
#define RULE_H

#include "prepare.h"

static void right(void);
static void wrong(void);

int main(int argc, char **argv)
{
	right();
	if (argc < 2 || strcmp(argv[1], "right") != 0)
		wrong();
	return 0;
}

/* Lets a loop spin long enough for the detector: a third of a second and 2000 rounds at the least.
 * Some rounds come after that time: it looks at the clock in every 64th, and all may have been made
 * before the processor was taken away. */
static inline int spinning(double since, int round)
{
	static int least;
	if (round == 0 || now() - since < 0.3)
		least = round + 256;
	return round < 2000 || round < least;
}

#endif
