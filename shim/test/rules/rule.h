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

#endif
