/* SPDX-License-Identifier: Apache-2.0 */
#include "registry/auth-file.h"

#include <errno.h>
#include <json-c/json.h>

#include "base/str.h"
#include "registry/base64.h"

char *auth_normalize_key(const char *key)
{
	const char *rest = str_after(key, "https://");
	autofree char *text = NULL;
	size_t host_len;

	if (!rest)
		rest = str_after(key, "http://");
	/* Docker's older files have URLs; only their host counts. */
	text = rest ? xstrndup(rest, strcspn(rest, "/")) : xstrdup(key);
	for (size_t len = strlen(text); len && text[len - 1] == '/'; len--)
		text[len - 1] = '\0';
	host_len = strcspn(text, "/");
	if ((host_len == strlen("index.docker.io") && str_after(text, "index.docker.io")) ||
		(host_len == strlen("registry-1.docker.io") &&
			str_after(text, "registry-1.docker.io")))
		/* "index.docker.io/v1" without a scheme is the host as well. */
		return xasprintf(
			"docker.io%s", str_eq(text + host_len, "/v1") ? "" : text + host_len);
	return take_ptr(text);
}

char *auth_key_host(const char *key)
{
	return xstrndup(key, strcspn(key, "/"));
}

/* "user:password" out of base64. Some writers leave NULs at the end. */
static int decode_pair(const char *text, const char *key, struct auth *ret, struct error *err)
{
	autofree char *pair = NULL;
	size_t len;
	char *colon;

	if (base64_decode(text, &pair, &len) < 0)
		return error_set(err, EBADMSG, "auths.%s.auth: invalid base64", key);
	while (len && pair[len - 1] == '\0')
		len--;
	colon = memchr(pair, ':', len);
	if (!colon || memchr(pair, '\0', len))
		return error_set(err, EBADMSG, "auths.%s.auth: not of the form user:password", key);
	ret->username = xstrndup(pair, (size_t)(colon - pair));
	ret->password = xstrndup(colon + 1, len - (size_t)(colon + 1 - pair));
	explicit_bzero(pair, len);
	return 0;
}

/* 1 when the entry has something; helpers leave empty entries behind. */
static int decode_entry(
	struct json_object *entry, const char *key, struct auth *ret, struct error *err)
{
	AUTO(auth_release) struct auth auth = {0};
	const char *pair = json_get_string(entry, "auth");
	const char *token = json_get_string(entry, "identitytoken");
	int r;

	if (!str_is_empty(pair)) {
		r = decode_pair(pair, key, &auth, err);
		if (r < 0)
			return r;
	} else if (!str_is_empty(json_get_string(entry, "username"))) {
		auth.username = xstrdup(json_get_string(entry, "username"));
		auth.password = xstrdup(json_get_string(entry, "password"));
	}
	if (!str_is_empty(token))
		auth.identity_token = xstrdup(token);
	else if (str_eq(auth.username, "<token>"))
		auth.identity_token = xstrdup(auth.password);
	if (!auth.username && !auth.identity_token)
		return 0;
	*ret = auth;
	memset(&auth, 0, sizeof(auth));
	return 1;
}

static int find_exact(
	struct json_object *auths, const char *key, struct auth *ret, struct error *err)
{
	json_object_object_foreach(auths, name, entry)
	{
		autofree char *normal = auth_normalize_key(name);
		int r;

		if (!str_eq(normal, key) || !json_object_is_type(entry, json_type_object))
			continue;
		r = decode_entry(entry, key, ret, err);
		if (r != 0)
			return r;
	}
	return 0;
}

int auths_find(struct json_object *auths, const char *key, struct auth *ret, struct error *err)
{
	autofree char *at = auth_normalize_key(key);

	if (!json_object_is_type(auths, json_type_object))
		return 0;
	for (;;) {
		int r = find_exact(auths, at, ret, err);
		char *slash = strrchr(at, '/');

		if (r != 0 || !slash)
			return r;
		*slash = '\0';
	}
}

struct json_object *auths_entry(const struct auth *auth)
{
	struct json_object *entry = json_object_new_object();
	autofree char *pair = xasprintf("%s:%s", auth->username ? auth->username : "",
		auth->password ? auth->password : "");
	autofree char *text = base64_encode(pair, strlen(pair));

	json_object_object_add(entry, "auth", json_object_new_string(text));
	if (auth->identity_token)
		json_object_object_add(
			entry, "identitytoken", json_object_new_string(auth->identity_token));
	explicit_bzero(pair, strlen(pair));
	return entry;
}

int auths_remove(struct json_object *auths, const char *key)
{
	autofree char *wanted = auth_normalize_key(key);
	AUTO(strv_free) char **names = NULL;
	int removed = 0;

	if (!json_object_is_type(auths, json_type_object))
		return 0;
	json_object_object_foreach(auths, name, entry)
	{
		autofree char *normal = auth_normalize_key(name);

		(void)entry;
		if (str_eq(normal, wanted))
			strv_add(&names, name);
	}
	for (; names && names[removed]; removed++)
		json_object_object_del(auths, names[removed]);
	return removed;
}

const char *auth_file_helper(struct json_object *doc, const char *key)
{
	struct json_object *helpers = json_get(doc, "credHelpers");
	autofree char *normal = auth_normalize_key(key);
	autofree char *wanted = auth_key_host(normal);

	if (!json_object_is_type(helpers, json_type_object))
		return NULL;
	json_object_object_foreach(helpers, name, value)
	{
		autofree char *host = auth_normalize_key(name);

		if (str_eq(host, wanted) && json_object_is_type(value, json_type_string) &&
			json_object_get_string_len(value) > 0)
			return json_object_get_string(value);
	}
	return NULL;
}
