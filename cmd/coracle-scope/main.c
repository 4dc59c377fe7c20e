/* SPDX-License-Identifier: Apache-2.0 */
/*
 * coracle-scope start SLICE SCOPE PID [NAME=VALUE...]
 *     Asks the user's systemd for a transient scope around a process, with Delegate=yes, and prints
 *     its cgroup once the process is in it. Properties: Description, TimeoutStopUSec.
 * coracle-scope attach SCOPE SUBGROUP PID
 *     Moves a process into SUBGROUP ("/container") of a scope that exists.
 *
 * A program of its own, because libsystemd is loaded dynamically and coracle is static. Not for
 * people. Failure: a line on standard error without a prefix, and status 1.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/str.h"
#include "cgroup/place.h"
#include "user-manager.h"

/* A scope of the same name may be on its way out: the container was started again at once. */
#define REPLACE_TIMEOUT_NS (5 * INT64_C(1000000000))
#define REPLACE_PAUSE_NS 10000000

static int parse_pid(const char *text, uint32_t *ret, struct error *err)
{
	uint64_t value;

	if (str_to_u64(text, 10, &value) < 0 || value == 0 || value > INT32_MAX)
		return error_set(err, EINVAL, "\"%s\" is not a process id", text);
	*ret = (uint32_t)value;
	return 0;
}

static int start_scope(
	struct user_manager *manager, const struct scope_request *req, struct error *err)
{
	int64_t end_ns = clock_monotonic_ns() + REPLACE_TIMEOUT_NS;
	const struct timespec pause = {0, REPLACE_PAUSE_NS};
	int r;

	for (;;) {
		r = user_manager_start_scope(manager, req, err);
		if (r != -EEXIST || clock_monotonic_ns() > end_ns)
			return r;
		nanosleep(&pause, NULL);
	}
}

static int cmd_start(struct user_manager *manager, char **args, struct error *err)
{
	struct scope_request req = {.slice = args[0], .name = args[1], .properties = args + 3};
	autofree char *path = NULL;
	int r = parse_pid(args[2], &req.pid, err);

	if (r == 0)
		r = start_scope(manager, &req, err);
	if (r == 0)
		r = cgroup_path_of((long)req.pid, &path, err);
	if (r < 0)
		return r;
	puts(path);
	return 0;
}

static int cmd_attach(struct user_manager *manager, char **args, struct error *err)
{
	uint32_t pid = 0;
	int r = parse_pid(args[2], &pid, err);

	return r < 0 ? r : user_manager_attach(manager, args[0], args[1], pid, err);
}

static const struct verb {
	const char *name;
	int (*run)(struct user_manager *manager, char **args, struct error *err);
	bool takes_more; /* than the three arguments that each of them has */
} verbs[] = {
	{"start", cmd_start, true},
	{"attach", cmd_attach, false},
};

static int run_verb(const struct verb *verb, char **args)
{
	AUTO(user_manager_free) struct user_manager *manager = NULL;
	struct error err = {0};
	int r = user_manager_open(&manager, &err);

	if (r == 0)
		r = verb->run(manager, args, &err);
	if (r < 0)
		fprintf(stderr, "%s\n", error_text(&err));
	return r < 0 || fflush(stdout) != 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}

int main(int argc, char **argv)
{
	for (size_t i = 0; argc >= 5 && i < ARRAY_SIZE(verbs); i++)
		if (str_eq(argv[1], verbs[i].name) && (argc == 5 || verbs[i].takes_more))
			return run_verb(&verbs[i], argv + 2);
	fputs("coracle-scope is started by coracle\n", stderr);
	return EXIT_FAILURE;
}
