/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RUNTIME_INTERNAL_H
#define RUNTIME_INTERNAL_H

#include <linux/filter.h>

#include "runtime/runtime.h"
#include "spec/spec.h"
#include "sys/sync.h"

/*
 * struct program - what becomes of the child at the end: the process to execute and all it is
 * executed with. Made by the parent, so that what is malformed fails before anything exists.
 */
struct program {
	const struct spec_process *process;
	int stdio[3];
	const int *fds;
	size_t fd_count;
	struct sock_filter *filter; /* NULL: none; owned */
	size_t filter_count;
	uint32_t *groups; /* owned */
	size_t group_count;
	struct program_caps {
		uint64_t bounding, effective, permitted, inheritable, ambient;
	} caps;
	const char *id; /* names the session keyring; NULL: keep the one there is */
	bool init;      /* run below PROGRAM_INIT_PATH */
	int sync_fd;    /* the child's end */
	int console_fd; /* the slave that becomes 0, 1, 2; -1: none */
	int master_fd;  /* to be sent to the parent; -1: none */
};
/* Receives what give_netns makes the child send first. On failure as runtime_wait_ready(). */
int runtime_take_netns(struct runtime_container *container, struct error *err);

/* Where coracle-init is bound in the container. */
#define PROGRAM_INIT_PATH "/run/coracle-init"

/* init-process.c: the life of the first process until it executes the program. */
struct init_process {
	const struct runtime_create_request *req;
	struct program program;
	const char *init_path;
	bool nested;   /* in a user namespace of its own; then, from trees_prepare(): */
	int root_tree; /* the rootfs, detached; -1: not nested */
	int *trees;    /* for each of the spec's mounts its source, or -1; NULL: not nested */
	int init_tree; /* coracle-init; -1: not nested, or not wanted */
};
_Noreturn void init_process_run(struct init_process *self);

/* loopback.c: brings up lo in a new network namespace; network plugins find it up. */
int loopback_up(const struct spec *spec, struct error *err);

/*
 * joined.c: clones a child that is in other namespaces from birth. @join enters them, in a process
 * in between: ours, which belong to the host, could not be entered again.
 * As process_clone(): 0 in the child, its pid in the caller.
 */
typedef int join_fn(void *data, struct error *err);
pid_t clone_joined(join_fn *join, void *data, uint64_t flags, int cgroup_fd, int *ret_pidfd,
	struct error *err);
/* The number of a pidfd's process, as we see it. */
int pidfd_number(int pidfd, pid_t *ret, struct error *err);

/* trees.c: mounts that are made outside a user namespace and attached inside. */
int trees_prepare(struct init_process *self, struct error *err);
void trees_release(struct init_process *self);

/* program.c */
int program_prepare(struct program *program, const struct spec_process *process, int seccomp_fd,
	struct error *err);
void program_release(struct program *program);
/* Everything from the standard descriptors to execve(). Returns only on failure. */
int program_run(struct program *program, struct error *err);

/* security.c, all in the child */
int security_drop_bounding(const struct program_caps *caps, struct error *err);
int security_set_user(const struct program *program, struct error *err);
int security_finish(const struct program *program, struct error *err);
void security_new_keyring(const char *id);

/* limits.c, in the child */
void limits_set_oom(const struct spec_process *process);
int limits_apply(const struct spec_process *process, struct error *err);
int limits_set_personality(const struct spec_linux *linux, struct error *err);

/* mounts.c: the spec's mounts below @rootfd, in order. */
int mounts_make(const struct init_process *self, int rootfd, struct error *err);
/* The source of a bind mount, detached, with its options applied. */
int mounts_open_source(const struct spec_mount *mount, struct error *err);
bool mounts_is_bind(const struct spec_mount *mount);
/* target.c: opens (O_PATH) a mount point below @rootfd, made where it is missing. */
int mounts_open_target(int rootfd, const char *path, bool directory, struct error *err);
/* copy-up.c: the tree below @from into the directory @to. */
int copy_up(int from, int to, struct error *err);

/* devices.c: device nodes and links in /dev. */
int devices_make(const struct spec *spec, int rootfd, struct error *err);
/* Binds @source (a descriptor of a detached mount) on /dev/NAME, a file made for it. */
int devices_bind(int devfd, const char *name, int source, struct error *err);

/* console.c: the terminal of the container, in its own devpts. */
int console_make(const struct spec_process *process, int rootfd, int *ret_master, int *ret_slave,
	struct error *err);
int console_open(
	const struct spec_process *process, int *ret_master, int *ret_slave, struct error *err);

/* rootfs.c: mounts the rootfs, or attaches the one of trees_prepare(); an O_PATH fd of it. */
int rootfs_open(const struct init_process *self, struct error *err);
int rootfs_protect(const struct spec *spec, int rootfd, struct error *err);
int rootfs_enter(const struct spec *spec, int rootfd, struct error *err);

/* sysctl.c: linux.sysctl, in the namespaces of the caller. */
int sysctl_apply(const struct strmap *sysctl, int rootfd, struct error *err);

#endif
