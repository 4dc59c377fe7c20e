/* SPDX-License-Identifier: Apache-2.0 */
#include "tap.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <linux/nsfs.h>
#include <net/if.h>
#include <sched.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/str.h"
#include "sys/process.h"

#define TUN_DEVICE "/dev/net/tun"

/* What the child in the namespace sends back, with the tap as SCM_RIGHTS. */
struct tap_answer {
	struct error error; /* code 0: success */
	uint8_t mac[6];
	bool ipv6;
};

/* A job for the child; returns 0 or a negative errno with @answer->error filled in. */
struct tap_job {
	const char *name;
	const struct slirp_config *config;
	bool check_only;
	bool ipv6;
};

static pid_t pid_of_path(const char *path)
{
	const char *digits = str_after(path, "/proc/");
	autofree char *number = NULL;
	uint64_t pid;

	if (!digits || !str_has_suffix(path, "/ns/net"))
		return 0;
	number = xstrndup(digits, strcspn(digits, "/"));
	if (strlen(digits) != strlen(number) + strlen("/ns/net"))
		return 0;
	return str_to_u64(number, 10, &pid) < 0 || pid > INT32_MAX ? 0 : (pid_t)pid;
}

int netns_open(const char *path, struct netns *ret, struct error *err)
{
	AUTO(netns_close) struct netns netns = NETNS_NONE;
	pid_t pid = pid_of_path(path);

	if (pid > 0) {
		netns.pidfd = pidfd_open_pid(pid);
		if (netns.pidfd < 0)
			return error_set(
				err, ENOENT, "network namespace %s: its process is gone", path);
	}
	netns.fd = open(path, O_RDONLY | O_CLOEXEC);
	if (netns.fd < 0)
		return error_sys(err, errno, "network namespace %s", path);
	if (ioctl(netns.fd, NS_GET_NSTYPE) != CLONE_NEWNET)
		return error_set(err, EINVAL, "%s is not a network namespace", path);
	/* Still alive: then the path did belong to the process that the pidfd holds. */
	if (netns.pidfd >= 0 && pidfd_wait_end(netns.pidfd, 0) != 0)
		return error_set(err, ENOENT, "network namespace %s: its process is gone", path);
	*ret = netns;
	netns = (struct netns)NETNS_NONE;
	return 0;
}

void netns_close(struct netns *netns)
{
	close_fd(&netns->fd);
	close_fd(&netns->pidfd);
}

static int tun_error(int code, struct error *err)
{
	if (code == ENOENT || code == ENODEV || code == ENXIO)
		return error_set(err, ENODEV,
			TUN_DEVICE
			": missing: load the tun module (modprobe tun), or in a container "
			"give it the device (--device " TUN_DEVICE "), or use --network none "
			"or host");
	if (code == EACCES || code == EPERM)
		return error_set(err, ENODEV,
			TUN_DEVICE
			": no permission: make it mode 0666, or use --network none or host");
	return error_sys(err, code, "open " TUN_DEVICE);
}

int tap_probe(struct error *err)
{
	autoclose int fd = open(TUN_DEVICE, O_RDWR | O_CLOEXEC | O_NONBLOCK);

	return fd < 0 ? tun_error(errno, err) : 0;
}

/*
 * With the container's user namespace as our own or below it, one step is enough. A plain user
 * who runs the plugin by hand has to become root in the namespace's owner first.
 */
static int enter(int netns_fd, struct error *err)
{
	autoclose int owner = -1;

	if (setns(netns_fd, CLONE_NEWNET) == 0)
		return 0;
	if (errno != EPERM)
		return error_sys(err, errno, "enter the network namespace");
	owner = ioctl(netns_fd, NS_GET_USERNS);
	if (owner < 0 || setns(owner, CLONE_NEWUSER) < 0 || setns(netns_fd, CLONE_NEWNET) < 0)
		return error_sys(err, EPERM, "enter the network namespace");
	return 0;
}

