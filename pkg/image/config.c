/* SPDX-License-Identifier: Apache-2.0 */
#include "image/config.h"

#include <errno.h>

#include "base/digest.h"
#include "base/str.h"
#include "base/utf8.h"
#include "image/manifest.h"

const struct json_field image_run_config_fields[] = {
	JSON_STRING(struct image_run_config, user, "User"),
	JSON_SET(struct image_run_config, exposed_ports, "ExposedPorts"),
	JSON_STRINGS(struct image_run_config, env, "Env"),
	JSON_STRINGS(struct image_run_config, entrypoint, "Entrypoint"),
	JSON_STRINGS(struct image_run_config, cmd, "Cmd"),
	JSON_SET(struct image_run_config, volumes, "Volumes"),
	JSON_STRING(struct image_run_config, working_dir, "WorkingDir"),
	JSON_MAP(struct image_run_config, labels, "Labels"),
	JSON_STRING(struct image_run_config, stop_signal, "StopSignal"),
	JSON_BOOL(struct image_run_config, args_escaped, "ArgsEscaped"),
	JSON_STRINGS(struct image_run_config, on_build, "OnBuild"),
	JSON_STRINGS(struct image_run_config, shell, "Shell"),
	JSON_RAW(struct image_run_config, healthcheck, "Healthcheck"),
	JSON_END,
};

static const struct json_field history_fields[] = {
	JSON_STRING(struct image_history, created, "created"),
	JSON_STRING(struct image_history, author, "author"),
	JSON_STRING(struct image_history, created_by, "created_by"),
	JSON_STRING(struct image_history, comment, "comment"),
	JSON_BOOL(struct image_history, empty_layer, "empty_layer"),
	JSON_END,
};

static const struct json_field rootfs_fields[] = {
	JSON_STRING(struct image_rootfs, type, "type", JSON_REQUIRED),
	JSON_STRINGS(struct image_rootfs, diff_ids, "diff_ids", JSON_ALWAYS),
	JSON_END,
};

static const struct json_field config_fields[] = {
	JSON_STRING(struct image_config, created, "created"),
	JSON_STRING(struct image_config, author, "author"),
	JSON_STRING(struct image_config, architecture, "architecture", JSON_REQUIRED),
	JSON_STRING(struct image_config, os, "os", JSON_REQUIRED),
	JSON_STRING(struct image_config, os_version, "os.version"),
	JSON_STRINGS(struct image_config, os_features, "os.features"),
	JSON_STRING(struct image_config, variant, "variant"),
	JSON_OBJECT(struct image_config, config, "config", image_run_config_fields),
	JSON_OBJECT(struct image_config, rootfs, "rootfs", rootfs_fields),
	JSON_OBJECTS(struct image_config, history, history_count, "history", history_fields),
	JSON_END,
};

void image_config_release(struct image_config *config)
{
	json_release(config_fields, config);
}

static int check_rootfs(const struct image_rootfs *rootfs, struct error *err)
{
	if (!rootfs->type)
		return error_set(err, EBADMSG, "image configuration.rootfs: missing");
	if (!str_eq(rootfs->type, "layers"))
		return error_set(err, EBADMSG, "image configuration.rootfs.type: not \"layers\"");
	if (strv_len(rootfs->diff_ids) > MANIFEST_MAX_LAYERS)
		return error_set(err, EBADMSG, "image configuration: more than %d layers",
			MANIFEST_MAX_LAYERS);
	for (size_t i = 0; rootfs->diff_ids && rootfs->diff_ids[i]; i++)
		if (!digest_is_valid(rootfs->diff_ids[i]))
			return error_set(err, EBADMSG,
				"image configuration.rootfs.diff_ids[%zu]: malformed digest", i);
	return 0;
}

static int check_config(const struct image_config *config, struct error *err)
{
	size_t layers = 0;
	int r = check_rootfs(&config->rootfs, err);

	if (r < 0)
		return r;
	for (size_t i = 0; i < config->history_count; i++)
		layers += !config->history[i].empty_layer;
	if (layers > strv_len(config->rootfs.diff_ids))
		return error_set(err, EBADMSG,
			"image configuration: history names %zu layers, rootfs has %zu", layers,
			strv_len(config->rootfs.diff_ids));
	return 0;
}

int image_config_parse(const char *bytes, size_t len, struct image_config *ret, struct error *err)
{
	AUTO(image_config_release) struct image_config config = {0};
	int r;

	if (len > IMAGE_CONFIG_MAX_BYTES)
		return error_set(err, EBADMSG, "image configuration: larger than %d bytes",
			IMAGE_CONFIG_MAX_BYTES);
	r = json_read(bytes, len, "image configuration", config_fields, &config, err);
	if (r == 0)
		r = check_config(&config, err);
	if (r < 0)
		return r;
	*ret = config;
	memset(&config, 0, sizeof(config));
	return 0;
}

char *image_config_write(const struct image_config *config)
{
	autofree char *text = json_write(config_fields, config, false);

	/* Others refuse what is none: a container's arguments may come from file names. */
	return utf8_repair(text);
}

void image_config_platform(const struct image_config *config, struct platform *ret)
{
	*ret = (struct platform){
		.os = xstrdup(config->os),
		.architecture = xstrdup(config->architecture),
		.variant = xstrdup(config->variant),
		.os_version = xstrdup(config->os_version),
	};
}
