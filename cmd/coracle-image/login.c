/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdio.h>
#include <termios.h>
#include <unistd.h>

#include "common/out.h"
#include "registry/auth.h"
#include "registry/config.h"
#include "session.h"

#define CREDENTIAL_MAX 65536

/* "https://quay.io/" and "quay.io" are the same; a namespace may follow the host. */
static int make_key(const char *text, char **ret, struct error *err)
{
	AUTO(registries_config_release) struct registries_config config = {0};
	const char *rest;
	size_t len;
	int r;

	if (!text) {
		r = registries_config_load(&config, err);
		if (r < 0)
			return r;
		text = config.search && config.search[0] ? config.search[0]
							 : REFERENCE_DEFAULT_DOMAIN;
	}
	rest = str_after(text, "https://");
	if (!rest)
		rest = str_after(text, "http://");
	if (!rest)
		rest = text;
	len = strlen(rest);
	while (len > 0 && rest[len - 1] == '/')
		len--;
	if (len == 0 || strpbrk(rest, " @?#"))
		return error_set(err, EINVAL, "%s is not the name of a registry", text);
	*ret = xstrndup(rest, len);
	return 0;
}

static char *host_of(const char *key)
{
	return xstrndup(key, strcspn(key, "/"));
}

/* Standard input to the end of its first line, or to its end. */
static int read_line(bool to_end, char **ret, struct error *err)
{
	AUTO(strbuf_release) struct strbuf line = STRBUF_INIT;
	char byte;
	ssize_t got;

	/* Byte by byte: what follows the line belongs to the next prompt. */
	while ((got = read(STDIN_FILENO, &byte, 1)) > 0 && (to_end || byte != '\n')) {
		strbuf_addc(&line, byte);
		if (line.len > CREDENTIAL_MAX)
			return error_set(err, EFBIG, "the input is too long");
	}
	if (got < 0)
		return error_sys(err, errno, "read standard input");
	while (line.len > 0 && strchr("\r\n", line.data[line.len - 1]))
		line.data[--line.len] = '\0';
	*ret = strbuf_take(&line);
	return 0;
}

static int prompt(const char *text, bool hidden, char **ret, struct error *err)
{
	struct termios saved, silent;
	bool is_terminal = isatty(STDIN_FILENO) && tcgetattr(STDIN_FILENO, &saved) == 0;
	int r;

	fputs(text, stderr);
	if (is_terminal && hidden) {
		silent = saved;
		silent.c_lflag &= ~(tcflag_t)ECHO;
		(void)tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent);
	}
	r = read_line(false, ret, err);
	if (is_terminal && hidden) {
		(void)tcsetattr(STDIN_FILENO, TCSAFLUSH, &saved);
		fputc('\n', stderr);
	}
	return r;
}

/* What the options do not say is asked for. */
static int get_credentials(const struct login_options *options, struct auth *ret, struct error *err)
{
	int r = 0;

	if (options->password && options->password_stdin)
		return error_set(
			err, EINVAL, "--password and --password-stdin cannot be used together");
	if (options->password_stdin && !options->username)
		return error_set(err, EINVAL, "--password-stdin needs --username");
	if (options->username)
		ret->username = xstrdup(options->username);
	else
		r = prompt("Username: ", false, &ret->username, err);
	if (r >= 0 && options->password)
		ret->password = xstrdup(options->password);
	else if (r >= 0 && options->password_stdin)
		r = read_line(true, &ret->password, err);
	else if (r >= 0)
		r = prompt("Password: ", true, &ret->password, err);
	if (r >= 0 && (str_is_empty(ret->username) || str_is_empty(ret->password)))
		return error_set(err, EINVAL, "username and password must not be empty");
	return r;
}

static int get_login(const char *authfile, const char *key, struct error *err)
{
	AUTO(auth_release) struct auth auth = {0};
	int r = auth_lookup(authfile, key, &auth, err);

	if (r < 0)
		return r;
	if (r == 0 || !auth.username)
		return error_set(err, ENOENT, "not logged into %s", key);
	out_linef("%s", auth.username);
	return 0;
}

/* 1 when credentials that are there already are still good. */
static int try_existing(const struct login_options *options,
	const struct registry_options *registry, const char *key)
{
	AUTO(auth_release) struct auth auth = {0};
	autofree char *host = host_of(key);

	if (options->username || options->password || options->password_stdin)
		return 0;
	if (auth_lookup(options->registry.authfile, key, &auth, NULL) <= 0 || !auth.password)
		return 0;
	out_linef("Authenticating with existing credentials for %s", key);
	if (registry_login_check(registry, host, auth.username, auth.password, NULL) < 0) {
		out_linef("Existing credentials are invalid, please enter valid username and "
			  "password");
		return 0;
	}
	out_linef("Existing credentials are valid. Already logged in to %s", key);
	return 1;
}

static int login(const struct login_options *options, const char *key, struct error *err)
{
	AUTO(auth_release) struct auth auth = {0};
	struct registry_options registry = session_registry(&options->registry);
	autofree char *host = host_of(key);
	autofree char *path = NULL;
	int r = registry_global_init(err);

	if (r < 0)
		return r;
	if (try_existing(options, &registry, key))
		return 0;
	r = get_credentials(options, &auth, err);
	if (r < 0)
		return r;
	r = registry_login_check(&registry, host, auth.username, auth.password, err);
	if (r < 0)
		return error_wrap(err, r, "logging into \"%s\"", key);
	r = auth_store(options->registry.authfile, key, &auth, err);
	if (r < 0)
		return r;
	out_linef("Login Succeeded!");
	path = auth_file_path(options->registry.authfile);
	if (options->verbose)
		out_linef("Used: %s", path);
	return 0;
}

int cmd_login(struct cli *cli, void *data, char **args)
{
	const struct login_options *options = data;
	autofree char *key = NULL;
	struct error err = {0};
	int r = make_key(args[0], &key, &err);

	(void)cli;
	if (r >= 0 && options->get_login)
		r = get_login(options->registry.authfile, key, &err);
	else if (r >= 0)
		r = login(options, key, &err);
	return r < 0 ? out_failed(&err) : 0;
}

static int logout(const char *authfile, const char *registry, struct error *err)
{
	autofree char *key = NULL;
	int r = make_key(registry, &key, err);

	if (r >= 0)
		r = auth_erase(authfile, key, err);
	if (r < 0)
		return r;
	if (r == 0)
		return error_set(err, ENOENT, "not logged into %s", key);
	out_linef("Removed login credentials for %s", key);
	return 0;
}

int cmd_logout(struct cli *cli, void *data, char **args)
{
	const struct logout_options *options = data;
	struct error err = {0};
	int r;

	(void)cli;
	if (options->all && args[0]) {
		r = error_set(&err, EINVAL, "--all takes no registry");
	} else if (options->all) {
		r = auth_erase(options->authfile, NULL, &err);
		if (r >= 0)
			out_linef("Removed login credentials for all registries");
	} else {
		r = logout(options->authfile, args[0], &err);
	}
	return r < 0 ? out_failed(&err) : 0;
}
