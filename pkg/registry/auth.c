/* SPDX-License-Identifier: Apache-2.0 */
#include "registry/auth.h"

#include <errno.h>
#include <fcntl.h>
#include <json-c/json.h>
#include <sys/file.h>

#include "base/log.h"
#include "base/str.h"
#include "registry/auth-file.h"
#include "registry/auth-helper.h"
#include "registry/optional-file.h"
#include "sys/dirs.h"
#include "sys/file.h"

static void wipe(char **secret)
{
	if (*secret)
		explicit_bzero(*secret, strlen(*secret));
	free(*secret);
	*secret = NULL;
}

void auth_release(struct auth *auth)
{
	wipe(&auth->username);
	wipe(&auth->password);
	wipe(&auth->identity_token);
}

/* A file that was chosen by hand; NULL when the usual places count. */
static const char *chosen_file(const char *authfile)
{
	const char *env = getenv("REGISTRY_AUTH_FILE");

	if (!str_is_empty(authfile))
		return authfile;
	return str_is_empty(env) ? NULL : env;
}

char *auth_file_path(const char *authfile)
{
	const char *chosen = chosen_file(authfile);
	const char *run = getenv("XDG_RUNTIME_DIR");
	autofree char *config = NULL;

	if (chosen)
		return xstrdup(chosen);
	if (!str_is_empty(run))
		return xasprintf("%s/containers/auth.json", run);
	config = dirs_config_home();
	return xasprintf("%s/containers/auth.json", config);
}

/* Where credentials may be, in order. The last one is of docker's oldest form. */
static char **search_files(const char *authfile)
{
	autofree char *config = dirs_config_home();
	autofree char *home = dirs_home();
	const char *docker = getenv("DOCKER_CONFIG");
	char **files = NULL;

	strv_take(&files, auth_file_path(authfile));
	if (chosen_file(authfile))
		return files;
	strv_take(&files, xasprintf("%s/containers/auth.json", config));
	strv_take(&files, str_is_empty(docker) ? xasprintf("%s/.docker/config.json", home)
					       : xasprintf("%s/config.json", docker));
	strv_take(&files, xasprintf("%s/.dockercfg", home));
	return files;
}

/* 1 and the document; 0 when there is no file. An empty file is as good as none. */
static int read_document(int dirfd, const char *path, struct json_object **ret, struct error *err)
{
	AUTO(json_free) struct json_object *doc = NULL;
	autofree char *text = NULL;
	size_t len;
	int r = optional_file_read(dirfd, path, AUTH_FILE_MAX_BYTES, &text, &len, err);

	if (r < 0)
		return error_wrap(err, r, "credentials");
	if (r == 0 || len == 0)
		return 0;
	r = json_parse(text, len, &doc, err);
	explicit_bzero(text, len);
	if (r < 0)
		return error_wrap(err, r, "%s", path);
	if (!json_object_is_type(doc, json_type_object))
		return error_set(err, EBADMSG, "%s: not an object", path);
	*ret = take_ptr(doc);
	return 1;
}

/* Docker's credsStore serves every host; where its program is missing we go on without. */
static int lookup_store(
	struct json_object *doc, const char *host, struct auth *ret, struct error *err)
{
	const char *store = json_get_string(doc, "credsStore");
	int r;

	if (str_is_empty(store))
		return 0;
	r = auth_helper_get(store, host, ret, err);
	if (r == -ENOENT) {
		log_warn("no program docker-credential-%s: its credentials are not used", store);
		return 0;
	}
	return r;
}

static int lookup_document(
	struct json_object *doc, const char *key, bool legacy, struct auth *ret, struct error *err)
{
	autofree char *normal = auth_normalize_key(key);
	autofree char *host = auth_key_host(normal);
	const char *helper;
	int r;

	if (legacy)
		return auths_find(doc, key, ret, err);
	helper = auth_file_helper(doc, key);
	if (helper) {
		r = auth_helper_get(helper, host, ret, err);
		if (r != 0)
			return r;
	}
	r = auths_find(json_get(doc, "auths"), key, ret, err);
	return r != 0 ? r : lookup_store(doc, host, ret, err);
}

int auth_lookup(const char *authfile, const char *key, struct auth *ret, struct error *err)
{
	AUTO(strv_free) char **files = search_files(authfile);
	int r = 0;

	memset(ret, 0, sizeof(*ret));
	for (size_t i = 0; r == 0 && files[i]; i++) {
		AUTO(json_free) struct json_object *doc = NULL;

		r = read_document(AT_FDCWD, files[i], &doc, err);
		if (r == 1) {
			r = lookup_document(
				doc, key, str_has_suffix(files[i], "/.dockercfg"), ret, err);
			if (r < 0)
				return error_wrap(err, r, "%s", files[i]);
		}
	}
	return r;
}

