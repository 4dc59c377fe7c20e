/* SPDX-License-Identifier: Apache-2.0 */
/*
 * coracle-keeper - holds a user namespace open for as long as it lives.
 *
 * Started by pkg/userns with a socket as descriptor 3: says R once the namespace exists, waits for
 * G (the id map is written), and then does nothing. Ends with errno as its status when the kernel
 * refuses. Static and without libraries of ours, because it stays in memory.
 */
#include <errno.h>
#include <sched.h>
#include <sys/prctl.h>
#include <unistd.h>

#define SOCKET_FD 3

int main(void)
{
	char byte;

	if (chdir("/") < 0 || unshare(CLONE_NEWUSER) < 0)
		return errno;
	prctl(PR_SET_NAME, "coracle-keeper");
	if (write(SOCKET_FD, "R", 1) != 1 || read(SOCKET_FD, &byte, 1) != 1)
		return EIO;
	close(SOCKET_FD);
	for (;;)
		pause();
}
