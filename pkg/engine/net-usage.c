/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/net-usage.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "base/str.h"
#include "sys/file.h"

#define MAX_BYTES (1 << 20)

/* "  tap0: 430 5 0 0 0 0 0 0 110 2 …": eight numbers each for what came and what went. */
static void add_line(char *line, struct net_usage *ret)
{
	char *colon = strrchr(line, ':');
	const char *name = line + strspn(line, " ");
	char *save = NULL, *word;
	enum { RECEIVED = 0, SENT = 8 };
	uint64_t values[SENT + 1];
	size_t count = 0;

	if (!colon)
		return;
	*colon = '\0';
	if (str_eq(name, "lo"))
		return;
	for (word = strtok_r(colon + 1, " ", &save); word && count < ARRAY_SIZE(values);
		word = strtok_r(NULL, " ", &save)) {
		if (str_to_u64(word, 10, &values[count++]) < 0)
			return;
	}
	if (count < ARRAY_SIZE(values))
		return;
	ret->received_bytes += values[RECEIVED];
	ret->sent_bytes += values[SENT];
}

void net_usage_parse(const char *text, struct net_usage *ret)
{
	AUTO(strv_free) char **lines = strv_split(text, '\n');

	*ret = (struct net_usage){0};
	for (size_t i = 0; lines[i]; i++)
		add_line(lines[i], ret);
}

int net_usage_read(pid_t pid, struct net_usage *ret)
{
	autofree char *ns = xasprintf("/proc/%d/ns/net", (int)pid);
	autofree char *path = xasprintf("/proc/%d/net/dev", (int)pid);
	autofree char *text = NULL;
	struct stat own, other;
	int r;

	if (stat("/proc/self/ns/net", &own) < 0 || stat(ns, &other) < 0)
		return -errno;
	*ret = (struct net_usage){0};
	if (own.st_ino == other.st_ino && own.st_dev == other.st_dev)
		return 0;
	r = file_read_at(AT_FDCWD, path, MAX_BYTES, &text, NULL, NULL);
	if (r == 0)
		net_usage_parse(text, ret);
	return r;
}
