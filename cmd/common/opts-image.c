/* SPDX-License-Identifier: Apache-2.0 */
#include "common/opts-image.h"

#include <errno.h>

#define IMAGE_PROGRAM "coracle-image"

/* Rows of struct registry_cli_options but --creds, which login has not. */
#define REGISTRY_ROWS \
	OPT_STRING(struct registry_cli_options, authfile, "authfile", 0, "FILE", \
		"Credentials file, instead of the default one", .complete = COMPLETE_FILES), \
		OPT_STRING(struct registry_cli_options, cert_dir, "cert-dir", 0, "DIR", \
			"Certificates and keys for the registry", .complete = COMPLETE_DIRS), \
		OPT_BOOL(struct registry_cli_options, tls_verify, "tls-verify", 0, \
			"Require HTTPS and check certificates (default: as registries.conf says)", \
			.has_offset = offsetof(struct registry_cli_options, has_tls_verify))

static const struct opt registry_opts[] = {
	REGISTRY_ROWS,
	OPT_STRING(struct registry_cli_options, creds, "creds", 0, "USER[:PASSWORD]",
		"Credentials for the registry"),
	OPT_END,
};

static const struct opt login_registry_opts[] = {
	REGISTRY_ROWS,
	OPT_END,
};

const struct opt platform_cli_opts[] = {
	OPT_STRING(struct platform_cli_options, platform, "platform", 0, "OS/ARCH[/VARIANT]",
		"Platform to choose from an index"),
	OPT_STRING(struct platform_cli_options, os, "os", 0, "OS",
		"Operating system to choose from an index"),
	OPT_STRING(struct platform_cli_options, arch, "arch", 0, "ARCH",
		"Architecture to choose from an index"),
	OPT_STRING(struct platform_cli_options, variant, "variant", 0, "VARIANT",
		"Variant of the architecture to choose from an index"),
	OPT_END,
};

int platform_cli_text(const struct platform_cli_options *options, char **ret, struct error *err)
{
	const char *os = options->os ? options->os : "linux";

	if (options->platform && (options->os || options->arch || options->variant))
		return error_set(
			err, EINVAL, "--platform cannot be used with --os, --arch or --variant");
	if (options->variant && !options->arch)
		return error_set(err, EINVAL, "--variant needs --arch");
	if (options->platform)
		*ret = xstrdup(options->platform);
	else if (options->variant)
		*ret = xasprintf("%s/%s/%s", os, options->arch, options->variant);
	else if (options->arch)
		*ret = xasprintf("%s/%s", os, options->arch);
	else
		*ret = xstrdup(options->os);
	return 0;
}

static const struct opt pull_opts[] = {
	OPT_GROUP(struct pull_options, registry, registry_opts),
	OPT_GROUP(struct pull_options, platform, platform_cli_opts),
	OPT_STRING(struct pull_options, policy, "policy", 0, "POLICY", "When to ask the registry",
		.values = "always|missing|never|newer"),
	OPT_BOOL(struct pull_options, quiet, "quiet", 'q', "Print nothing but the id"),
	OPT_I64(struct pull_options, retry, "retry", 0, "N",
		"How often to try again after a failure (default 3)",
		.has_offset = offsetof(struct pull_options, has_retry)),
	OPT_STRING(struct pull_options, retry_delay, "retry-delay", 0, "DURATION",
		"Pause before each new try (default: grows)"),
	OPT_END,
};

const struct command pull_command = {
	.name = "pull",
	.summary = "Fetch images from a registry",
	.arguments = "[OPTIONS] IMAGE [IMAGE...]",
	.opts = pull_opts,
	.options_size = sizeof(struct pull_options),
	.min_args = 1,
	.max_args = CLI_ANY_NUMBER,
	.complete = COMPLETE_IMAGES,
	.program = IMAGE_PROGRAM,
};

static const struct opt import_opts[] = {
	OPT_LIST(struct import_options, change, "change", 'c', "INSTRUCTION",
		"Containerfile instruction for the image's configuration, such as CMD=sh"),
	OPT_STRING(struct import_options, message, "message", 'm', "TEXT",
		"Comment in the image's history"),
	OPT_BOOL(struct import_options, quiet, "quiet", 'q', "Print nothing but the id"),
	OPT_STRING(struct import_options, platform.os, "os", 0, "OS",
		"Operating system the image is for"),
	OPT_STRING(struct import_options, platform.arch, "arch", 0, "ARCH",
		"Architecture the image is for"),
	OPT_STRING(struct import_options, platform.variant, "variant", 0, "VARIANT",
		"Variant of the architecture"),
	OPT_END,
};

const struct command import_command = {
	.name = "import",
	.summary = "Make an image out of a tar file",
	.arguments = "[OPTIONS] PATH|- [REFERENCE]",
	.opts = import_opts,
	.options_size = sizeof(struct import_options),
	.min_args = 1,
	.max_args = 2,
	.complete = COMPLETE_FILES,
	.program = IMAGE_PROGRAM,
};

static const struct opt login_opts[] = {
	OPT_GROUP(struct login_options, registry, login_registry_opts),
	OPT_STRING(struct login_options, username, "username", 'u', "NAME", "User name"),
	OPT_STRING(struct login_options, password, "password", 'p', "PASSWORD",
		"Password; seen by everybody who can list processes"),
	OPT_BOOL(struct login_options, password_stdin, "password-stdin", 0,
		"Read the password from standard input"),
	OPT_BOOL(struct login_options, get_login, "get-login", 0,
		"Print the user name that is logged in"),
	OPT_BOOL(struct login_options, verbose, "verbose", 'v', "Print where it was stored"),
	OPT_END,
};

const struct command login_command = {
	.name = "login",
	.summary = "Log in to a registry",
	.arguments = "[OPTIONS] [REGISTRY]",
	.opts = login_opts,
	.options_size = sizeof(struct login_options),
	.max_args = 1,
	.program = IMAGE_PROGRAM,
};

static const struct opt logout_opts[] = {
	OPT_STRING(struct logout_options, authfile, "authfile", 0, "FILE",
		"Credentials file, instead of the default one", .complete = COMPLETE_FILES),
	OPT_BOOL(struct logout_options, all, "all", 'a', "Log out of every registry"),
	OPT_END,
};

const struct command logout_command = {
	.name = "logout",
	.summary = "Forget the credentials of a registry",
	.arguments = "[OPTIONS] [REGISTRY]",
	.opts = logout_opts,
	.options_size = sizeof(struct logout_options),
	.max_args = 1,
	.program = IMAGE_PROGRAM,
};
