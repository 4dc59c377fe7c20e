/* SPDX-License-Identifier: Apache-2.0 */
#include "runtime/seccomp-cache.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/utsname.h>

#include "base/clock.h"
#include "base/str.h"
#include "spec/defaults.h"
#include "sys/file.h"
#include "sys/process.h"

/* Raised when coracle-seccomp makes other programs: a later version finds what this one cached. */
#define SECCOMP_COMPILER_VERSION "3"
/* Time stamps of files go in ticks of some milliseconds; those of FAT take two seconds. */
#define SETTLING_S 2

/* A filter that is wanted. */
struct request {
	const char *profile; /* path; NULL: the built-in one */
	int profile_fd;      /* the profile, opened; -1 with the built-in one */
	char *const *caps;
	char *name; /* of the filter in the cache; owned */
	bool is_settled;
};

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
 * Hashing what it says, so that nobody can forge it, would take longer than the rest. A file that
 * is the same one and was not changed since says the same, unless the change came within the tick
 * of its clock. The change time cannot be set by hand.
 */
static int identify_profile(struct request *request, struct error *err)
{
	int64_t now_s = clock_now_ns() / 1000000000;
	struct stat st;

	/* O_NONBLOCK: a fifo must not hang us. */
	request->profile_fd = open(request->profile, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	if (request->profile_fd < 0 || fstat(request->profile_fd, &st) < 0)
		return error_sys(err, errno, "seccomp profile: open %s", request->profile);
	request->is_settled = S_ISREG(st.st_mode) && st.st_ctim.tv_sec < now_s - SETTLING_S;
	request->name = xasprintf("file-%jx-%jx-%jx-%jx.%lx-%jx.%lx-%016" PRIx64 ".bpf",
		(uintmax_t)st.st_dev, (uintmax_t)st.st_ino, (uintmax_t)st.st_size,
		(uintmax_t)st.st_mtim.tv_sec, (unsigned long)st.st_mtim.tv_nsec,
		(uintmax_t)st.st_ctim.tv_sec, (unsigned long)st.st_ctim.tv_nsec,
		hash_circumstances(request->caps));
	return 0;
}

static int identify(struct request *request, struct error *err)
{
	if (request->profile)
		return identify_profile(request, err);
	request->is_settled = true;
	request->name = xasprintf("default-%016" PRIx64 ".bpf",
		quick_hash(hash_circumstances(request->caps), default_seccomp_profile));
	return 0;
}

static int open_cache(int runfd, struct error *err)
{
	if (mkdirat(runfd, "seccomp", 0700) < 0 && errno != EEXIST)
		return error_sys(err, errno, "create directory seccomp");
	return dir_open_at(runfd, "seccomp", err);
}

/*
 * Runs coracle-seccomp with the directory as descriptor 3 and has it write @name there. It reads
 * the file that was identified, not what has its name by then.
 */
static int compile(int dirfd, const char *name, const struct request *request, struct error *err)
{
	autofree char *program = libexec_path("coracle-seccomp");
	autofree char *cap_list = strv_join(request->caps, ",");
	autofree char *output = xasprintf("/proc/self/fd/3/%s", name);
	autofree char *errors = NULL;
	autofree char *ignored = NULL;
	const char *argv[] = {"coracle-seccomp", "--profile",
		request->profile ? request->profile : "default", "--profile-fd",
		request->profile ? "4" : "-1", "--caps", cap_list, "--output", output, NULL};
	const int fds[] = {dirfd, request->profile_fd};
	struct process_spawn spawn = {.path = program,
		.argv = (char *const *)argv,
		.stdin_fd = -1,
		.stdout_fd = -1,
		.stderr_fd = -1,
		.fds = fds,
		.fd_count = request->profile ? 2 : 1};
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

static int open_filter(int dirfd, const char *name)
{
	return openat(dirfd, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
}

static int compile_and_open(
	int dirfd, const char *name, const struct request *request, struct error *err)
{
	int r = compile(dirfd, name, request, err);
	int fd;

	if (r < 0)
		return r;
	fd = open_filter(dirfd, name);
	return fd < 0 ? error_sys(err, errno, "open the seccomp filter") : fd;
}

/* For a profile that was changed just now, and may be once more without a trace: used, not kept. */
static int make_for_once(int dirfd, const struct request *request, struct error *err)
{
	autofree char *name = xasprintf("%s.once-%d-%" PRIx64, request->name, (int)getpid(),
		(uint64_t)clock_monotonic_ns());
	int fd = compile_and_open(dirfd, name, request, err);

	if (fd >= 0)
		(void)unlinkat(dirfd, name, 0);
	return fd;
}

static int find_or_make(int dirfd, const struct request *request, struct error *err)
{
	int fd;

	if (!request->is_settled)
		return make_for_once(dirfd, request, err);
	fd = open_filter(dirfd, request->name);
	return fd < 0 ? compile_and_open(dirfd, request->name, request, err) : fd;
}

int seccomp_filter_prepare(
	int runfd, const char *profile, char *const *caps, int *ret_fd, struct error *err)
{
	struct request request = {.profile = profile, .profile_fd = -1, .caps = caps};
	autoclose int dirfd = -1;
	int r = identify(&request, err);

	if (r == 0)
		r = dirfd = open_cache(runfd, err);
	if (r >= 0)
		r = find_or_make(dirfd, &request, err);
	if (r >= 0)
		*ret_fd = r;
	close_fd(&request.profile_fd);
	free(request.name);
	return r < 0 ? r : 0;
}
