/* SPDX-License-Identifier: Apache-2.0 */
#include "userns/keeper.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <pwd.h>
#include <signal.h>
#include <string.h>
#include <sys/capability.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "sys/file.h"
#include "userns/idmap-plan.h"
#include "userns/subid.h"

#define KEEPER_FILE "keeper.json"
#define KEEPER_MAX_BYTES 4096

const struct json_field keeper_fields[] = {
	JSON_OBJECT(struct keeper_record, process, "process", process_id_fields),
	JSON_I64(struct keeper_record, namespace_inode, "namespace", JSON_REQUIRED),
	JSON_I64(struct keeper_record, kind, "kind", JSON_ALWAYS),
	JSON_U32(struct keeper_record, owner_uid, "uid", JSON_ALWAYS),
	JSON_U32(struct keeper_record, owner_gid, "gid", JSON_ALWAYS),
	JSON_END,
};

void keeper_record_release(struct keeper_record *record)
{
	json_release(keeper_fields, record);
	*record = (struct keeper_record){ 0 };
}

int keeper_read(int run_fd, struct keeper_record *ret)
{
	struct keeper_record record = { 0 };
	autofree char *text = NULL;
	size_t len;

	if (file_read_at(run_fd, KEEPER_FILE, KEEPER_MAX_BYTES, &text, &len, NULL) < 0)
		return -ENOENT;
	if (json_read(text, len, KEEPER_FILE, keeper_fields, &record, NULL) < 0) {
		keeper_record_release(&record);
		return -ENOENT;
	}
	*ret = record;
	return 0;
}

static char *user_name(uid_t uid)
{
	autofclose FILE *file = fopen("/etc/passwd", "re");
	const char *login = getenv("USER");
	struct passwd *entry;

	while (file && (entry = fgetpwent(file))) {
		if (entry->pw_uid == uid)
			return xstrdup(entry->pw_name);
	}
	/* From a directory service: /etc/subuid may still name the user. */
	return login && *login ? xstrdup(login) : NULL;
}

static bool has_capability(cap_value_t value)
{
	cap_t caps = cap_get_proc();
	cap_flag_value_t set = CAP_CLEAR;

	if (caps) {
		cap_get_flag(caps, value, CAP_EFFECTIVE, &set);
		cap_free(caps);
	}
	return set == CAP_SET;
}

static bool has_program(const char *name)
{
	const char *path = getenv("PATH");
	AUTO(strv_free) char **dirs = strv_split(path ? path : "/usr/bin:/bin", ':');

	for (size_t i = 0; dirs[i]; i++) {
		autofree char *full = xasprintf("%s/%s", dirs[i], name);

		if (access(full, X_OK) == 0)
			return true;
	}
	return false;
}

static int read_own_map(const char *path, struct idmap *ret, struct error *err)
{
	autofree char *text = NULL;
	int r = file_read_at(AT_FDCWD, path, 65536, &text, NULL, err);

	return r < 0 ? r : idmap_parse(text, ret, err);
}

static bool is_initial_map(const struct idmap *map)
{
	return map->count == 1 && map->ranges[0].outside == 0 && map->ranges[0].size == UINT32_MAX;
}

/* Real root has seldom ranges of its own; "containers" is the name that podman reserves. */
static int read_subids(const char *file, const char *name, uint32_t uid, struct idmap *ret,
	struct error *err)
{
	int r = subid_read(file, name, uid, ret, err);

	if (r == 0 && ret->count == 0 && uid == 0)
		r = subid_read(file, "containers", UINT32_MAX, ret, err);
	return r;
}

static int make_plan(struct idmap_plan *ret, struct error *err)
{
	autofree char *user = user_name(geteuid());
	struct idmap_facts facts = {
		.uid = geteuid(),
		.gid = getegid(),
		.can_set_ids = has_capability(CAP_SETUID) && has_capability(CAP_SETGID),
		.has_helpers = has_program("newuidmap") && has_program("newgidmap"),
		.user = user,
		.free_base = subid_find_free("/etc/subuid", 65536),
	};
	int r = read_own_map("/proc/self/uid_map", &facts.own_uids, err);

	if (r == 0)
		r = read_own_map("/proc/self/gid_map", &facts.own_gids, err);
	if (r == 0)
		r = read_subids("/etc/subuid", user, facts.uid, &facts.subuids, err);
	if (r == 0)
		r = read_subids("/etc/subgid", user, facts.uid, &facts.subgids, err);
	if (r == 0) {
		facts.is_initial = is_initial_map(&facts.own_uids);
		idmap_plan_make(&facts, ret);
	}
	idmap_release(&facts.own_uids);
	idmap_release(&facts.own_gids);
	idmap_release(&facts.subuids);
	idmap_release(&facts.subgids);
	return r;
}

static int write_proc(pid_t pid, const char *name, const char *text, struct error *err)
{
	autofree char *path = xasprintf("/proc/%d/%s", (int)pid, name);
	autoclose int fd = open(path, O_WRONLY | O_CLOEXEC);

	if (fd < 0 || write(fd, text, strlen(text)) < 0)
		return error_sys(err, errno, "write %s of the user namespace", name);
	return 0;
}

