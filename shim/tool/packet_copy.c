/* The recorder stores the content before its size: what the size tells of is there. */
#include "packet_copy.h"

#include "refuse.h"
#include "scratch.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { READING = O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW };

static bool read_head(int fd, struct packet *head)
{
	return pread(fd, head, sizeof(*head), 0) == (ssize_t)sizeof(*head) &&
	       head->magic == PACKET_MAGIC && head->content_size >= 8 * sizeof(*head);
}

bool packet_head(int folder, const char *name, struct packet *head)
{
	int fd = openat(folder, name, READING);
	bool is = fd >= 0 && read_head(fd, head);
	if (fd >= 0)
		close(fd);
	return is;
}

bool packet_same(const struct packet *a, const struct packet *b)
{
	return a->packet_seq_num == b->packet_seq_num && a->stream_id == b->stream_id &&
	       a->stream_instance_id == b->stream_instance_id;
}

/* The content first, then what tells whether it still was the same packet. */
static char *content(int fd, struct packet *head, size_t *size)
{
	struct stat status;
	struct packet after;
	if (fstat(fd, &status) < 0 || !S_ISREG(status.st_mode) || !read_head(fd, head))
		return NULL;
	*size = head->content_size / 8;
	if (*size > (size_t)status.st_size)
		*size = (size_t)status.st_size;
	char *bytes = malloc(*size);
	if (!bytes)
		refuse(FAILED, "out of memory");
	if (pread(fd, bytes, *size, 0) != (ssize_t)*size || !read_head(fd, &after) ||
		!packet_same(head, &after) || after.content_size < head->content_size) {
		free(bytes);
		return NULL;
	}
	after.content_size = after.packet_size = (uint32_t)(8 * *size);
	memcpy(bytes, &after, sizeof(after));
	return bytes;
}

void file_made(int folder, const char *name, const void *bytes, size_t size)
{
	int fd = openat(folder, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	const char *from = bytes;
	ssize_t written = fd < 0 ? -1 : 1;
	for (; written > 0 && size; from += written, size -= (size_t)written)
		written = write(fd, from, size);
	if (written <= 0)
		refuse(FAILED, "%s: cannot be written: %m; choose a folder with more room", name);
	close(fd);
}

bool packet_copy(int from, const char *name, int to, const char *copy, struct packet *head)
{
	size_t size;
	int fd = openat(from, name, READING);
	char *bytes = fd < 0 ? NULL : content(fd, head, &size);
	if (fd >= 0)
		close(fd);
	if (!bytes)
		return false;
	file_made(to, copy, bytes, size);
	free(bytes);
	return true;
}

static bool is_endless(const char *path)
{
	struct packet head = {.packet_size = 0};
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	bool has_size = true;
	for (off_t at = 0;
		has_size && pread(fd, &head, sizeof(head), at) == (ssize_t)sizeof(head) &&
		head.magic == PACKET_MAGIC;
		at += head.packet_size / 8)
		has_size = head.packet_size >= 8 * sizeof(head);
	if (fd >= 0)
		close(fd);
	return !has_size;
}

bool packets_end(const char *folder)
{
	struct dirent *entry;
	DIR *files = opendir(folder);
	bool endless = false;
	while (files && !endless && (entry = readdir(files))) {
		char *path = path_joined(folder, entry->d_name);
		endless = is_endless(path);
		free(path);
	}
	if (files)
		closedir(files);
	return !endless;
}

bool metadata_is_text(const char *folder)
{
	static const char begin[] = "/* CTF 1.8";
	char text[sizeof(begin) - 1];
	char *path = path_joined(folder, "metadata");
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	bool is = fd >= 0 && pread(fd, text, sizeof(text), 0) == (ssize_t)sizeof(text) &&
		  memcmp(text, begin, sizeof(text)) == 0;
	if (fd >= 0)
		close(fd);
	free(path);
	return is;
}
