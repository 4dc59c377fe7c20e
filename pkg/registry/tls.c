/* SPDX-License-Identifier: Apache-2.0 */
#include "registry/tls.h"

#include <curl/curl.h>
#include <errno.h>
#include <fcntl.h>

#include "base/str.h"
#include "sys/dirs.h"
#include "sys/file.h"

#define CERTIFICATE_MAX_BYTES (4 * 1024 * 1024)

void tls_files_release(struct tls_files *files)
{
	free(files->authorities);
	free(files->certificate);
	free(files->key);
	memset(files, 0, sizeof(*files));
}

/* The names in the first of the usual directories that exists; its path in *@ret_dir. */
static int find_directory(const char *host, char **ret_dir, char ***ret_names)
{
	autofree char *config = dirs_config_home();
	char *dirs[] = {xasprintf("%s/containers/certs.d/%s", config, host),
		xasprintf("/etc/containers/certs.d/%s", host),
		xasprintf("/etc/docker/certs.d/%s", host)};
	int r = -ENOENT;

	for (size_t i = 0; i < ARRAY_SIZE(dirs); i++) {
		if (r < 0) {
			r = dir_list_at(AT_FDCWD, dirs[i], ret_names, NULL);
			if (r >= 0)
				*ret_dir = take_ptr(dirs[i]);
		}
		free(dirs[i]);
	}
	return r;
}

/* Appends a PEM file. */
static int add_authority(struct strbuf *buf, const char *path, struct error *err)
{
	autofree char *text = NULL;
	size_t len;
	int r = file_read_at(AT_FDCWD, path, CERTIFICATE_MAX_BYTES, &text, &len, err);

	if (r < 0)
		return error_wrap(err, r, "certificate authority");
	strbuf_add(buf, text, len);
	strbuf_addc(buf, '\n');
	return 0;
}

/* libcurl takes one bundle, so the system's comes first in ours. */
static void add_system_authorities(struct strbuf *buf)
{
	const curl_version_info_data *info = curl_version_info(CURLVERSION_NOW);

	if (info->cainfo)
		add_authority(buf, info->cainfo, NULL);
}

static int add_client_certificate(struct tls_files *files, const char *dir, const char *name,
	char *const *names, struct error *err)
{
	autofree char *key = xasprintf("%.*s.key", (int)(strlen(name) - strlen(".cert")), name);

	if (!strv_has(names, key))
		return error_set(err, EINVAL, "%s: there is no %s for %s", dir, key, name);
	if (files->certificate)
		return 0;
	files->certificate = xasprintf("%s/%s", dir, name);
	files->key = xasprintf("%s/%s", dir, key);
	return 0;
}

static int load_directory(
	struct tls_files *files, const char *dir, char *const *names, struct error *err)
{
	AUTO(strbuf_release) struct strbuf buf = STRBUF_INIT;

	for (size_t i = 0; names && names[i]; i++) {
		int r = 0;

		if (str_has_suffix(names[i], ".crt")) {
			autofree char *path = xasprintf("%s/%s", dir, names[i]);

			if (!buf.len)
				add_system_authorities(&buf);
			r = add_authority(&buf, path, err);
		} else if (str_has_suffix(names[i], ".cert")) {
			r = add_client_certificate(files, dir, names[i], names, err);
		}
		if (r < 0)
			return r;
	}
	files->authorities_len = buf.len;
	files->authorities = buf.len ? strbuf_take(&buf) : NULL;
	return 0;
}

int tls_files_load(const char *cert_dir, const char *host, struct tls_files *ret, struct error *err)
{
	AUTO(strv_free) char **names = NULL;
	struct tls_files files = {0};
	autofree char *found = NULL;
	int r;

	if (cert_dir) {
		r = dir_list_at(AT_FDCWD, cert_dir, &names, err);
		if (r < 0)
			return error_wrap(err, r, "certificates");
	} else if (find_directory(host, &found, &names) < 0) {
		*ret = files;
		return 0;
	}
	r = load_directory(&files, cert_dir ? cert_dir : found, names, err);
	if (r < 0)
		tls_files_release(&files);
	else
		*ret = files;
	return r;
}
