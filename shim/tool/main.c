/* The pollcheck command. */
#include "explain.h"
#include "refuse.h"

#include <string.h>

int main(int argc, char **argv)
{
	static const struct {
		const char *word;
		int (*run)(int, char **);
	} commands[] = {{"rules", rules_list}, {"explain", rule_explain}};
	for (unsigned i = 0; argc > 1 && i < sizeof(commands) / sizeof(commands[0]); i++)
		if (strcmp(argv[1], commands[i].word) == 0)
			return commands[i].run(argc - 1, argv + 1);
	refuse(USAGE, "usage: pollcheck rules [--json], pollcheck explain RULE");
}
