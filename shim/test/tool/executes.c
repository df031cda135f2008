/* Becomes the program its arguments name: linked statically, a program that no preload reaches. */
#include <stdio.h>
#include <unistd.h>

int main(int count, char **words)
{
	if (count > 1)
		execvp(words[1], words + 1);
	perror("execvp");
	return 1;
}
