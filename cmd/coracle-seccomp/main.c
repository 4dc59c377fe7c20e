/* SPDX-License-Identifier: Apache-2.0 */
/*
 * coracle-seccomp --profile FILE|default [--profile-fd N] --caps CAP_A,CAP_B --output FILE
 *
 * Compiles a seccomp profile for a set of capabilities. A program of its own, because nothing on
 * the way of a container's start links libseccomp; the result is kept (runtime/seccomp-cache.h).
 * With a descriptor (-1: none) the profile is read from there, and FILE is its name in messages.
 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <limits.h>
#include <stdio.h>

#include "compile.h"
#include "profile.h"
#include "spec/capability.h"
#include "spec/defaults.h"
#include "sys/file.h"

#define PROFILE_MAX_BYTES (4 << 20)

/* What a command line asks for. */
struct arguments {
	const char *profile;
	int profile_fd; /* -1: open it by name */
	const char *caps;
	const char *output;
};

static int read_profile(const struct arguments *args, struct profile *ret, struct error *err)
{
	const char *path = args->profile;
	autofree char *text = NULL;
	size_t len;
	int r;

	if (args->profile_fd < 0 && str_eq(path, "default"))
		return profile_parse(
			default_seccomp_profile, strlen(default_seccomp_profile), ret, err);
	r = args->profile_fd < 0
		    ? file_read_at(AT_FDCWD, path, PROFILE_MAX_BYTES, &text, &len, err)
		    : fd_read_all(args->profile_fd, PROFILE_MAX_BYTES, &text, &len, err);
	if (r == 0)
		r = profile_parse(text, len, ret, err);
	return r < 0 ? error_wrap(err, r, "%s", path) : 0;
}

static int parse_caps(const char *text, uint64_t *ret, struct error *err)
{
	AUTO(strv_free) char **names = NULL;

	if (!*text)
		return 0;
	names = strv_split(text, ',');
	return capability_set(names, ret, err);
}

/* Written beside its place and renamed, so that a reader never sees a part. */
static int write_filter(
	const struct profile *profile, uint64_t caps, const char *output, struct error *err)
{
	autofree char *temporary = xasprintf("%s.tmp-%d", output, (int)getpid());
	autoclose int fd = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	int r;

	if (fd < 0)
		return error_sys(err, errno, "create %s", temporary);
	r = compile_profile(profile, caps, fd, err);
	if (r == 0 && rename(temporary, output) < 0)
		r = error_sys(err, errno, "rename %s", temporary);
	if (r < 0)
		unlink(temporary);
	return r;
}

static int run(const struct arguments *args, struct error *err)
{
	AUTO(profile_release) struct profile profile = {0};
	uint64_t caps = 0;
	int r = parse_caps(args->caps, &caps, err);

	if (r == 0)
		r = read_profile(args, &profile, err);
	return r < 0 ? r : write_filter(&profile, caps, args->output, err);
}

static bool parse_arguments(int argc, char **argv, struct arguments *args)
{
	static const struct option options[] = {
		{"profile", required_argument, NULL, 'p'},
		{"profile-fd", required_argument, NULL, 'f'},
		{"caps", required_argument, NULL, 'c'},
		{"output", required_argument, NULL, 'o'},
		{NULL, 0, NULL, 0},
	};
	int64_t fd;
	int c;

	while ((c = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (c == 'p')
			args->profile = optarg;
		else if (c == 'f' && str_to_i64(optarg, &fd) == 0 && fd >= -1 && fd <= INT_MAX)
			args->profile_fd = (int)fd;
		else if (c == 'c')
			args->caps = optarg;
		else if (c == 'o')
			args->output = optarg;
		else
			return false;
	}
	return args->output && optind == argc;
}

int main(int argc, char **argv)
{
	struct arguments args = {.profile = "default", .profile_fd = -1, .caps = ""};
	struct error err = {0};

	if (!parse_arguments(argc, argv, &args)) {
		fputs("usage: coracle-seccomp [--profile FILE|default] [--profile-fd N] "
		      "[--caps CAP,...] --output FILE\n",
			stderr);
		return 125;
	}
	if (run(&args, &err) < 0) {
		fprintf(stderr, "seccomp: %s\n", error_text(&err));
		return 1;
	}
	return 0;
}
