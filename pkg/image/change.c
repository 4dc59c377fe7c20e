/* SPDX-License-Identifier: Apache-2.0 */
#include <ctype.h>
#include <errno.h>
#include <json-c/json.h>
#include <strings.h>

#include "base/str.h"
#include "image/config.h"
#include "image/words.h"

/* One handler per instruction; each leaves the configuration as it was when it fails. */
typedef int (*change_fn)(struct image_run_config *config, const char *args, struct error *err);

static void set_list(char ***to, char **list)
{
	strv_free(*to);
	*to = list;
}

static void set_string(char **to, const char *text)
{
	free(*to);
	*to = xstrdup(text);
}

/* Exec form, or what a shell shall run. */
static char **command_list(const struct image_run_config *config, const char *args)
{
	char **list = NULL;

	if (words_json(args, &list))
		return list;
	if (config->shell) {
		list = strv_dup(config->shell);
	} else {
		strv_add(&list, "/bin/sh");
		strv_add(&list, "-c");
	}
	strv_add(&list, args);
	return list;
}

static int change_cmd(struct image_run_config *config, const char *args, struct error *err)
{
	(void)err;
	set_list(&config->cmd, command_list(config, args));
	return 0;
}

static int change_entrypoint(struct image_run_config *config, const char *args, struct error *err)
{
	(void)err;
	/* The command stays, as with podman: a CMD may have come before. */
	set_list(&config->entrypoint, command_list(config, args));
	return 0;
}

/* "k=v k=v" or "k rest of line" into a list of pairs. */
static int parse_pairs(const char *args, struct strmap *ret, struct error *err)
{
	AUTO(strv_free) char **words = NULL;
	size_t name_len = strcspn(args, " \t=");
	int r;

	if (name_len > 0 && args[name_len] != '=') {
		autofree char *name = xstrndup(args, name_len);
		const char *value = args + name_len;

		value += strspn(value, " \t");
		if (!*value)
			return error_set(err, EINVAL, "%s has no value", name);
		strmap_set(ret, name, value);
		return 0;
	}
	r = words_split(args, &words, err);
	for (size_t i = 0; r == 0 && words && words[i]; i++) {
		char *equals = strchr(words[i], '=');

		if (!equals || equals == words[i])
			return error_set(
				err, EINVAL, "\"%s\" is not of the form name=value", words[i]);
		*equals = '\0';
		strmap_set(ret, words[i], equals + 1);
	}
	return r;
}

static int change_env(struct image_run_config *config, const char *args, struct error *err)
{
	AUTO(strmap_release) struct strmap pairs = {0};
	int r = parse_pairs(args, &pairs, err);

	for (size_t i = 0; r == 0 && i < pairs.count; i++)
		strv_env_set(&config->env, pairs.items[i].key, pairs.items[i].value);
	return r;
}

static int change_label(struct image_run_config *config, const char *args, struct error *err)
{
	AUTO(strmap_release) struct strmap pairs = {0};
	int r = parse_pairs(args, &pairs, err);

	if (r == 0)
		strmap_copy(&config->labels, &pairs);
	return r;
}

/* -1 for what is no port. */
static int port_number(const char *text)
{
	uint64_t number;

	if (str_to_u64(text, 10, &number) < 0 || number == 0 || number > 65535)
		return -1;
	return (int)number;
}

/* "80", "80/udp", "8000-8010/tcp" as the image configuration wants it, or NULL. */
static char *exposed_port(const char *word)
{
	const char *slash = strchr(word, '/');
	const char *protocol = slash ? slash + 1 : "tcp";
	autofree char *ports = slash ? xstrndup(word, (size_t)(slash - word)) : xstrdup(word);
	autofree char *first = xstrndup(ports, strcspn(ports, "-"));
	const char *dash = strchr(ports, '-');

	if (port_number(first) < 0 || (dash && port_number(dash + 1) < port_number(first)))
		return NULL;
	if (strcasecmp(protocol, "tcp") && strcasecmp(protocol, "udp") &&
		strcasecmp(protocol, "sctp"))
		return NULL;
	return xasprintf("%s/%s", ports, protocol);
}

static int change_expose(struct image_run_config *config, const char *args, struct error *err)
{
	AUTO(strv_free) char **words = NULL;
	AUTO(strv_free) char **ports = NULL;
	int r = words_split(args, &words, err);

	if (r < 0)
		return r;
	for (size_t i = 0; words && words[i]; i++) {
		char *port = exposed_port(words[i]);

		if (!port)
			return error_set(err, EINVAL, "invalid port \"%s\"", words[i]);
		strv_take(&ports, port);
	}
	for (size_t i = 0; ports && ports[i]; i++)
		if (!strv_has(config->exposed_ports, ports[i]))
			strv_add(&config->exposed_ports, ports[i]);
	return 0;
}

static int change_volume(struct image_run_config *config, const char *args, struct error *err)
{
	AUTO(strv_free) char **words = NULL;
	int r = words_json(args, &words) ? 0 : words_split(args, &words, err);

	if (r < 0)
		return r;
	for (size_t i = 0; words && words[i]; i++)
		if (!words[i][0])
			return error_set(err, EINVAL, "empty path");
	for (size_t i = 0; words && words[i]; i++)
		if (!strv_has(config->volumes, words[i]))
			strv_add(&config->volumes, words[i]);
	return 0;
}

