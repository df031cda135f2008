/* What every target has beside LLVMFuzzerTestOneInput. */
#ifndef FUZZ_TARGET_H
#define FUZZ_TARGET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

extern const char *const target_name;
/* The target's own preparation; called once, by target_once. */
void target_begins(void);
void target_once(void);
/* Before anything else with an input: prepares, and remembers it for target_lost. */
void target_given(const uint8_t *bytes, size_t size);

/* Whether an input is to be tried in every way there is: an engine has many inputs, and time for
 * one way each. */
extern bool target_thorough;

uint64_t target_hash(const uint8_t *bytes, size_t size);

/* POLLCHECK_OPTIONS for the library that is linked in, unless set. */
void target_options(void);

/* The end: says what diverged, keeps the input at hand as a seed and says where. No engine does the
 * latter: fuzz/run turns its handler of SIGABRT off. */
_Noreturn void target_lost(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* The seed alone; path: its path. */
void target_seed(char *path, size_t path_size);
/* Writes a file into FUZZ_ARTIFACTS, or here, named after target and content; path: its path. */
void target_artifact(
	const char *suffix, const uint8_t *bytes, size_t size, char *path, size_t path_size);

#endif
