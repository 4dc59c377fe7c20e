/* SPDX-License-Identifier: Apache-2.0 */
#include "loop.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "sandbox.h"
#include "stack.h"
#include "sys/file.h"

/* What ps shows, so that the plugin and what it leaves running can be told apart. */
#define PROCESS_NAME "slirp-packets"
/* Standard streams aside, the only descriptor of the plugin that stays. */
#define SOCK_FD 3

static int tapfd = -1;

/*
 * The namespace is at its end. To take the interface out of it first would cost tens of
 * milliseconds of waiting for the kernel's grace periods, during which our ports stay taken: an
 * interface that persists is left to the kernel, which takes it away with the namespace.
 */
static void leave_interface(void)
{
	/* Also from a signal's handler: it is nothing but a system call. */
	ioctl(tapfd, TUNSETPERSIST, 1); /* NOLINT(bugprone-signal-handler) */
}

static void on_terminate(int sig)
{
	(void)sig;
	leave_interface();
	_exit(0);
}

/* A connection costs a descriptor here, and containers open many. */
static void raise_limits(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
		limit.rlim_cur = limit.rlim_max;
		setrlimit(RLIMIT_NOFILE, &limit);
	}
}

/* Nothing of what the plugin or its caller had open stays open here. */
static int leave_descriptors(int sock, struct error *err)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	if (null < 0)
		return error_sys(err, errno, "open /dev/null");
	for (int fd = 0; fd <= 2; fd++)
		dup2(null, fd);
	/* Last, since /dev/null or the socket may have had this number. */
	if (sock != SOCK_FD && dup2(sock, SOCK_FD) < 0)
		return error_sys(err, errno, "packet process");
	close_range(SOCK_FD + 1, ~0U, 0);
	return 0;
}

static bool kernel_has_ipv6(void)
{
	autoclose int fd = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	return fd >= 0;
}

/* All that can fail. */
static int get_ready(const struct slirp_config *config, const struct resolv *resolv,
	struct stack **ret, struct error *err)
{
	AUTO(stack_free) struct stack *stack = NULL;
	int r;

	raise_limits();
	r = stack_new(config, config->ipv6 && kernel_has_ipv6(), &stack, err);
	if (r == 0)
		r = sandbox_enter(resolv, err);
	if (r < 0)
		return r;
	*ret = take_ptr(stack);
	return 0;
}

/* Receives the tap and perhaps a pidfd. */
static int receive_fds(int *ret_pidfd)
{
	int fds[2] = {-1, -1};
	char byte;
	struct iovec iov = {&byte, 1};
	union {
		struct cmsghdr header;
		char space[CMSG_SPACE(sizeof(fds))];
	} control = {0};
	struct msghdr message = {.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = sizeof(control)};
	struct cmsghdr *header;

	if (recvmsg(SOCK_FD, &message, MSG_CMSG_CLOEXEC) != 1)
		return -EPIPE;
	header = CMSG_FIRSTHDR(&message);
	if (!header || header->cmsg_type != SCM_RIGHTS || header->cmsg_len > CMSG_LEN(sizeof(fds)))
		return -EPROTO;
	memcpy(fds, CMSG_DATA(header), header->cmsg_len - CMSG_LEN(0));
	*ret_pidfd = fds[1];
	return fds[0];
}

_Noreturn void loop_run(const struct slirp_config *config, const struct resolv *resolv, int sock)
{
	struct stack *stack = NULL;
	struct error err = {0};
	int pidfd = -1, r;

	setsid();
	prctl(PR_SET_NAME, PROCESS_NAME);
	signal(SIGPIPE, SIG_IGN);
	r = leave_descriptors(sock, &err);
	if (r == 0)
		r = get_ready(config, resolv, &stack, &err);
	if (send(SOCK_FD, &err, sizeof(err), MSG_NOSIGNAL) < 0 || r < 0)
		_exit(1);
	tapfd = receive_fds(&pidfd);
	if (tapfd < 0)
		_exit(1);
	signal(SIGTERM, on_terminate);
	close(SOCK_FD);
	stack_run(stack, tapfd, pidfd);
	leave_interface();
	_exit(0);
}
