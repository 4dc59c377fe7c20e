/* SPDX-License-Identifier: Apache-2.0 */
#include "registry/auth-helper.h"

#include <errno.h>
#include <json-c/json.h>

#include "base/json.h"
#include "base/str.h"
#include "sys/process.h"

#define HELPER_OUTPUT_MAX (64 * 1024)

static bool name_is_valid(const char *name)
{
	/* The name becomes part of a program's name: no way to another directory. */
	return *name &&
	       !name[strspn(
		       name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-")];
}

static const char *server_url(const char *host)
{
	return str_eq(host, "docker.io") ? "https://index.docker.io/v1/" : host;
}

/* Helpers have no codes for it: all say it in these words. */
static bool says_not_found(const char *output)
{
	return output && (strstr(output, "credentials not found") ||
				 strstr(output, "not found in native keychain"));
}

/* The first line, without what a terminal would obey. */
static char *first_line(const char *text)
{
	char *line = xstrndup(text ? text : "", text ? strcspn(text, "\r\n") : 0);

	for (char *c = line; *c; c++)
		if ((unsigned char)*c < ' ' || *c == 0x7F)
			*c = '?';
	return line;
}

/* 0 and the output; 1 when the helper knows no such credentials. */
static int run_helper(
	const char *name, const char *verb, const char *input, char **ret, struct error *err)
{
	autofree char *program = xasprintf("docker-credential-%s", name);
	char *argv[] = {program, (char *)verb, NULL};
	struct process_spawn spawn = {
		.path = program, .argv = argv, .stdin_fd = -1, .stdout_fd = -1, .stderr_fd = -1};
	autofree char *output = NULL;
	autofree char *errors = NULL;
	autofree char *line = NULL;
	int r;

	if (!name_is_valid(name))
		return error_set(err, EBADMSG, "credential helper \"%s\": invalid name", name);
	r = process_run(&spawn, input, strlen(input), HELPER_OUTPUT_MAX, &output, &errors, err);
	if (r < 0)
		return error_wrap(err, r, "credential helper %s", program);
	if (r == 0) {
		*ret = take_ptr(output);
		return 0;
	}
	if (says_not_found(output) || says_not_found(errors))
		return 1;
	line = first_line(str_is_empty(errors) ? output : errors);
	return error_set(err, EIO, "credential helper %s: %s failed: %s", program, verb,
		*line ? line : "no reason given");
}

int auth_helper_get(const char *name, const char *host, struct auth *ret, struct error *err)
{
	AUTO(json_free) struct json_object *reply = NULL;
	autofree char *output = NULL;
	const char *user, *secret;
	int r = run_helper(name, "get", server_url(host), &output, err);

	if (r != 0)
		return r < 0 ? r : 0;
	r = json_parse(output, strlen(output), &reply, err);
	explicit_bzero(output, strlen(output));
	if (r < 0)
		return error_wrap(err, r, "credential helper docker-credential-%s", name);
	user = json_get_string(reply, "Username");
	secret = json_get_string(reply, "Secret");
	if (!user || !secret)
		return error_set(err, EBADMSG,
			"credential helper docker-credential-%s: reply without Username and Secret",
			name);
	if (!*user && !*secret)
		return 0;
	*ret = (struct auth){.username = xstrdup(user), .password = xstrdup(secret)};
	if (str_eq(user, "<token>"))
		ret->identity_token = xstrdup(secret);
	return 1;
}

int auth_helper_store(
	const char *name, const char *host, const struct auth *auth, struct error *err)
{
	AUTO(json_free) struct json_object *request = json_object_new_object();
	const char *user = auth->identity_token ? "<token>" : auth->username;
	const char *secret = auth->identity_token ? auth->identity_token : auth->password;
	autofree char *output = NULL;
	int r;

	json_object_object_add(request, "ServerURL", json_object_new_string(server_url(host)));
	json_object_object_add(request, "Username", json_object_new_string(user ? user : ""));
	json_object_object_add(request, "Secret", json_object_new_string(secret ? secret : ""));
	r = run_helper(name, "store",
		json_object_to_json_string_ext(request, JSON_C_TO_STRING_PLAIN), &output, err);
	if (r == 1)
		return error_set(
			err, EIO, "credential helper docker-credential-%s: store failed", name);
	return r;
}

int auth_helper_erase(const char *name, const char *host, struct error *err)
{
	autofree char *output = NULL;
	int r = run_helper(name, "erase", server_url(host), &output, err);

	return r < 0 ? r : !r;
}