/* The device is opened in the namespace: the interface is made where its file was opened. */
static int make_tap(const char *name, struct error *err)
{
	autoclose int fd = open(TUN_DEVICE, O_RDWR | O_CLOEXEC | O_NONBLOCK);
	struct ifreq request = {.ifr_flags = IFF_TAP | IFF_NO_PI | IFF_TUN_EXCL};

	if (fd < 0)
		return tun_error(errno, err);
	snprintf(request.ifr_name, sizeof(request.ifr_name), "%s", name);
	if (ioctl(fd, TUNSETIFF, &request) < 0) {
		if (errno == EBUSY)
			return error_set(err, EEXIST, "interface %s exists in the namespace", name);
		return error_sys(err, errno, "create interface %s", name);
	}
	return take_fd(fd);
}

/* Our addresses are fixed: what router advertisements would add is a second route and address. */
static void refuse_advertisements(const char *name)
{
	autofree char *path = xasprintf("/proc/sys/net/ipv6/conf/%s/accept_ra", name);
	autoclose int fd = open(path, O_WRONLY | O_CLOEXEC);

	/* Without it things work, with one more address. */
	if (fd >= 0 && write(fd, "0", 1) < 0)
		return;
}

static int set_ipv6(struct netlink *nl, int index, const struct slirp_config *config, bool *ret_has,
	struct error *err)
{
	struct error problem = {0};
	int r;

	if (!config->ipv6)
		return 0;
	r = address_add(nl, index, &config->guest6, &problem);
	if (r == 0)
		r = route_add(nl, index, NULL, &config->gateway6, &problem);
	if (r < 0 && config->ipv6_required) {
		error_set(err, -r, "IPv6: %s", error_text(&problem));
		return r;
	}
	/* A kernel without IPv6, or with it switched off, serves IPv4 just as well. */
	*ret_has = r == 0;
	return 0;
}

static int set_up(
	struct netlink *nl, const struct tap_job *job, struct tap_answer *answer, struct error *err)
{
	const struct slirp_config *config = job->config;
	struct link_change lo = {.up = true};
	struct link_change change = {
		.up = true, .mtu = config->mtu, .mac = config->has_mac ? config->mac : NULL};
	struct link_info info;
	int index = link_get(nl, job->name, NULL, err);
	int r = index;

	if (r >= 0)
		r = link_set(nl, 1, &lo, err);
	if (r >= 0 && config->ipv6)
		refuse_advertisements(job->name);
	if (r >= 0)
		r = link_set(nl, index, &change, err);
	if (r >= 0)
		r = address_add(nl, index, &config->guest, err);
	if (r >= 0)
		r = route_add(nl, index, NULL, &config->gateway, err);
	if (r >= 0)
		r = set_ipv6(nl, index, config, &answer->ipv6, err);
	if (r >= 0)
		r = link_get(nl, job->name, &info, err);
	if (r >= 0)
		memcpy(answer->mac, info.mac, sizeof(answer->mac));
	return r < 0 ? r : 0;
}

static int look(struct netlink *nl, const struct tap_job *job, struct error *err)
{
	struct link_info info;
	int index = link_get(nl, job->name, &info, err);
	int r;

	if (index < 0)
		return index;
	if (!info.up)
		return error_set(err, ENETDOWN, "interface %s is down", job->name);
	r = address_find(nl, index, &job->config->guest, err);
	if (r == 1 && job->ipv6)
		r = address_find(nl, index, &job->config->guest6, err);
	if (r == 0)
		return error_set(err, EADDRNOTAVAIL, "interface %s lost its address", job->name);
	return r < 0 ? r : 0;
}

/* In the child: the job, its outcome in @answer; returns the tap or -1. */
static int work(int netns_fd, const struct tap_job *job, struct tap_answer *answer)
{
	AUTO(netlink_close) struct netlink *nl = NULL;
	autoclose int tap = -1;
	struct error *err = &answer->error;
	int r = enter(netns_fd, err);

	if (r == 0 && !job->check_only) {
		tap = make_tap(job->name, err);
		r = tap < 0 ? tap : 0;
	}
	if (r == 0)
		r = netlink_open(&nl, err);
	if (r == 0)
		r = job->check_only ? look(nl, job, err) : set_up(nl, job, answer, err);
	if (r < 0 && answer->error.code == 0)
		answer->error.code = -r;
	return r < 0 ? -1 : take_fd(tap);
}

