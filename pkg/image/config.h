/* SPDX-License-Identifier: Apache-2.0 */
#ifndef IMAGE_CONFIG_H
#define IMAGE_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/json.h"
#include "image/platform.h"

#define IMAGE_CONFIG_MAX_BYTES (4 * 1024 * 1024)

/* Execution parameters (image-spec, config.md, "config"). */
struct image_run_config {
	char *user;                      /* "User" */
	char **exposed_ports;            /* "ExposedPorts", a set: "80/tcp" */
	char **env;                      /* "Env" */
	char **entrypoint;               /* "Entrypoint"; NULL and empty are the same */
	char **cmd;                      /* "Cmd" */
	char **volumes;                  /* "Volumes", a set of paths */
	char *working_dir;               /* "WorkingDir" */
	struct strmap labels;            /* "Labels" */
	char *stop_signal;               /* "StopSignal" */
	bool args_escaped;               /* "ArgsEscaped" */
	char **on_build;                 /* "OnBuild" (docker) */
	char **shell;                    /* "Shell" (docker) */
	struct json_object *healthcheck; /* "Healthcheck" (docker), kept as it is */
};

struct image_history {
	char *created; /* RFC 3339 */
	char *author;
	char *created_by;
	char *comment;
	bool empty_layer;
};

struct image_rootfs {
	char *type;      /* "layers" */
	char **diff_ids; /* strv: digests of the uncompressed layers, base first */
};

/* struct image_config - image-spec, config.md. */
struct image_config {
	char *created; /* RFC 3339, NULL when unknown */
	char *author;
	char *architecture;
	char *os;
	char *os_version;
	char **os_features;
	char *variant;
	struct image_run_config config;
	struct image_rootfs rootfs;
	struct image_history *history;
	size_t history_count;
};
extern const struct json_field image_run_config_fields[];

void image_config_release(struct image_config *config);
static inline void auto_image_config_release(struct image_config *config)
{
	image_config_release(config);
}

/*
 * image_config_parse - read a configuration, OCI or docker's.
 * os and architecture must be there, rootfs.type be "layers", diff ids valid, the number of
 * history entries that are no empty layers at most the number of layers.
 * JSON null counts as absent, as docker writes it.
 * Returns 0; -EBADMSG.
 */
int image_config_parse(const char *bytes, size_t len, struct image_config *ret, struct error *err);

/* The configuration as JSON text, owned by the caller. What is no UTF-8 becomes U+FFFD. */
char *image_config_write(const struct image_config *config);

void image_config_platform(const struct image_config *config, struct platform *ret);

/*
 * image_change - apply one instruction of `import --change`: CMD ENTRYPOINT ENV EXPOSE LABEL
 * ONBUILD STOPSIGNAL USER VOLUME WORKDIR HEALTHCHECK, in Containerfile form ("CMD a b",
 * "CMD [\"a\"]") or docker's "CMD=a".
 * Returns 0; -EINVAL, with @config unchanged.
 */
int image_change(struct image_config *config, const char *instruction, struct error *err);

#endif
