/* What a program learns that looks for a name with dlsym(3) and calls what it finds. */
#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>

int main(int argc, char **argv)
{
	const char *error = dlerror();
	printf("dlerror at the start: %s\n", error ? error : "none");
	for (int i = 1; i < argc; i++) {
		int (*found)(long, void *, long, void *, void *) =
			(int (*)(long, void *, long, void *, void *))dlsym(RTLD_DEFAULT, argv[i]);
		errno = 0;
		int result = found ? found(-1, NULL, 1, NULL, NULL) : -2;
		printf("%s = %d, errno %d\n", argv[i], result, errno);
	}
	return 0;
}
