/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The first process of a container, from its birth in new namespaces to the program. It works
 * without a round trip to its parent (a user namespace of its own takes one, for the id map) until
 * it reports SYNC_READY; the parent attaches the network in the meantime.
 */
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>

#include "base/log.h"
#include "runtime/internal.h"
#include "sys/file.h"
#include "sys/mount.h"

/* Become root of the new user namespace; until the map is written our id is the overflow id. */
static int take_root(const struct init_process *self, struct error *err)
{
	int r = sync_wait(self->program.sync_fd, SYNC_IDMAP_DONE, NULL, err);

	if (r < 0)
		return r;
	if (setgroups(0, NULL) < 0)
		log_debug("additional groups are kept: %m");
	if (setresgid(0, 0, 0) < 0 || setresuid(0, 0, 0) < 0)
		return error_sys(err, errno, "become root of the user namespace");
	return 0;
}

/* EPERM: an outer container's filter denies it even in a namespace of our own; go on without. */
static int name_result(int r, const char *what, const char *name, struct error *err)
{
	if (r < 0 && errno != EPERM)
		return error_sys(err, errno, "set %s name %s", what, name);
	if (r < 0)
		log_debug("%s name %s is not set: %m", what, name);
	return 0;
}

static int set_names(const struct spec *spec, struct error *err)
{
	const char *host = spec->hostname, *domain = spec->domainname;
	int r = 0;

	if (!str_is_empty(host))
		r = name_result(sethostname(host, strlen(host)), "host", host, err);
	if (r == 0 && !str_is_empty(domain))
		r = name_result(setdomainname(domain, strlen(domain)), "domain", domain, err);
	return r;
}

/* The init program is bound from the host, so that it need not be in the image. */
static int bind_init(const struct init_process *self, int rootfd, struct error *err)
{
	autoclose int tree = -1;
	autoclose int target = -1;
	int r;

	if (!self->program.init)
		return 0;
	tree = self->init_tree >= 0 ? fcntl(self->init_tree, F_DUPFD_CLOEXEC, 3)
				    : mount_clone(AT_FDCWD, self->init_path, false, err);
	r = tree < 0 ? tree : mount_set(tree, MOUNT_ATTR_RDONLY, 0, 0, false, err);
	if (r < 0)
		return r;
	target = mounts_open_target(rootfd, PROGRAM_INIT_PATH, false, err);
	return target < 0 ? target : mount_attach(tree, target, err);
}

/* Made where it is missing, as other runtimes do; a read-only rootfs makes that an error. */
static int make_working_directory(const struct spec *spec, int rootfd, struct error *err)
{
	autoclose int fd = mounts_open_target(rootfd, spec->process.cwd, true, err);

	return fd < 0 ? error_wrap(err, fd, "working directory") : 0;
}

/* Programs look for /etc/mtab; only the child sees the image, so nobody else could make it. */
static void link_mtab(int rootfd)
{
	struct error ignored = {0};
	autoclose int etc = root_open(rootfd, "/etc", O_PATH | O_DIRECTORY, 0, &ignored);

	if (etc >= 0)
		(void)!symlinkat("/proc/mounts", etc, "mtab");
}

static int build_root(struct init_process *self, int rootfd, struct error *err)
{
	const struct spec *spec = self->req->spec;
	int r = mounts_make(self, rootfd, err);

	if (r == 0)
		r = devices_make(spec, rootfd, err);
	if (r == 0 && spec->process.terminal)
		r = console_make(&spec->process, rootfd, &self->program.master_fd,
			&self->program.console_fd, err);
	if (r == 0)
		r = bind_init(self, rootfd, err);
	if (r == 0)
		r = make_working_directory(spec, rootfd, err);
	if (r == 0)
		r = sysctl_apply(&spec->linux.sysctl, rootfd, err);
	if (r == 0)
		r = rootfs_protect(spec, rootfd, err);
	link_mtab(rootfd);
	return r;
}

static int enter_root(struct init_process *self, struct error *err)
{
	autoclose int rootfd = rootfs_open(self, err);
	int r;

	if (rootfd < 0)
		return rootfd;
	r = build_root(self, rootfd, err);
	if (r < 0)
		return r;
	/*
	 * From here on processes of the container can see us where the pid namespace is shared:
	 * our executable is the host's, and /proc/PID/exe must not lead them to it.
	 */
	prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
	return rootfs_enter(self->req->spec, rootfd, err);
}

/*
 * From the child itself: others may not look into our /proc files once we take the ids of the
 * program, and a network plugin opens the namespace at a moment of its own.
 */
static int give_netns(const struct init_process *self, struct error *err)
{
	autoclose int fd = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return error_sys(err, errno, "open /proc/self/ns/net");
	return sync_send(self->program.sync_fd, SYNC_NS_READY, fd, err);
}

/* Where we were cloned into a cgroup; see new_namespaces(). */
static int make_cgroup_namespace(const struct init_process *self, struct error *err)
{
	const struct spec_namespace *ns = spec_find_namespace(self->req->spec, "cgroup");

	if (self->req->cgroup_fd < 0 || !ns || ns->path)
		return 0;
	return unshare(CLONE_NEWCGROUP) < 0 ? error_sys(err, errno, "make a cgroup namespace") : 0;
}

static int become_program(struct init_process *self, struct error *err)
{
	const struct spec *spec = self->req->spec;
	int r = 0;

	umask(0022);
	limits_set_oom(&spec->process);
	if (self->req->give_netns)
		r = give_netns(self, err);
	if (r == 0)
		r = make_cgroup_namespace(self, err);
	if (r == 0 && self->nested)
		r = take_root(self, err);
	if (r == 0 && setsid() < 0)
		r = error_sys(err, errno, "begin a session");
	if (r == 0)
		r = enter_root(self, err);
	if (r == 0)
		r = set_names(spec, err);
	if (r == 0)
		r = loopback_up(spec, err);
	if (r == 0)
		r = limits_set_personality(&spec->linux, err);
	if (r < 0)
		return r;
	security_new_keyring(self->program.id);
	return program_run(&self->program, err);
}

_Noreturn void init_process_run(struct init_process *self)
{
	struct error err = {0};
	int r = become_program(self, &err);

	if (!err.code)
		error_sys(&err, -r, "start the container");
	sync_send_error(self->program.sync_fd, &err);
	_exit(1);
}