static _Noreturn void tap_child(int sock, int netns_fd, const struct tap_job *job)
{
	struct tap_answer answer = {0};
	int tap = work(netns_fd, job, &answer);
	struct iovec iov = {&answer, sizeof(answer)};
	union {
		struct cmsghdr header;
		char space[CMSG_SPACE(sizeof(int))];
	} control = {0};
	struct msghdr message = {.msg_iov = &iov, .msg_iovlen = 1};

	if (tap >= 0) {
		message.msg_control = &control;
		message.msg_controllen = sizeof(control);
		control.header = (struct cmsghdr){.cmsg_len = CMSG_LEN(sizeof(int)),
			.cmsg_level = SOL_SOCKET,
			.cmsg_type = SCM_RIGHTS};
		memcpy(CMSG_DATA(&control.header), &tap, sizeof(tap));
	}
	_exit(sendmsg(sock, &message, MSG_NOSIGNAL) < 0);
}

/* Receives what the child found out; @ret_fd is -1 when it sent no descriptor. */
static int receive(int sock, struct tap_answer *ret, int *ret_fd, struct error *err)
{
	struct iovec iov = {ret, sizeof(*ret)};
	union {
		struct cmsghdr header;
		char space[CMSG_SPACE(sizeof(int))];
	} control = {0};
	struct msghdr message = {.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = sizeof(control)};
	ssize_t len = recvmsg(sock, &message, MSG_CMSG_CLOEXEC);
	struct cmsghdr *header = CMSG_FIRSTHDR(&message);

	if (len < 0)
		return error_sys(err, errno, "network namespace");
	if (len != (ssize_t)sizeof(*ret))
		return error_set(err, EIO, "network namespace: the helper process died");
	if (header && header->cmsg_type == SCM_RIGHTS)
		memcpy(ret_fd, CMSG_DATA(header), sizeof(*ret_fd));
	return 0;
}

static int run_job(const struct netns *netns, const struct tap_job *job, struct tap_answer *ret,
	int *ret_fd, struct error *err)
{
	int socks[2], r;
	pid_t pid;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, socks) < 0)
		return error_sys(err, errno, "network namespace");
	pid = fork();
	if (pid == 0)
		tap_child(socks[1], netns->fd, job);
	close(socks[1]);
	if (pid < 0) {
		close(socks[0]);
		return error_sys(err, errno, "start a process");
	}
	r = receive(socks[0], ret, ret_fd, err);
	close(socks[0]);
	process_wait(pid);
	if (r == 0 && ret->error.code) {
		*err = ret->error;
		r = -ret->error.code;
	}
	return r;
}

int tap_create(const struct netns *netns, const char *name, const struct slirp_config *config,
	struct tap *ret, struct error *err)
{
	struct tap_job job = {.name = name, .config = config};
	struct tap_answer answer = {0};
	autoclose int fd = -1;
	int r = run_job(netns, &job, &answer, &fd, err);

	if (r < 0)
		return r;
	if (fd < 0)
		return error_set(err, EIO, "network namespace: no interface came back");
	*ret = (struct tap){.fd = take_fd(fd), .ipv6 = answer.ipv6};
	memcpy(ret->mac, answer.mac, sizeof(ret->mac));
	return 0;
}

int tap_check(const struct netns *netns, const char *name, const struct slirp_config *config,
	bool ipv6, struct error *err)
{
	struct tap_job job = {.name = name, .config = config, .check_only = true, .ipv6 = ipv6};
	struct tap_answer answer = {0};
	autoclose int fd = -1;

	return run_job(netns, &job, &answer, &fd, err);
}
