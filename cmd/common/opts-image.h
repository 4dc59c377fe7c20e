/* SPDX-License-Identifier: Apache-2.0 */
#ifndef COMMON_OPTS_IMAGE_H
#define COMMON_OPTS_IMAGE_H

#include "common/command.h"

/*
 * Options of the verbs that coracle-image carries out. Both programs have the tables: coracle
 * for completion and the list of commands, coracle-image to parse. There, a row of the command
 * table sets .run; in coracle .run is NULL and .program says where the verb lives.
 */

/* Access to a registry, shared by pull, login and later push and search. */
struct registry_cli_options {
	char *authfile;
	char *creds; /* user[:password] */
	char *cert_dir;
	bool has_tls_verify;
	bool tls_verify;
};

struct platform_cli_options {
	char *platform; /* os/arch[/variant] */
	char *os;
	char *arch;
	char *variant;
};
/* The platform as one text, NULL when nothing was given; -EINVAL for --platform with the others. */
int platform_cli_text(const struct platform_cli_options *options, char **ret, struct error *err);
extern const struct opt platform_cli_opts[];

struct pull_options {
	struct registry_cli_options registry;
	struct platform_cli_options platform;
	char *policy; /* "always", "missing", "never", "newer"; NULL: always */
	bool quiet;
	bool has_retry;
	int64_t retry;     /* attempts after the first */
	char *retry_delay; /* Go duration */
};

struct import_options {
	struct platform_cli_options platform;
	char **change;
	char *message;
	bool quiet;
};

struct login_options {
	struct registry_cli_options registry; /* without creds */
	char *username;
	char *password;
	bool password_stdin;
	bool get_login;
	bool verbose;
};

struct logout_options {
	char *authfile;
	bool all;
};

extern const struct command pull_command;   /* IMAGE [IMAGE...] */
extern const struct command import_command; /* PATH|URL|- [REFERENCE] */
extern const struct command login_command;  /* [REGISTRY] */
extern const struct command logout_command; /* [REGISTRY] */

#endif
