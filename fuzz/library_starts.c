/* Linked right before the library's objects: where its code begins in a program that has it linked
 * in (shim/caller.h follows the frames of the library's own functions, and no others). */
void fuzz_library_starts(void);

void fuzz_library_starts(void)
{
}
