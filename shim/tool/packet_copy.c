/* The recorder stores the content before its size: what the size tells of is there. */
#include "packet_copy.h"

#include "refuse.h"
#include "scratch.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

static bool read_head(int fd, struct packet *head)
{
	return pread(fd, head, sizeof(*head), 0) == (ssize_t)sizeof(*head) &&
	       head->magic == PACKET_MAGIC && head->content_size >= 8 * sizeof(*head);
}

bool packet_head(const char *path, struct packet *head)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	bool is = fd >= 0 && read_head(fd, head);
	if (fd >= 0)
		close(fd);
	return is;
}

static bool same(const struct packet *a, const struct packet *b)
{
	return a->packet_seq_num == b->packet_seq_num && a->stream_id == b->stream_id &&
	       a->stream_instance_id == b->stream_instance_id;
}

/* The bytes of its content, with a head that says so; NULL when it is none. */
static char *content(int fd, struct packet *head)
{
	struct stat status;
	struct packet after;
	if (fstat(fd, &status) < 0 || !S_ISREG(status.st_mode) || !read_head(fd, head))
		return NULL;
	size_t size = head->content_size / 8;
	if (size > (size_t)status.st_size)
		size = (size_t)status.st_size;
	char *bytes = malloc(size);
	if (!bytes)
		refuse(FAILED, "out of memory");
	if (pread(fd, bytes, size, 0) != (ssize_t)size || !read_head(fd, &after) ||
		!same(head, &after)) {
		free(bytes);
		return NULL;
	}
	struct packet *copy = (struct packet *)bytes;
	copy->content_size = copy->packet_size = (uint32_t)(8 * size);
	return bytes;
}

bool packet_copy(const char *from, const char *to, struct packet *head)
{
	int in = open(from, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	char *bytes = in < 0 ? NULL : content(in, head);
	if (in >= 0)
		close(in);
	if (!bytes)
		return false;
	int out = open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	ssize_t size = ((struct packet *)bytes)->packet_size / 8;
	if (out < 0 || write(out, bytes, (size_t)size) != size)
		refuse(FAILED, "%s: cannot be written: %m; set TMPDIR to a folder with room", to);
	close(out);
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
