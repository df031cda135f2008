/* POLLCHECK_OPTIONS, read once in the constructor. */
#ifndef POLLCHECK_CONFIG_H
#define POLLCHECK_CONFIG_H

#include <stdbool.h>

enum report_format { REPORT_TEXT, REPORT_JSON, REPORT_SARIF };
enum log_format { LOG_OFF, LOG_TEXT, LOG_JSON };
enum follow { FOLLOW_NEVER, FOLLOW_KEPT, FOLLOW_ALWAYS };
enum color { COLOR_AUTO, COLOR_ALWAYS, COLOR_NEVER };

struct config {
#define TEXT                            const char *
#define NUMBER                          long
#define YESNO                           long
#define CHOICE(...)                     long
#define OPTION(name, type, value, help) type name;
#include "options.def"
#undef OPTION
#undef TEXT
#undef NUMBER
#undef YESNO
#undef CHOICE
};
extern struct config config;

/* Reads key=value:key=value into config. A key or value it does not know is said on standard error,
 * in one line each, and the default stays. */
void config_read(const char *options);

#endif
