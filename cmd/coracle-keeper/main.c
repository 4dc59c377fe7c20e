/* SPDX-License-Identifier: Apache-2.0 */
/*
 * coracle-keeper [net] - holds a user namespace (or a network namespace) open for as long as it lives.
 *
 * Started by pkg/userns and pkg/network with a socket as descriptor 3: says R once the namespace
 * exists, waits for G (what the starter had to do with it is done), and then does nothing. Ends with
 * errno as its status when the kernel refuses. Static and without libraries of ours, because it stays
 * in memory.
 */
#include <errno.h>
#include <net/if.h>
#include <sched.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#define SOCKET_FD 3

static int bring_up_lo(void)
{
	struct ifreq request = {.ifr_name = "lo", .ifr_flags = IFF_UP};
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd < 0 || ioctl(fd, SIOCSIFFLAGS, &request) < 0)
		return -1;
	return close(fd);
}

static int make_namespace(int is_net)
{
	if (unshare(is_net ? CLONE_NEWNET : CLONE_NEWUSER) < 0)
		return -1;
	prctl(PR_SET_NAME, is_net ? "coracle-netns" : "coracle-keeper");
	return is_net ? bring_up_lo() : 0;
}

int main(int argc, char **argv)
{
	char byte;

	if (chdir("/") < 0 || make_namespace(argc > 1 && strcmp(argv[1], "net") == 0) < 0)
		return errno;
	if (write(SOCKET_FD, "R", 1) != 1 || read(SOCKET_FD, &byte, 1) != 1)
		return EIO;
	close(SOCKET_FD);
	for (;;)
		pause();
}
