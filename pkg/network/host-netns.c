/* SPDX-License-Identifier: Apache-2.0 */
#include "network/host-netns.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/nsfs.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "network/holder.h"
#include "sys/file.h"

bool host_netns_is_needed(void)
{
	autoclose int fd = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	autoclose int owner = -1;

	if (fd < 0)
		return false;
	/* EPERM: the user namespace that it belongs to is above ours. */
	owner = ioctl(fd, NS_GET_USERNS);
	return owner < 0 && errno == EPERM;
}

/* The directory of the namespace, and its lock. */
struct host_dir {
	int dirfd;
	int lock_fd;
};
#define HOST_DIR_NONE \
	{ \
		-1, -1 \
	}

static void host_dir_close(struct host_dir *dir)
{
	close_fd(&dir->lock_fd);
	close_fd(&dir->dirfd);
}
static inline void auto_host_dir_close(struct host_dir *dir)
{
	host_dir_close(dir);
}

static int host_dir_open(const char *state_dir, struct host_dir *ret, struct error *err)
{
	autofree char *path = xasprintf("%s/host", state_dir);
	autofree char *users = xasprintf("%s/users", path);
	int r = dir_make_all(users, 0700, err);

	if (r < 0)
		return r;
	ret->dirfd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (ret->dirfd < 0)
		return error_sys(err, errno, "open %s", path);
	ret->lock_fd = lock_open_at(ret->dirfd, "lock", false, err);
	return ret->lock_fd < 0 ? ret->lock_fd : 0;
}

/* As a container of its own, so that what is known of attachments holds for it, too. */
static struct network_request uplink_request(const struct network_request *request,
	const struct network_choice *slirp, const char *netns_path)
{
	return (struct network_request){.choice = slirp,
		.container_id = HOST_NETNS_ID,
		.netns_path = netns_path,
		.state_dir = request->state_dir,
		.plugin_dirs = request->plugin_dirs,
		.timeout_ms = request->timeout_ms};
}

static int attach_uplink(
	const struct network_request *request, const struct process_id *holder, struct error *err)
{
	AUTO(network_result_release) struct network_result result = {0};
	const struct network_choice slirp = {.mode = NETWORK_MODE_SLIRP};
	autofree char *path = holder_netns_path(holder);
	const struct network_request uplink = uplink_request(request, &slirp, path);

	return network_attach(&uplink, &result, err);
}

static void detach_uplink(const struct network_request *request)
{
	const struct network_choice slirp = {.mode = NETWORK_MODE_SLIRP};
	const struct network_request uplink = uplink_request(request, &slirp, NULL);

	/* What remains is the record of a process that ends with the holder; the next ADD finds it.
	 */
	network_detach(&uplink, NULL);
}

/* Attached to this holder's namespace, and not to one that is gone; and slirp is alive. */
static bool has_uplink(const struct network_request *request, const struct process_id *holder)
{
	const struct network_choice slirp = {.mode = NETWORK_MODE_SLIRP};
	autofree char *path = holder_netns_path(holder);
	const struct network_request uplink = uplink_request(request, &slirp, path);

	return network_check(&uplink, NULL) == 0;
}

static int open_netns(const struct process_id *holder, int *ret_fd, struct error *err)
{
	autofree char *path = holder_netns_path(holder);

	*ret_fd = open(path, O_RDONLY | O_CLOEXEC);
	return *ret_fd < 0 ? error_sys(err, errno, "open %s", path) : 0;
}

static int find_or_start(int dirfd, struct process_id *ret, struct error *err)
{
	return holder_read(dirfd, ret) == 1 ? 0 : holder_start(dirfd, ret, err);
}

static int add_user(int dirfd, const char *container_id, struct error *err)
{
	autofree char *path = xasprintf("users/%s", container_id);
	autoclose int fd = openat(dirfd, path, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);

	return fd < 0 ? error_sys(err, errno, "note a user of the host's network namespace") : 0;
}

static bool has_users(int dirfd)
{
	AUTO(strv_free) char **users = NULL;

	return dir_list_at(dirfd, "users", &users, NULL) == 0 && users[0];
}

static void end(const struct network_request *request, int dirfd)
{
	detach_uplink(request);
	holder_end(dirfd);
}

int host_netns_join(const struct network_request *request, int *ret_fd, struct error *err)
{
	AUTO(host_dir_close) struct host_dir dir = HOST_DIR_NONE;
	struct process_id holder = {0};
	int r = host_dir_open(request->state_dir, &dir, err);

	if (r == 0)
		r = find_or_start(dir.dirfd, &holder, err);
	if (r < 0)
		return r;
	if (!has_uplink(request, &holder))
		r = attach_uplink(request, &holder, err);
	if (r == 0)
		r = add_user(dir.dirfd, request->container_id, err);
	if (r == 0)
		r = open_netns(&holder, ret_fd, err);
	if (r < 0 && !has_users(dir.dirfd))
		end(request, dir.dirfd);
	process_id_release(&holder);
	return r;
}

int host_netns_open(const struct network_request *request, int *ret_fd, struct error *err)
{
	AUTO(host_dir_close) struct host_dir dir = HOST_DIR_NONE;
	struct process_id holder = {0};
	int r = host_dir_open(request->state_dir, &dir, err);

	if (r == 0)
		r = find_or_start(dir.dirfd, &holder, err);
	if (r == 0)
		r = open_netns(&holder, ret_fd, err);
	process_id_release(&holder);
	return r;
}

int host_netns_leave(const struct network_request *request, struct error *err)
{
	AUTO(host_dir_close) struct host_dir dir = HOST_DIR_NONE;
	autofree char *path = xasprintf("users/%s", request->container_id);
	int r = host_dir_open(request->state_dir, &dir, err);

	if (r < 0)
		return r;
	if (unlinkat(dir.dirfd, path, 0) < 0 && errno != ENOENT)
		return error_sys(err, errno, "forget a user of the host's network namespace");
	if (!has_users(dir.dirfd))
		end(request, dir.dirfd);
	return 0;
}

int host_netns_collect(
	const char *state_dir, char *const *alive, char *const *plugin_dirs, struct error *err)
{
	autofree char *path = xasprintf("%s/host/users", state_dir);
	AUTO(strv_free) char **users = NULL;
	int result = 0, r = dir_list_at(AT_FDCWD, path, &users, NULL);

	for (size_t i = 0; r == 0 && users[i]; i++) {
		const struct network_request request = {.container_id = users[i],
			.state_dir = state_dir,
			.plugin_dirs = plugin_dirs};
		int one;

		if (strv_has(alive, users[i]))
			continue;
		one = host_netns_leave(&request, result < 0 ? NULL : err);
		result = result < 0 ? result : one;
	}
	return result;
}

int host_netns_result(const char *state_dir, struct network_result *ret, struct error *err)
{
	return network_result_load(state_dir, HOST_NETNS_ID, ret, err);
}
