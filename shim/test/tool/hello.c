/* Prints its argument 0 and ends: the plainest program there is, for each way to link one. */
#include <stdio.h>

int main(int count, char **words)
{
	return printf("hello from %s\n", words[count - 1]) < 0;
}
