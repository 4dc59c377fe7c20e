/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/str.h"
#include "storage/mount-drivers.h"
#include "sys/sync.h"

/*
 * fuse-overlayfs must not live in the container: there it would be seen and could be killed. So
 * the process that mounts opens /dev/fuse and mounts by itself, in its own mount namespace, and
 * sends the descriptor to a child of the one that made the plan, outside. That child becomes
 * `fuse-overlayfs -f … /dev/fd/3` (libfuse takes a mounted descriptor so) and ends with the mount.
 */
#define PROGRAM "fuse-overlayfs"
#define FUSE_FD 3
#define LOG_NAME "fuse-overlayfs.log"

static const char *const program_dirs[] = {
	"/usr/bin",
	"/usr/local/bin",
	"/bin",
	"/usr/sbin",
	"/usr/local/sbin",
};

static char *program_in(const char *dir)
{
	autofree char *path = xasprintf("%s/%s", dir, PROGRAM);

	return dir[0] == '/' && access(path, X_OK) == 0 ? take_ptr(path) : NULL;
}

char *fuse_program(void)
{
	const char *search = getenv("PATH");
	AUTO(strv_free) char **dirs = search ? strv_split(search, ':') : NULL;
	char *path = NULL;

	for (size_t i = 0; !path && i < strv_len(dirs); i++)
		path = program_in(dirs[i]);
	for (size_t i = 0; !path && i < ARRAY_SIZE(program_dirs); i++)
		path = program_in(program_dirs[i]);
	return path;
}

void fuse_probe(char *ret_why, size_t size)
{
	autofree char *program = fuse_program();
	autoclose int fd = open("/dev/fuse", O_RDWR | O_CLOEXEC);

	ret_why[0] = '\0';
	if (!program)
		snprintf(ret_why, size,
			"the program fuse-overlayfs is missing: install the package "
			"fuse-overlayfs");
	else if (fd < 0)
		snprintf(ret_why, size,
			"/dev/fuse cannot be opened (%s): load the module fuse, or give this "
			"container the device",
			strerror(errno));
}

/* "inside:outside:size:…" as fuse-overlayfs wants it. */
static void add_map(struct strbuf *text, const char *option, const struct idmap *map)
{
	if (!map)
		return;
	strbuf_addf(text, ",%s=", option);
	for (size_t i = 0; i < map->count; i++)
		strbuf_addf(text, "%s%" PRIu32 ":%" PRIu32 ":%" PRIu32, i ? ":" : "",
			map->ranges[i].inside, map->ranges[i].outside, map->ranges[i].size);
}

char *fuse_options(const struct mount_plan *plan, const struct mount_request *request)
{
	struct strbuf text = STRBUF_INIT;

	/* Relative paths of digests and ids: nothing that would need an escape. */
	strbuf_adds(&text, "lowerdir=");
	for (size_t i = 0; i < strv_len(plan->layers); i++)
		strbuf_addf(&text, "%s%s", i ? ":" : "", plan->layers[i]);
	strbuf_addf(&text, ",upperdir=%s/upper,workdir=%s/work", plan->container, plan->container);
	add_map(&text, "uidmapping", request->uids);
	add_map(&text, "gidmapping", request->gids);
	if (plan->no_sync)
		strbuf_adds(&text, ",volatile");
	return strbuf_take(&text);
}

/* The child: nothing of the monitor's may stay open in it, it lives as long as the container. */
_Noreturn static void serve(const struct mount_plan *plan, int socket, char *const *argv)
{
	autofree char *log = xasprintf("%s/" LOG_NAME, plan->container);
	sigset_t none;
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	int log_fd, fd;

	/* The mount ends with the namespace that it is made in, unless that is kept: not by us. */
	(void)unshare(CLONE_NEWNS);
	if (fchdir(plan->store->rootfd) < 0 || null < 0)
		_exit(1);
	log_fd = open(log, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
	dup2(null, 0);
	dup2(null, 1);
	dup2(log_fd >= 0 ? log_fd : null, 2);
	/* Not FUSE_FD itself: the received descriptor may be put there only at the end. */
	if (dup2(socket, FUSE_FD + 1) < 0 || syscall(SYS_close_range, FUSE_FD + 2, ~0u, 0) < 0)
		_exit(1);
	close(FUSE_FD);
	for (int sig = 1; sig < NSIG; sig++)
		signal(sig, SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	setsid();
	/* The container never came as far as mounting. */
	if (sync_wait(FUSE_FD + 1, SYNC_READY, &fd, NULL) < 0 || fd < 0)
		_exit(0);
	if (fd == FUSE_FD)
		fcntl(fd, F_SETFD, 0);
	else if (dup2(fd, FUSE_FD) < 0 || close(fd) < 0)
		_exit(1);
	close(FUSE_FD + 1);
	execv(argv[0], argv);
	dprintf(2, "%s: %s\n", argv[0], strerror(errno));
	_exit(127);
}

int fuse_prepare(struct mount_plan *plan, const struct mount_request *request, struct error *err)
{
	autofree char *program = fuse_program();
	autofree char *options = fuse_options(plan, request);
	char mountpoint[] = "/dev/fd/3";
	char *argv[] = {program, (char[]){"-f"}, (char[]){"-o"}, options, mountpoint, NULL};
	int pair[2];
	pid_t pid;
	int r;

	if (!program)
		return error_set(err, ENOENT,
			"the program fuse-overlayfs is missing: install the package "
			"fuse-overlayfs or use --storage-driver copy");
	r = sync_pair(pair, err);
	if (r < 0)
		return error_wrap(err, r, "start fuse-overlayfs");
	/* Not process_spawn(): the program can only start after storage_mount() elsewhere. */
	pid = fork();
	if (pid == 0)
		serve(plan, pair[1], argv);
	close(pair[1]);
	if (pid < 0) {
		r = error_sys(err, errno, "start fuse-overlayfs");
		close(pair[0]);
		return r;
	}
	plan->fuse_socket = pair[0];
	plan->fuse_pid = pid;
	return 0;
}

int mount_fuse(const struct mount_plan *plan, const char *target, struct error *err)
{
	autoclose int fd = open("/dev/fuse", O_RDWR | O_CLOEXEC);
	char options[128];
	struct stat st;
	int r;

	if (fd < 0)
		return error_sys(err, errno, "open /dev/fuse");
	snprintf(options, sizeof(options),
		"fd=%d,rootmode=40000,user_id=0,group_id=0,default_permissions,allow_other", fd);
	if (mount(PROGRAM, target, "fuse." PROGRAM, 0, options) < 0)
		return error_sys(err, errno, "mount fuse");
	r = sync_send(plan->fuse_socket, SYNC_READY, fd, NULL);
	/* Ours would keep the connection open when the program cannot start: then we would wait. */
	close_fd(&fd);
	if (r == 0 && stat(target, &st) < 0)
		r = -errno;
	return r < 0 ? error_sys(err, -r, "fuse-overlayfs does not serve it, see %s/%s/" LOG_NAME,
			       plan->store->root, plan->container)
		     : 0;
}
