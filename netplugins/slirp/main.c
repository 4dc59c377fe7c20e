/* SPDX-License-Identifier: Apache-2.0 */
/*
 * slirp - a CNI plugin that joins a network namespace to the host without privilege: a tap in
 * the namespace, libslirp's TCP/IP on this side of it, ordinary sockets of the user to the world.
 */
#include <unistd.h>

#include "commands.h"

static const struct cni_commands slirp = {
	.add = command_add,
	.del = command_del,
	.check = command_check,
	.gc = command_gc,
	.status = command_status,
};

int main(void)
{
	/* What the caller forgot to close must not live on in the packet process. */
	close_range(3, ~0U, 0);
	return cni_plugin_main(&slirp);
}
