/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CORACLE_RUN_OPTIONS_H
#define CORACLE_RUN_OPTIONS_H

#include "common/opts-image.h"
#include "engine/run-request.h"

/* The container flags of run and create; what needs no work goes straight into the request. */
struct run_options {
	struct run_request req;
	struct platform_cli_options platform;
	char **env; /* -e as typed */
	char **env_files;
	bool env_host;
	char **label_files;
	char **labels; /* --label, which beat the files */
	bool has_entrypoint;
	char *entrypoint;
	char *pull;
	bool has_tls_verify;
	bool tls_verify;
	char **attach; /* "stdin", "stdout", "stderr" in any case */
	bool sig_proxy;
	bool has_sig_proxy;
};

extern const struct opt container_opts[]; /* of struct run_options, without --detach */
void run_options_init(void *options);

/*
 * run_options_finish - complete options->req from the options and arguments.
 * @args: image and command
 * @cli:  its command line goes into the request
 */
int run_options_finish(
	struct run_options *options, const struct cli *cli, char *const *args, struct error *err);

/*
 * The environment that -e, --env-file and --env-host ask for, later ones last.
 * @host: our own environment
 */
int run_environment(
	const struct run_options *options, char *const *host, char ***ret, struct error *err);
/* Words of --entrypoint: a JSON list, one word, or none for "". */
int run_entrypoint(const char *text, char ***ret, struct error *err);

/* --cidfile: made before the container, so that two commands cannot share one. */
int cidfile_open(const char *path, struct error *err);
/* Writes the id, or removes the file when @id is NULL; closes @fd. */
int cidfile_finish(int fd, const char *path, const char *id, struct error *err);

#endif
