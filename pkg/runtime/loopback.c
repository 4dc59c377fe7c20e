/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "runtime/internal.h"

int loopback_up(const struct spec *spec, struct error *err)
{
	const struct spec_namespace *network = spec_find_namespace(spec, "network");
	struct ifreq request = {.ifr_name = "lo"};
	autoclose int fd = -1;

	/* Only in a namespace of our own making: others have somebody who looks after them. */
	if (!network || network->path)
		return 0;
	fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return error_sys(err, errno, "loopback interface");
	request.ifr_flags = IFF_UP | IFF_RUNNING;
	if (ioctl(fd, SIOCSIFFLAGS, &request) < 0)
		return error_sys(err, errno, "bring up the loopback interface");
	return 0;
}
