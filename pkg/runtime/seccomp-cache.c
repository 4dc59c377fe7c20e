/* SPDX-License-Identifier: Apache-2.0 */
#include "runtime/seccomp-cache.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <time.h>

#include "base/str.h"
#include "spec/defaults.h"
#include "sys/file.h"
#include "sys/process.h"

/* Raised whenever coracle-seccomp makes other programs of the same profile. */
#define SECCOMP_COMPILER_VERSION "2"
#define SETTLING_S 2

/* FNV-1a, for what nobody else chooses: starting libcrypto takes longer than the rest of us. */
static uint64_t quick_hash(uint64_t hash, const char *text)
{
	do {
		hash = (hash ^ (unsigned char)*text) * UINT64_C(0x100000001b3);
	} while (*text++);
	return hash;
}

/* The kernel decides which calls have a number; a new kernel or new capabilities are a new key. */
static uint64_t hash_circumstances(char *const *caps)
{
	uint64_t hash = UINT64_C(0xcbf29ce484222325);
	struct utsname host;

	if (uname(&host) < 0)
		abort();
	hash = quick_hash(hash, SECCOMP_COMPILER_VERSION);
	hash = quick_hash(quick_hash(hash, host.machine), host.release);
	for (size_t i = 0; caps && caps[i]; i++)
		hash = quick_hash(hash, caps[i]);
	return hash;
}

/*
 * A profile is known by the identity of its file: reading it, and hashing it in a way that nobody
 * can forge, would cost more than the rest of a start. The change time cannot be set by hand.
 * @ret_settled: false while it is so young that another change could leave it as it is
 */
static int file_key(const char *profile, char **ret, bool *ret_settled, struct error *err)
{
	struct timespec now;
	struct stat st;

	if (stat(profile, &st) < 0)
		return error_sys(err, errno, "seccomp profile: open %s", profile);
	clock_gettime(CLOCK_REALTIME, &now);
	*ret_settled = now.tv_sec - st.st_ctim.tv_sec >= SETTLING_S;
	*ret = xasprintf("%" PRIx64 "-%" PRIx64 "-%" PRIx64 "-%" PRIx64 ".%09ld-%" PRIx64 ".%09ld",
		(uint64_t)st.st_dev, (uint64_t)st.st_ino, (uint64_t)st.st_size,
		(uint64_t)st.st_mtim.tv_sec, st.st_mtim.tv_nsec, (uint64_t)st.st_ctim.tv_sec,
		st.st_ctim.tv_nsec);
	return 0;
}

static int cache_key(const char *profile, char *const *caps, char **ret, bool *ret_settled,
	struct error *err)
{
	uint64_t circumstances = hash_circumstances(caps);
	autofree char *file = NULL;
	int r;

	if (!profile) {
		*ret_settled = true;
		*ret = xasprintf("default-%016" PRIx64 ".bpf",
			quick_hash(circumstances, default_seccomp_profile));
		return 0;
	}
	r = file_key(profile, &file, ret_settled, err);
	if (r < 0)
		return r;
	*ret = xasprintf("%s-%016" PRIx64 ".bpf", file, circumstances);
	return 0;
}

static int open_cache(int runfd, struct error *err)
{
	if (mkdirat(runfd, "seccomp", 0700) < 0 && errno != EEXIST)
		return error_sys(err, errno, "create directory seccomp");
	return dir_open_at(runfd, "seccomp", err);
}

/* Runs coracle-seccomp with the directory as descriptor 3 and has it write @name there. */
static int compile(
	int dirfd, const char *name, const char *profile, char *const *caps, struct error *err)
{
	autofree char *program = libexec_path("coracle-seccomp");
	autofree char *cap_list = strv_join(caps, ",");
	autofree char *output = xasprintf("/proc/self/fd/3/%s", name);
	autofree char *errors = NULL;
	autofree char *ignored = NULL;
	const char *argv[] = {"coracle-seccomp", "--profile", profile ? profile : "default",
		"--caps", cap_list, "--output", output, NULL};
	struct process_spawn spawn = {.path = program,
		.argv = (char *const *)argv,
		.stdin_fd = -1,
		.stdout_fd = -1,
		.stderr_fd = -1,
		.fds = &dirfd,
		.fd_count = 1};
	int r = process_run(&spawn, NULL, 0, 4096, &ignored, &errors, err);

	if (r < 0)
		return error_wrap(err, r, "compile the seccomp profile");
	if (r > 0) {
		if (errors)
			errors[strcspn(errors, "\n")] = '\0';
		return error_set(err, EBADMSG, "%s",
			str_is_empty(errors) ? "coracle-seccomp failed" : errors);
	}
	return 0;
}

int seccomp_filter_prepare(
	int runfd, const char *profile, char *const *caps, int *ret_fd, struct error *err)
{
	autofree char *name = NULL;
	autoclose int dirfd = -1;
	bool is_settled = false;
	int r = cache_key(profile, caps, &name, &is_settled, err);
	int fd;

	if (r < 0)
		return r;
	assert(name);
	dirfd = open_cache(runfd, err);
	if (dirfd < 0)
		return dirfd;
	fd = is_settled ? openat(dirfd, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW) : -1;
	if (fd < 0) {
		r = compile(dirfd, name, profile, caps, err);
		if (r < 0)
			return r;
		fd = openat(dirfd, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	}
	if (fd < 0)
		return error_sys(err, errno, "open the seccomp filter");
	*ret_fd = fd;
	return 0;
}
