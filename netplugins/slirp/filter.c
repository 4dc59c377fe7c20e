/* SPDX-License-Identifier: Apache-2.0 */
#include "filter.h"

#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>

#include "base/cleanup.h"

/* Written by make-filter when the plugin is built. */
static struct sock_filter instructions[] = {
#include "filter-program.h"
};

int filter_load(struct error *err)
{
	struct sock_fprog program = {.len = ARRAY_SIZE(instructions), .filter = instructions};

	if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) < 0)
		return error_sys(err, errno, "sandbox: seccomp filter");
	return 0;
}