/* newuidmap PID inside outside size … */
static int run_helper(const char *program, pid_t pid, const struct idmap *map, struct error *err)
{
	AUTO(strv_free) char **argv = NULL;
	struct process_spawn spawn = { .path = program };
	autofree char *output = NULL;
	autofree char *errors = NULL;
	int r;

	strv_add(&argv, program);
	strv_take(&argv, xasprintf("%d", (int)pid));
	for (size_t i = 0; i < map->count; i++) {
		strv_take(&argv, xasprintf("%u", map->ranges[i].inside));
		strv_take(&argv, xasprintf("%u", map->ranges[i].outside));
		strv_take(&argv, xasprintf("%u", map->ranges[i].size));
	}
	spawn.argv = argv;
	r = process_run(&spawn, NULL, 0, 65536, &output, &errors, err);
	if (r > 0) {
		errors[strcspn(errors, "\n")] = '\0';
		/* Their words begin with their name. */
		return errors[0] ? error_set(err, EPERM, "%s", errors)
				 : error_set(err, EPERM, "%s ended with status %d", program, r);
	}
	return r;
}

static int write_maps(pid_t pid, const struct idmap_plan *plan, struct error *err)
{
	autofree char *uids = idmap_text(&plan->uids);
	autofree char *gids = idmap_text(&plan->gids);
	int r = 0;

	if (plan->use_helpers) {
		r = run_helper("newuidmap", pid, &plan->uids, err);
		return r < 0 ? r : run_helper("newgidmap", pid, &plan->gids, err);
	}
	/* user_namespaces(7): without CAP_SETGID outside, gid_map can be written only after this. */
	if (plan->deny_setgroups)
		r = write_proc(pid, "setgroups", "deny", err);
	if (r == 0)
		r = write_proc(pid, "uid_map", uids, err);
	return r < 0 ? r : write_proc(pid, "gid_map", gids, err);
}

/* The helpers may be missing their set-uid bit or refuse the ranges: then one id has to do. */
static int write_maps_or_single(pid_t pid, struct idmap_plan *plan, struct error *err)
{
	struct error cause = { 0 };
	int r = write_maps(pid, plan, plan->use_helpers ? &cause : err);

	if (r == 0 || !plan->use_helpers)
		return r;
	idmap_plan_release(plan);
	*plan = (struct idmap_plan){ .kind = USERNS_SINGLE, .deny_setgroups = true };
	idmap_add(&plan->uids, 0, geteuid(), 1);
	idmap_add(&plan->gids, 0, getegid(), 1);
	plan->lost = xasprintf("%s: containers have one user id, and files of other users in images "
			       "belong to it",
		error_text(&cause));
	return write_maps(pid, plan, err);
}

static int keeper_record_write(int run_fd, pid_t pid, const struct idmap_plan *plan,
	struct keeper_record *ret, struct error *err)
{
	struct keeper_record record = {
		.kind = plan->kind, .owner_uid = geteuid(), .owner_gid = getegid() };
	autofree char *path = xasprintf("/proc/%d/ns/user", (int)pid);
	autofree char *text = NULL;
	struct stat st;
	int r = process_id_get(pid, &record.process, err);

	if (r < 0)
		return r;
	if (stat(path, &st) < 0) {
		r = error_sys(err, errno, "%s", path);
		keeper_record_release(&record);
		return r;
	}
	record.namespace_inode = (int64_t)st.st_ino;
	text = json_write(keeper_fields, &record, false);
	/* Readable from inside for real root's containers, whose id 0 does not own it; the directory
	 * is closed to others. */
	r = file_write_at(run_fd, KEEPER_FILE, text, strlen(text), 0644, 0, err);
	if (r < 0)
		keeper_record_release(&record);
	else
		*ret = record;
	return r;
}

/* The keeper says R when its namespace exists, or ends with errno as its status. */
static int wait_for_namespace(int sock, pid_t pid, struct error *err)
{
	char byte;
	int status;

	if (read(sock, &byte, 1) == 1)
		return 0;
	status = process_wait(pid);
	if (status == EPERM || status == ENOSPC)
		return error_set(err, status,
			"create user namespace: not allowed on this host (check sysctl "
			"user.max_user_namespaces and kernel.unprivileged_userns_clone)");
	return error_sys(err, status > 0 && status < 127 ? status : EIO, "create user namespace");
}

int keeper_start(int run_fd, struct keeper_record *ret, struct error *err)
{
	autofree char *program = libexec_path("coracle-keeper");
	char *argv[] = { (char *)"coracle-keeper", NULL };
	char *env[] = { NULL };
	struct idmap_plan plan = { 0 };
	int sock[2] = { -1, -1 };
	pid_t pid = 0;
	int r = make_plan(&plan, err);

	if (r < 0)
		return r;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sock) < 0) {
		r = error_sys(err, errno, "socketpair");
		goto out;
	}
	/* Its standard error is not ours: who waits for the end of our output waits not for it. */
	r = process_spawn(&(struct process_spawn){ .path = program, .argv = argv, .env = env,
				  .stdin_fd = -1, .stdout_fd = -1, .stderr_fd = -2,
				  .fds = &sock[1], .fd_count = 1, .new_session = true },
		&pid, NULL, err);
	close_fd(&sock[1]);
	if (r == 0)
		r = wait_for_namespace(sock[0], pid, err);
	if (r < 0)
		goto out;
	r = write_maps_or_single(pid, &plan, err);
	if (r == 0)
		r = keeper_record_write(run_fd, pid, &plan, ret, err);
	if (r == 0 && write(sock[0], "G", 1) != 1)
		r = error_sys(err, errno, "start keeper");
	if (r < 0) {
		kill(pid, SIGKILL);
		process_wait(pid);
		goto out;
	}
	if (plan.lost)
		log_warn("%s", plan.lost);
out:
	close_fd(&sock[0]);
	close_fd(&sock[1]);
	idmap_plan_release(&plan);
	return r;
}
