/* SPDX-License-Identifier: Apache-2.0 */
#include "cgroup/flat.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/str.h"
#include "sys/file.h"

/* cgroup.procs of a full machine is the longest of them. */
#define FLAT_MAX (32 << 20)

int flat_read(int dirfd, const char *file, char **ret)
{
	return file_read_at(dirfd, file, FLAT_MAX, ret, NULL, NULL);
}

/* The digits at the beginning of @text; too many give UINT64_MAX. */
static uint64_t leading_number(const char *text)
{
	uint64_t value = 0;

	for (; *text >= '0' && *text <= '9'; text++) {
		unsigned digit = (unsigned)(*text - '0');

		if (value > (UINT64_MAX - digit) / 10)
			return UINT64_MAX;
		value = value * 10 + digit;
	}
	return value;
}

uint64_t flat_get(const char *text, const char *key)
{
	size_t len = strlen(key);

	while (*text) {
		const char *end = text + strcspn(text, "\n");

		if (strncmp(text, key, len) == 0 && text[len] == ' ')
			return leading_number(text + len + 1);
		text = end + (*end == '\n');
	}
	return 0;
}

uint64_t flat_number(const char *text)
{
	return str_after(text, "max") ? UINT64_MAX : leading_number(text);
}

int flat_read_number(int dirfd, const char *file, uint64_t *ret)
{
	autofree char *text = NULL;
	int r = flat_read(dirfd, file, &text);

	if (r == 0)
		*ret = flat_number(text);
	return r;
}

int flat_write(int dirfd, const char *file, const char *text)
{
	autoclose int fd = openat(dirfd, file, O_WRONLY | O_CLOEXEC | O_NOFOLLOW);

	return fd < 0 || write(fd, text, strlen(text)) < 0 ? -errno : 0;
}
