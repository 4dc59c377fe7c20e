/* SPDX-License-Identifier: Apache-2.0 */
#include "network/config.h"

#include <errno.h>
#include <fcntl.h>

#include "base/log.h"
#include "base/str.h"
#include "network/network.h"
#include "sys/dirs.h"
#include "sys/file.h"
#include "sys/process.h"

/* Names in @dirfd that end in one of @suffixes, sorted; absence of the directory is empty. */
static char **list_files(int dirfd, const char *name, char *const *suffixes)
{
	AUTO(strv_free) char **names = NULL;
	char **found = NULL;

	if (dir_list_at(dirfd, name, &names, NULL) < 0)
		return NULL;
	for (size_t i = 0; names && names[i]; i++) {
		for (size_t j = 0; suffixes[j]; j++) {
			if (names[i][0] != '.' && str_has_suffix(names[i], suffixes[j]))
				strv_add(&found, names[i]);
		}
	}
	strv_sort(found);
	return found;
}

static int add_beside(int dirfd, struct cni_list *list, struct error *err)
{
	char suffix[] = ".conf";
	char *const suffixes[] = {suffix, NULL};
	AUTO(strv_free) char **names = list_files(dirfd, list->name, suffixes);

	for (size_t i = 0; names && names[i]; i++) {
		autofree char *path = xasprintf("%s/%s", list->name, names[i]);
		autofree char *text = NULL;
		size_t len;
		int r = file_read_at(dirfd, path, CNI_MAX_CONFIG_BYTES, &text, &len, err);

		if (r == 0)
			r = cni_list_append(list, text, len, path, err);
		if (r < 0)
			return r;
	}
	if (list->plugin_count == 0)
		return error_set(err, EBADMSG, "network %s: has no plugins", list->name);
	return 0;
}

/* 1 when the file defines @name, 0 when another network. */
static int read_file(
	int dirfd, const char *file, const char *name, struct cni_list *ret, struct error *err)
{
	AUTO(cni_list_release) struct cni_list list = {0};
	autofree char *text = NULL;
	size_t len;
	int r = file_read_at(dirfd, file, CNI_MAX_CONFIG_BYTES, &text, &len, err);

	if (r == 0)
		r = cni_list_parse(text, len, file, &list, err);
	if (r < 0)
		return r;
	if (!str_eq(list.name, name))
		return 0;
	if (!list.load_only_inlined)
		r = add_beside(dirfd, &list, err);
	if (r < 0)
		return r;
	*ret = list;
	list = (struct cni_list){0};
	return 1;
}

/* True when a file of the directory defines the network. */
static bool search_dir(int dirfd, char *suffix, const char *name, struct cni_list *ret)
{
	char *const suffixes[] = {suffix, NULL};
	AUTO(strv_free) char **names = list_files(dirfd, ".", suffixes);

	for (size_t i = 0; names && names[i]; i++) {
		struct error problem = {0};
		int r = read_file(dirfd, names[i], name, ret, &problem);

		if (r == 1)
			return true;
		if (r < 0)
			log_warn("network configuration %s is passed over: %s", names[i],
				error_text(&problem));
	}
	return false;
}

int config_load(char *const *config_dirs, const char *name, struct cni_list *ret, struct error *err)
{
	char list_suffix[] = ".conflist", single_suffix[] = ".conf";
	autofree char *searched = NULL;

	for (size_t i = 0; config_dirs && config_dirs[i]; i++) {
		autoclose int dirfd = dir_open_at(AT_FDCWD, config_dirs[i], NULL);

		if (dirfd < 0)
			continue;
		if (search_dir(dirfd, list_suffix, name, ret) ||
			search_dir(dirfd, single_suffix, name, ret))
			return 0;
	}
	searched = strv_join(config_dirs, ", ");
	return error_set(err, ENOENT, "no network named %s in %s: network not found", name,
		*searched ? searched : "any directory");
}

char **network_config_dirs(void)
{
	autofree char *home = dirs_config_home();
	char **dirs = NULL;

	strv_take(&dirs, xasprintf("%s/cni/net.d", home));
	strv_add(&dirs, "/etc/cni/net.d");
	return dirs;
}

/* One directory where they are installed, one for each where they are built. */
static void add_own_dirs(char ***dirs)
{
	static const char *const plugins[] = {"bridge", "host-local", "slirp"};

	for (size_t i = 0; i < ARRAY_SIZE(plugins); i++) {
		autofree char *name = xasprintf("cni/%s", plugins[i]);
		autofree char *path = libexec_path(name);
		char *slash = strrchr(path, '/');

		if (!slash)
			continue;
		*slash = '\0';
		if (!strv_has(*dirs, path))
			strv_add(dirs, path);
	}
}

char **network_plugin_dirs(void)
{
	const char *given = getenv("CNI_PATH");
	char **dirs = NULL;

	if (!str_is_empty(given))
		dirs = strv_split(given, ':');
	add_own_dirs(&dirs);
	strv_add(&dirs, "/usr/local/lib/cni");
	strv_add(&dirs, "/usr/libexec/cni");
	strv_add(&dirs, "/usr/lib/cni");
	strv_add(&dirs, "/opt/cni/bin");
	return dirs;
}
