/* SPDX-License-Identifier: Apache-2.0 */
#include "spec/capability.h"

#include <assert.h>
#include <errno.h>
#include <strings.h>

#include "base/str.h"

/* By number (linux/capability.h). */
static const char *const names[] = {"CAP_CHOWN", "CAP_DAC_OVERRIDE", "CAP_DAC_READ_SEARCH",
	"CAP_FOWNER", "CAP_FSETID", "CAP_KILL", "CAP_SETGID", "CAP_SETUID", "CAP_SETPCAP",
	"CAP_LINUX_IMMUTABLE", "CAP_NET_BIND_SERVICE", "CAP_NET_BROADCAST", "CAP_NET_ADMIN",
	"CAP_NET_RAW", "CAP_IPC_LOCK", "CAP_IPC_OWNER", "CAP_SYS_MODULE", "CAP_SYS_RAWIO",
	"CAP_SYS_CHROOT", "CAP_SYS_PTRACE", "CAP_SYS_PACCT", "CAP_SYS_ADMIN", "CAP_SYS_BOOT",
	"CAP_SYS_NICE", "CAP_SYS_RESOURCE", "CAP_SYS_TIME", "CAP_SYS_TTY_CONFIG", "CAP_MKNOD",
	"CAP_LEASE", "CAP_AUDIT_WRITE", "CAP_AUDIT_CONTROL", "CAP_SETFCAP", "CAP_MAC_OVERRIDE",
	"CAP_MAC_ADMIN", "CAP_SYSLOG", "CAP_WAKE_ALARM", "CAP_BLOCK_SUSPEND", "CAP_AUDIT_READ",
	"CAP_PERFMON", "CAP_BPF", "CAP_CHECKPOINT_RESTORE"};
static_assert(ARRAY_SIZE(names) == CAPABILITY_COUNT, "one name for each capability");

int capability_parse(const char *text)
{
	const char *bare = strncasecmp(text, "CAP_", 4) == 0 ? text + 4 : text;

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (strcasecmp(bare, names[i] + 4) == 0)
			return (int)i;
	return -EINVAL;
}

const char *capability_name(unsigned number)
{
	return number < ARRAY_SIZE(names) ? names[number] : NULL;
}

int capability_set(char *const *list, uint64_t *ret, struct error *err)
{
	uint64_t set = 0;

	for (size_t i = 0; list && list[i]; i++) {
		int number = capability_parse(list[i]);

		if (number < 0)
			return error_set(err, EINVAL, "unknown capability %s", list[i]);
		set |= UINT64_C(1) << number;
	}
	*ret = set;
	return 0;
}

char **capability_names(uint64_t set)
{
	char **list = NULL;

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (set & (UINT64_C(1) << i))
			strv_add(&list, names[i]);
	return list;
}

/* A list of names as bits; "ALL" apart, because it is not the sum of the others. */
static int parse_change(char *const *list, uint64_t *ret, bool *ret_all, struct error *err)
{
	for (size_t i = 0; list && list[i]; i++) {
		int number;

		if (strcasecmp(list[i], "ALL") == 0) {
			*ret_all = true;
			continue;
		}
		number = capability_parse(list[i]);
		if (number < 0)
			return error_set(err, EINVAL, "unknown capability %s", list[i]);
		*ret |= UINT64_C(1) << number;
	}
	return 0;
}

int capability_change(uint64_t base, uint64_t all, char *const *add, char *const *drop,
	uint64_t *ret, struct error *err)
{
	uint64_t added = 0, dropped = 0;
	bool add_all = false, drop_all = false;
	int r = parse_change(add, &added, &add_all, err);

	if (r == 0)
		r = parse_change(drop, &dropped, &drop_all, err);
	if (r < 0)
		return r;
	for (unsigned i = 0; i < CAPABILITY_COUNT; i++)
		if (added & dropped & (UINT64_C(1) << i))
			return error_set(err, EINVAL,
				"capability %s cannot be both added and dropped", names[i]);
	if (add_all && drop_all)
		return error_set(err, EINVAL, "capability ALL cannot be both added and dropped");
	if (drop_all)
		base = 0;
	if (add_all)
		base = all;
	*ret = (base | added) & ~dropped;
	return 0;
}
