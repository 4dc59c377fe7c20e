/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <strings.h>

#include "base/str.h"
#include "sys/process.h"

int signal_parse(const char *text, int *ret)
{
	uint64_t number;
	const char *rest;

	if (str_is_empty(text))
		return -EINVAL;
	if (str_to_u64(text, 10, &number) == 0) {
		if (number < 1 || number > (uint64_t)SIGRTMAX)
			return -EINVAL;
		*ret = (int)number;
		return 0;
	}
	if (strncasecmp(text, "SIG", 3) == 0)
		text += 3;
	/* The kernel's numbers (34-64 are the real-time ones that libc leaves to programs). */
	if (strncasecmp(text, "RTMIN", 5) == 0 || strncasecmp(text, "RTMAX", 5) == 0) {
		bool from_max = strncasecmp(text, "RTMAX", 5) == 0;

		rest = text + 5;
		number = 0;
		if (*rest && (*rest != (from_max ? '-' : '+') ||
				     str_to_u64(rest + 1, 10, &number) < 0 || number > 30))
			return -EINVAL;
		*ret = from_max ? SIGRTMAX - (int)number : SIGRTMIN + (int)number;
		return 0;
	}
	for (int sig = 1; sig < SIGRTMIN; sig++) {
		const char *name = sigabbrev_np(sig);

		if (name && strcasecmp(name, text) == 0) {
			*ret = sig;
			return 0;
		}
	}
	return -EINVAL;
}

const char *signal_name(int sig)
{
	static char name[16];
	const char *abbreviation = sig > 0 ? sigabbrev_np(sig) : NULL;

	if (abbreviation)
		snprintf(name, sizeof(name), "SIG%s", abbreviation);
	else if (sig >= SIGRTMIN && sig <= SIGRTMAX)
		snprintf(name, sizeof(name), "SIGRTMIN+%d", sig - SIGRTMIN);
	else
		snprintf(name, sizeof(name), "%d", sig);
	return name;
}
