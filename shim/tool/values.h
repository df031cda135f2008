/* What a good value of an option is. */
#ifndef POLLCHECK_VALUES_H
#define POLLCHECK_VALUES_H

enum value_kind { NOTHING, STATUS, INPUT, OUTPUT, FOLDER, GROUP, KEY };

struct option_row {
	const char *name, *argument;
	enum value_kind kind;
	const char *key, *help;
};

/* NULL when *value is good, else what was expected. A file's name becomes absolute, as the program
 * may change its directory; an OUTPUT is opened into *file. */
const char *value_judge(const struct option_row *, const char **value, int *file);

/* The help line of an option, with the values it takes. */
const char *value_help(const struct option_row *);

/* The last value of key in key=value:key=value, in memory of its own; NULL when there is none. */
char *value_of_key(const char *pairs, const char *key);

#endif
