/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RUNTIME_RUNTIME_H
#define RUNTIME_RUNTIME_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/error.h"
#include "spec/spec.h"

/*
 * How a container comes to life (docs/architecture.md, "Runtime"):
 *
 *     runtime_create()      clone with the spec's namespaces; returns when they exist
 *     (caller attaches the network to netns_fd, while the child mounts)
 *     runtime_wait_ready()  the child has its rootfs, devices, console and waits
 *     runtime_start()       the child drops what it does not need and executes the program
 *
 * The caller is a process with a single thread, root in the rootless user namespace. The
 * container is its child: it learns of the end from @pidfd and reaps it with waitid().
 */

/*
 * runtime_mount_fn - mounts the container's root file system.
 * @target: existing directory to mount on, an absolute path
 * Called in the child, which has its own mount namespace with all propagation private, and runs
 * before everything else is mounted. Must not use stdio of its own or start threads.
 * Returns 0, or a negative errno and @err.
 */
typedef int runtime_mount_fn(void *data, const char *target, struct error *err);

struct runtime_create_request {
	const struct spec *spec;
	const char *id; /* of the container; names its session keyring */

	/*
	 * The rootfs. With mount_rootfs it is mounted on rootfs_target (a directory that is
	 * empty or whose content does not matter); without, spec.root.path is bound.
	 */
	runtime_mount_fn *mount_rootfs;
	void *mount_data;
	const char *rootfs_target;

	int stdio[3];   /* become 0, 1, 2 unless process.terminal; -1: /dev/null */
	const int *fds; /* become 3, 4, … in this order; all others are closed */
	size_t fd_count;
	int seccomp_fd;        /* BPF program (struct sock_filter array) from its start; -1: none */
	int cgroup_fd;         /* cgroup v2 directory that the child is born in; -1: ours */
	bool give_netns;       /* the child hands its network namespace out */
	bool init;             /* --init: coracle-init is pid 1 */
	const char *init_path; /* of coracle-init on the host; NULL: libexec_path() */
};

/* A request with all descriptors -1. */
#define RUNTIME_CREATE_REQUEST_INIT \
	{ \
		.stdio = {-1, -1, -1}, .seccomp_fd = -1, .cgroup_fd = -1 \
	}

struct runtime_container {
	pid_t pid;      /* in the caller's pid namespace; 0: none */
	int pidfd;      /* -1: none */
	int sync_fd;    /* our end of the line to the child; -1 after runtime_start() */
	int netns_fd;   /* the child's network namespace, if asked for; else -1 */
	int console_fd; /* master of the console after runtime_wait_ready(); -1: no terminal */
};
#define RUNTIME_CONTAINER_INIT \
	{ \
		.pidfd = -1, .sync_fd = -1, .netns_fd = -1, .console_fd = -1 \
	}

/*
 * runtime_create - make a container's first process and its namespaces.
 * @req: borrowed; what the child needs is copied into it by the clone, so the descriptors may be
 *       closed at once
 *
 * Linux namespaces that the spec gives a path are joined. On failure nothing is left.
 * Returns 0; negative errno.
 */
int runtime_create(
	const struct runtime_create_request *req, struct runtime_container *ret, struct error *err);

/*
 * runtime_wait_ready - wait until the child has built its environment.
 * Takes the console's master, if there is one. On failure the child has been killed and reaped.
 */
int runtime_wait_ready(struct runtime_container *container, struct error *err);

/*
 * runtime_start - let the program run (after runtime_wait_ready()).
 * Returns 0 once it has been executed. Else the child has been killed and reaped, and the code
 * tells what `run` has to exit with: -ENOENT: not found (127); -EACCES, -ENOEXEC and others that
 * runtime_exit_code() knows: cannot be executed (126).
 */
int runtime_start(struct runtime_container *container, struct error *err);

/* Exit code of `run` for a failure of runtime_start() or runtime_exec(): 126, 127, else 125. */
int runtime_exit_code(const struct error *err);

/* Kills and reaps the child if there is one, closes all descriptors. Harmless when empty. */
void runtime_abort(struct runtime_container *container);
/* Closes the descriptors and forgets the process, which goes on. */
void runtime_container_release(struct runtime_container *container);

/*
 * Another process in a running container.
 */
struct runtime_exec_request {
	int pidfd;                          /* of the container's first process */
	const char *id;                     /* as in runtime_create_request; NULL: our keyring */
	const struct spec_process *process; /* what to run */
	int stdio[3];
	const int *fds;
	size_t fd_count;
	int seccomp_fd;
	int cgroup_fd;
};
#define RUNTIME_EXEC_REQUEST_INIT \
	{ \
		.pidfd = -1, .stdio = {-1, -1, -1}, .seccomp_fd = -1, .cgroup_fd = -1 \
	}

/*
 * runtime_exec - start a process in all namespaces of @req->pidfd.
 * @ret: as from runtime_create(); runtime_wait_ready() and runtime_start() follow
 * Returns 0; -ESRCH when the container has ended; else negative errno.
 */
int runtime_exec(
	const struct runtime_exec_request *req, struct runtime_container *ret, struct error *err);

#endif
