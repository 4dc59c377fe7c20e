/* SPDX-License-Identifier: Apache-2.0 */
#include "resolv.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <stdlib.h>

#include "base/str.h"
#include "sys/file.h"

#define RESOLV_MAX_BYTES 65536

static void note_server(struct resolv *resolv, char *address)
{
	unsigned char space[16];

	address[strcspn(address, "%")] = '\0';
	if (inet_pton(AF_INET, address, space) == 1)
		resolv->has_v4 = true;
	else if (inet_pton(AF_INET6, address, space) == 1)
		resolv->has_v6 = true;
}

static void find_servers(struct resolv *resolv)
{
	AUTO(strv_free) char **lines = strv_split(resolv->text, '\n');

	for (size_t i = 0; lines[i]; i++) {
		const char *rest = str_after(lines[i], "nameserver");
		autofree char *address = NULL;

		if (!rest || !strspn(rest, " \t"))
			continue;
		rest += strspn(rest, " \t");
		address = xstrndup(rest, strcspn(rest, " \t\r#;"));
		note_server(resolv, address);
	}
}

/*
 * systemd-resolved, NetworkManager and resolvconf keep the real file in a folder of their own
 * below /run and replace it there when the network changes.
 */
static void find_folder(struct resolv *resolv)
{
	autofree char *real = realpath(RESOLV_PATH, NULL);
	char *slash = real ? strrchr(real, '/') : NULL;

	if (!slash || !str_after(real, "/run/"))
		return;
	*slash = '\0';
	if (strcmp(real, "/run") == 0)
		return;
	resolv->file = xstrdup(slash + 1);
	resolv->dir = take_ptr(real);
}

void resolv_load(const char *upstream, struct resolv *ret)
{
	*ret = (struct resolv){0};
	if (upstream) {
		ret->text = xasprintf("nameserver %s\n", upstream);
	} else {
		file_read_at(AT_FDCWD, RESOLV_PATH, RESOLV_MAX_BYTES, &ret->text, NULL, NULL);
		find_folder(ret);
	}
	if (ret->text)
		find_servers(ret);
	if (ret->has_v4 || ret->has_v6)
		return;
	free(ret->text);
	ret->text = xstrdup("nameserver 127.0.0.1\n");
	ret->has_v4 = true;
}

void resolv_release(struct resolv *resolv)
{
	free(resolv->text);
	free(resolv->dir);
	free(resolv->file);
	*resolv = (struct resolv){0};
}