static int change_workdir(struct image_run_config *config, const char *args, struct error *err)
{
	const char *base = str_is_empty(config->working_dir) ? "" : config->working_dir;
	autofree char *path = NULL;

	(void)err;
	if (args[0] == '/')
		path = xstrdup(args);
	else
		path = xasprintf("%s%s%s", base, str_has_suffix(base, "/") ? "" : "/", args);
	set_string(&config->working_dir, path);
	return 0;
}

static int change_user(struct image_run_config *config, const char *args, struct error *err)
{
	(void)err;
	set_string(&config->user, args);
	return 0;
}

static int change_stop_signal(struct image_run_config *config, const char *args, struct error *err)
{
	/* A name or a number; what this kernel calls it is decided when a container is made. */
	for (const char *c = args; *c; c++)
		if (!isalnum((unsigned char)*c) && *c != '+' && *c != '-')
			return error_set(err, EINVAL, "invalid signal \"%s\"", args);
	set_string(&config->stop_signal, args);
	return 0;
}

static int change_on_build(struct image_run_config *config, const char *args, struct error *err)
{
	(void)err;
	strv_add(&config->on_build, args);
	return 0;
}

/* One of HEALTHCHECK's options into the JSON that docker keeps. */
static int health_option(struct json_object *health, const char *option, struct error *err)
{
	static const struct {
		const char *option, *key;
	} durations[] = {
		{"--interval=", "Interval"},
		{"--timeout=", "Timeout"},
		{"--start-period=", "StartPeriod"},
		{"--start-interval=", "StartInterval"},
	};
	const char *value = str_after(option, "--retries=");
	uint64_t retries;
	int64_t ns;

	if (value && str_to_u64(value, 10, &retries) == 0 && retries < 1000000) {
		json_object_object_add(health, "Retries", json_object_new_int64((int64_t)retries));
		return 0;
	}
	for (size_t i = 0; i < ARRAY_SIZE(durations); i++) {
		value = str_after(option, durations[i].option);
		if (value && str_to_duration(value, &ns) == 0 && ns >= 0) {
			json_object_object_add(health, durations[i].key, json_object_new_int64(ns));
			return 0;
		}
	}
	return error_set(err, EINVAL, "invalid option \"%s\"", option);
}

static void health_test(struct json_object *health, const char *kind, char *const *words)
{
	struct json_object *test = json_object_new_array();

	json_object_array_add(test, json_object_new_string(kind));
	for (size_t i = 0; words && words[i]; i++)
		json_object_array_add(test, json_object_new_string(words[i]));
	json_object_object_add(health, "Test", test);
}

static int health_command(struct json_object *health, const char *args, struct error *err)
{
	AUTO(strv_free) char **words = NULL;
	const char *command;

	if (strcasecmp(args, "NONE") == 0) {
		health_test(health, "NONE", NULL);
		return 0;
	}
	if (strncasecmp(args, "CMD", 3) != 0 || !args[3] || !strchr(" \t", args[3]))
		return error_set(err, EINVAL, "want CMD or NONE");
	command = args + 3 + strspn(args + 3, " \t");
	if (!*command)
		return error_set(err, EINVAL, "no command after CMD");
	if (words_json(command, &words)) {
		health_test(health, "CMD", words);
		return 0;
	}
	strv_add(&words, command);
	health_test(health, "CMD-SHELL", words);
	return 0;
}

static int change_healthcheck(struct image_run_config *config, const char *args, struct error *err)
{
	AUTO(json_free) struct json_object *health = json_object_new_object();
	int r = 0;

	while (r == 0 && str_after(args, "--")) {
		size_t len = strcspn(args, " \t");
		autofree char *option = xstrndup(args, len);

		r = health_option(health, option, err);
		args += len + strspn(args + len, " \t");
	}
	if (r == 0)
		r = health_command(health, args, err);
	if (r < 0)
		return r;
	json_object_put(config->healthcheck);
	config->healthcheck = take_ptr(health);
	return 0;
}

static const struct {
	const char *name;
	change_fn apply;
} changes[] = {
	{"CMD", change_cmd},
	{"ENTRYPOINT", change_entrypoint},
	{"ENV", change_env},
	{"EXPOSE", change_expose},
	{"HEALTHCHECK", change_healthcheck},
	{"LABEL", change_label},
	{"ONBUILD", change_on_build},
	{"STOPSIGNAL", change_stop_signal},
	{"USER", change_user},
	{"VOLUME", change_volume},
	{"WORKDIR", change_workdir},
};

int image_change(struct image_config *config, const char *instruction, struct error *err)
{
	const char *text = instruction + strspn(instruction, " \t");
	size_t len = strcspn(text, " \t=");
	const char *args = text + len;
	autofree char *name = xstrndup(text, len);
	autofree char *trimmed = NULL;
	size_t end;

	if (*args == '=')
		args++;
	args += strspn(args, " \t");
	end = strlen(args);
	while (end && strchr(" \t\r\n", args[end - 1]))
		end--;
	trimmed = xstrndup(args, end);
	for (size_t i = 0; i < ARRAY_SIZE(changes); i++) {
		int r;

		if (strcasecmp(name, changes[i].name) != 0)
			continue;
		if (!*trimmed)
			return error_set(err, EINVAL, "change \"%s\": nothing after %s",
				instruction, changes[i].name);
		r = changes[i].apply(&config->config, trimmed, err);
		return r < 0 ? error_wrap(err, r, "change \"%s\"", instruction) : 0;
	}
	return error_set(err, EINVAL, "change \"%s\": unknown instruction", instruction);
}
