/* Linked right after the library's objects: see library_starts.c. */
void fuzz_library_ends(void);

void fuzz_library_ends(void)
{
}