int auth_parse(const char *text, size_t len, const char *key, bool legacy, struct auth *ret,
	struct error *err)
{
	AUTO(json_free) struct json_object *doc = NULL;
	int r = json_parse(text, len, &doc, err);

	memset(ret, 0, sizeof(*ret));
	if (r < 0)
		return r;
	if (!json_object_is_type(doc, json_type_object))
		return error_set(err, EBADMSG, "not an object");
	return auths_find(legacy ? doc : json_get(doc, "auths"), key, ret, err);
}

/* Directory of the file, made when missing, locked until it is closed: files here are replaced. */
static int lock_directory(const char *path, struct error *err)
{
	const char *slash = strrchr(path, '/');
	autofree char *dir = slash ? xstrndup(path, (size_t)(slash - path) + 1) : xstrdup(".");
	autoclose int fd = -1;
	int r = dir_make_all(dir, 0700, err);

	if (r < 0)
		return r;
	fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return error_sys(err, errno, "open %s", dir);
	while (flock(fd, LOCK_EX) < 0)
		if (errno != EINTR)
			return error_sys(err, errno, "lock %s", dir);
	return take_fd(fd);
}

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

static int write_document(int dirfd, const char *path, struct json_object *doc, struct error *err)
{
	const char *json = json_object_to_json_string_ext(
		doc, JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_NOSLASHESCAPE);
	autofree char *text = xasprintf("%s\n", json);
	int r = file_write_at(
		dirfd, base_name(path), text, strlen(text), 0600, FILE_WRITE_SYNC, err);

	explicit_bzero(text, strlen(text));
	return r < 0 ? error_wrap(err, r, "%s", path) : 0;
}

/* The object @key of @doc, made when missing. Borrowed. */
static struct json_object *member_object(struct json_object *doc, const char *key)
{
	struct json_object *obj = json_get(doc, key);

	if (!json_object_is_type(obj, json_type_object)) {
		obj = json_object_new_object();
		json_object_object_add(doc, key, obj);
	}
	return obj;
}

int auth_store(const char *authfile, const char *key, const struct auth *auth, struct error *err)
{
	AUTO(json_free) struct json_object *doc = NULL;
	autofree char *path = auth_file_path(authfile);
	autofree char *normal = auth_normalize_key(key);
	autofree char *host = auth_key_host(normal);
	autoclose int dirfd = lock_directory(path, err);
	struct json_object *auths;
	const char *helper;
	int r;

	if (dirfd < 0)
		return dirfd;
	r = read_document(dirfd, base_name(path), &doc, err);
	if (r < 0)
		return r;
	if (r == 0)
		doc = json_object_new_object();
	helper = auth_file_helper(doc, key);
	if (helper)
		return auth_helper_store(helper, host, auth, err);
	auths = member_object(doc, "auths");
	auths_remove(auths, normal);
	json_object_object_add(auths, normal, auths_entry(auth));
	return write_document(dirfd, path, doc, err);
}

/* Asks each helper of the file to forget its host; 1 when one did. */
static int erase_helpers(struct json_object *doc, const char *key, struct error *err)
{
	struct json_object *helpers = json_get(doc, "credHelpers");
	const char *name = key ? auth_file_helper(doc, key) : NULL;
	int erased = 0;

	if (name) {
		autofree char *normal = auth_normalize_key(key);
		autofree char *host = auth_key_host(normal);

		return auth_helper_erase(name, host, err);
	}
	if (key || !json_object_is_type(helpers, json_type_object))
		return 0;
	json_object_object_foreach(helpers, host, value)
	{
		autofree char *normal = auth_normalize_key(host);
		int r = auth_helper_erase(json_object_get_string(value), normal, err);

		if (r < 0)
			return r;
		erased |= r;
	}
	return erased;
}

int auth_erase(const char *authfile, const char *key, struct error *err)
{
	AUTO(json_free) struct json_object *doc = NULL;
	autofree char *path = auth_file_path(authfile);
	autoclose int dirfd = -1;
	struct json_object *auths;
	int r, helped, removed;

	if (access(path, F_OK) < 0 && (errno == ENOENT || errno == ENOTDIR))
		return 0;
	dirfd = lock_directory(path, err);
	if (dirfd < 0)
		return dirfd;
	r = read_document(dirfd, base_name(path), &doc, err);
	if (r <= 0)
		return r;
	helped = erase_helpers(doc, key, err);
	if (helped < 0)
		return helped;
	auths = member_object(doc, "auths");
	if (key) {
		removed = auths_remove(auths, key);
	} else {
		removed = json_object_object_length(auths);
		json_object_object_add(doc, "auths", json_object_new_object());
	}
	r = removed ? write_document(dirfd, path, doc, err) : 0;
	return r < 0 ? r : helped || removed;
}
