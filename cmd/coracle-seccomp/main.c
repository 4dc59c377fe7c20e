/* SPDX-License-Identifier: Apache-2.0 */
/*
 * coracle-seccomp --profile FILE|default --caps CAP_A,CAP_B --output FILE
 *
 * Compiles a seccomp profile for a set of capabilities. A program of its own, because nothing on
 * the way of a container's start links libseccomp; the result is kept (runtime/seccomp-cache.h).
 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdio.h>

#include "compile.h"
#include "profile.h"
#include "spec/capability.h"
#include "spec/defaults.h"
#include "sys/file.h"

#define PROFILE_MAX_BYTES (4 << 20)

static int read_profile(const char *path, struct profile *ret, struct error *err)
{
	autofree char *text = NULL;
	size_t len;
	int r;

	if (str_eq(path, "default"))
		return profile_parse(
			default_seccomp_profile, strlen(default_seccomp_profile), ret, err);
	r = file_read_at(AT_FDCWD, path, PROFILE_MAX_BYTES, &text, &len, err);
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

static int run(
	const char *profile_path, const char *caps_text, const char *output, struct error *err)
{
	AUTO(profile_release) struct profile profile = {0};
	uint64_t caps = 0;
	int r = parse_caps(caps_text, &caps, err);

	if (r == 0)
		r = read_profile(profile_path, &profile, err);
	return r < 0 ? r : write_filter(&profile, caps, output, err);
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{"profile", required_argument, NULL, 'p'},
		{"caps", required_argument, NULL, 'c'},
		{"output", required_argument, NULL, 'o'},
		{NULL, 0, NULL, 0},
	};
	const char *profile = "default", *caps = "", *output = NULL;
	struct error err = {0};
	int c;

	while ((c = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (c == 'p')
			profile = optarg;
		else if (c == 'c')
			caps = optarg;
		else if (c == 'o')
			output = optarg;
		else
			return 125;
	}
	if (!output || optind != argc) {
		fputs("usage: coracle-seccomp [--profile FILE|default] [--caps CAP,...] "
		      "--output FILE\n",
			stderr);
		return 125;
	}
	if (run(profile, caps, output, &err) < 0) {
		fprintf(stderr, "seccomp: %s\n", error_text(&err));
		return 1;
	}
	return 0;
}
