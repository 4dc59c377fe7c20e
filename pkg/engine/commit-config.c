/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "engine/commit-image.h"

static void set_text(char **member, const char *value)
{
	free(*member);
	*member = xstrdup(value);
}

static void set_list(char ***member, char *const *value)
{
	strv_free(*member);
	*member = strv_dup(value);
}

/* Variables that every container gets, or that are the host's. */
static bool is_of_the_engine(const char *name)
{
	static const char *const names[] = {"HOME", "HOSTNAME", "TERM", "container", "http_proxy",
		"https_proxy", "ftp_proxy", "no_proxy", "HTTP_PROXY", "HTTPS_PROXY", "FTP_PROXY",
		"NO_PROXY"};

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		if (str_eq(name, names[i]))
			return true;
	}
	return false;
}

static void set_env(struct image_run_config *config, char *const *env)
{
	char **kept = NULL;

	for (size_t i = 0; env && env[i]; i++) {
		autofree char *name = xstrndup(env[i], strcspn(env[i], "="));

		if (!is_of_the_engine(name) || strv_env_get(config->env, name))
			strv_add(&kept, env[i]);
	}
	strv_free(config->env);
	config->env = kept;
}

static void add_ports(struct image_run_config *config, const struct container_record *record)
{
	for (char **port = record->exposed; port && *port; port++) {
		autofree char *full =
			strchr(*port, '/') ? xstrdup(*port) : xasprintf("%s/tcp", *port);

		if (!strv_has(config->exposed_ports, full))
			strv_add(&config->exposed_ports, full);
	}
}

static void add_volumes(struct image_run_config *config, const struct container_record *record)
{
	for (size_t i = 0; i < record->mount_count; i++) {
		const struct container_mount *mount = &record->mounts[i];

		if (!str_eq(mount->type, "tmpfs") && !strv_has(config->volumes, mount->destination))
			strv_add(&config->volumes, mount->destination);
	}
}

/* As the container was made, with what its options said. */
static void set_defaults(struct image_run_config *config, const struct container_record *record,
	char *const *env, const struct engine_commit *commit)
{
	set_env(config, env);
	set_list(&config->entrypoint, record->entrypoint);
	set_list(&config->cmd, record->command);
	set_text(&config->working_dir, record->working_dir);
	if (!str_is_empty(record->user) || config->user)
		set_text(&config->user, record->user);
	/* SIGTERM is what it is without a word. */
	if (config->stop_signal || !str_eq(record->stop_signal, "SIGTERM"))
		set_text(&config->stop_signal, record->stop_signal);
	for (size_t i = 0; i < record->labels.count; i++)
		strmap_set(&config->labels, record->labels.items[i].key,
			record->labels.items[i].value);
	add_ports(config, record);
	if (commit->include_volumes)
		add_volumes(config, record);
}

int commit_config(struct image_config *config, const struct container_record *record,
	char *const *env, const struct engine_commit *commit, int64_t now_ns, struct error *err)
{
	set_defaults(&config->config, record, env, commit);
	for (char *const *change = commit->changes; change && *change; change++) {
		int r = image_change(config, *change, err);

		if (r < 0)
			return r;
	}
	if (config->config.healthcheck && !commit->docker) {
		log_warn("the health check is left out: OCI images have none (--format docker)");
		json_object_put(config->config.healthcheck);
		config->config.healthcheck = NULL;
	}
	free(config->created);
	config->created = time_format(now_ns);
	if (commit->author)
		set_text(&config->author, commit->author);
	return 0;
}

static void drop_history(struct image_config *config)
{
	/* By its own table, which knows what each entry owns. */
	struct image_config old = {
		.history = config->history, .history_count = config->history_count};

	config->history = NULL;
	config->history_count = 0;
	image_config_release(&old);
}

void commit_config_layer(struct image_config *config, const struct container_record *record,
	const struct engine_commit *commit, const char *diff_id)
{
	AUTO(strv_free) char **args = strv_dup(record->entrypoint);
	struct image_history *entry;

	strv_add_all(&args, record->command);
	if (commit->squash) {
		strv_free(config->rootfs.diff_ids);
		config->rootfs.diff_ids = NULL;
		drop_history(config);
	}
	strv_add(&config->rootfs.diff_ids, diff_id);
	/* Not list_grow(): the parser has made just as much room as it needed. */
	config->history =
		xrealloc(config->history, config->history_count + 1, sizeof(*config->history));
	entry = &config->history[config->history_count++];
	*entry = (struct image_history){
		.created = xstrdup(config->created),
		.author = xstrdup(commit->author),
		.created_by = strv_join(args, " "),
		.comment = commit->message ? xstrdup(commit->message)
					   : xasprintf("FROM %s", record->image),
	};
}
