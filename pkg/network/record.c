/* SPDX-License-Identifier: Apache-2.0 */
#include "network/record.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "cni/result.h"
#include "sys/file.h"

#define RECORD_MAX_BYTES (4 * CNI_MAX_RESULT_BYTES)

const struct json_field network_record_fields[] = {
	JSON_STRING(struct network_record, kind, "kind", JSON_REQUIRED),
	JSON_STRING(struct network_record, container_id, "containerId", JSON_REQUIRED),
	JSON_STRING(struct network_record, network, "networkName", JSON_REQUIRED),
	JSON_STRING(struct network_record, ifname, "ifName", JSON_REQUIRED),
	JSON_BOOL(struct network_record, host_netns, "hostNamespace"),
	JSON_STRING(struct network_record, netns, "netns"),
	JSON_RAW(struct network_record, config, "config", JSON_REQUIRED),
	JSON_RAW(struct network_record, args, "capabilityArgs"),
	JSON_RAW(struct network_record, result, "result"),
	JSON_END,
};

int record_dir_open(const char *state_dir, struct error *err)
{
	autofree char *path = xasprintf("%s/results", state_dir);
	int fd = dir_open_at(AT_FDCWD, path, NULL);

	if (fd == -ENOENT) {
		int r = dir_make_all(path, 0700, err);

		if (r < 0)
			return error_wrap(err, r, "network state");
		fd = dir_open_at(AT_FDCWD, path, NULL);
	}
	if (fd < 0)
		return error_sys(err, -fd, "network state: open %s", path);
	return fd;
}

char *record_name(const char *network, const char *container_id, const char *ifname)
{
	return xasprintf("%s-%s-%s", network, container_id, ifname);
}

int record_write(int dirfd, const struct network_record *record, struct error *err)
{
	autofree char *name = record_name(record->network, record->container_id, record->ifname);
	autofree char *text = json_write(network_record_fields, record, false);
	int r = file_write_at(dirfd, name, text, strlen(text), 0600, 0, err);

	return r < 0 ? error_wrap(err, r, "network state") : 0;
}

int record_read(int dirfd, const char *name, struct network_record *ret, struct error *err)
{
	AUTO(record_release) struct network_record record = {0};
	autofree char *text = NULL;
	size_t len;
	int r = file_read_at(dirfd, name, RECORD_MAX_BYTES, &text, &len, err);

	if (r == -ENOENT)
		return 0;
	if (r < 0)
		return error_wrap(err, r, "network state");
	r = json_read(text, len, name, network_record_fields, &record, err);
	if (r < 0)
		return error_wrap(err, r, "network state");
	if (!str_eq(record.kind, NETWORK_RECORD_KIND))
		return error_set(err, EBADMSG, "network state: %s: unknown kind", name);
	*ret = record;
	record = (struct network_record){0};
	return 1;
}

int record_list(int dirfd, const char *container_id, char ***ret, struct error *err)
{
	AUTO(strv_free) char **names = NULL;
	autofree char *part = container_id ? xasprintf("-%s-", container_id) : NULL;
	char **found = NULL;
	int r = dir_list_at(dirfd, ".", &names, err);

	if (r < 0)
		return error_wrap(err, r, "network state");
	for (size_t i = 0; names && names[i]; i++) {
		/* Locks and files being written begin with a dot. */
		if (names[i][0] != '.' && (!part || strstr(names[i], part)))
			strv_add(&found, names[i]);
	}
	*ret = found;
	return 0;
}

int record_remove(int dirfd, const char *name, struct error *err)
{
	if (unlinkat(dirfd, name, 0) < 0 && errno != ENOENT)
		return error_sys(err, errno, "network state: remove %s", name);
	return 0;
}

void record_release(struct network_record *record)
{
	json_release(network_record_fields, record);
	*record = (struct network_record){0};
}
