/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Giving up privilege, in this order (credentials(7), capabilities(7)):
 *
 *   1. bounding set, which needs CAP_SETPCAP
 *   2. groups and ids, with PR_SET_KEEPCAPS so that the permitted set survives
 *   3. no_new_privs, or CAP_SYS_ADMIN made effective again: one of them is what seccomp(2) asks
 *   4. the filter, then the final sets; only capset, prctl and execve come after it
 */
#include <errno.h>
#include <grp.h>
#include <linux/capability.h>
#include <linux/keyctl.h>
#include <linux/seccomp.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#include "base/log.h"
#include "runtime/internal.h"

int security_drop_bounding(const struct program_caps *caps, struct error *err)
{
	for (unsigned i = 0; i < 64; i++) {
		if (caps->bounding & (UINT64_C(1) << i))
			continue;
		if (prctl(PR_CAPBSET_DROP, i, 0, 0, 0) == 0)
			continue;
		if (errno == EINVAL) /* beyond the kernel's last capability */
			return 0;
		return error_sys(err, errno, "drop capability %u", i);
	}
	return 0;
}

static int get_permitted(uint64_t *ret, struct error *err)
{
	struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct data[2] = {0};

	if (syscall(SYS_capget, &header, data) < 0)
		return error_sys(err, errno, "read capabilities");
	*ret = data[0].permitted | (uint64_t)data[1].permitted << 32;
	return 0;
}

static int set_caps(uint64_t effective, uint64_t permitted, uint64_t inheritable, struct error *err)
{
	struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct data[2] = {
		{(uint32_t)effective, (uint32_t)permitted, (uint32_t)inheritable},
		{(uint32_t)(effective >> 32), (uint32_t)(permitted >> 32),
			(uint32_t)(inheritable >> 32)},
	};

	if (syscall(SYS_capset, &header, data) < 0)
		return error_sys(err, errno, "set capabilities");
	return 0;
}

static int set_groups(const struct program *program, struct error *err)
{
	uint32_t gid = program->process->user.gid;

	if (setgroups(program->group_count, program->groups) < 0) {
		/*
		 * EPERM: the user namespace has a single id and setgroups is denied there.
		 * EINVAL: a group of the image that this namespace does not have.
		 */
		if (errno != EPERM && errno != EINVAL)
			return error_sys(err, errno, "set additional groups");
		log_debug("additional groups are not set: %m");
	}
	if (setresgid(gid, gid, gid) < 0)
		return error_sys(err, errno, "set group id %u%s", gid,
			errno == EINVAL ? ", which the user namespace does not have" : "");
	return 0;
}

int security_set_user(const struct program *program, struct error *err)
{
	uint32_t uid = program->process->user.uid;
	uint64_t permitted = 0;
	int r;

	if (prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) < 0)
		return error_sys(err, errno, "keep capabilities");
	r = set_groups(program, err);
	if (r < 0)
		return r;
	if (setresuid(uid, uid, uid) < 0)
		return error_sys(err, errno, "set user id %u%s", uid,
			errno == EINVAL ? ", which the user namespace does not have" : "");
	r = get_permitted(&permitted, err);
	return r < 0 ? r : set_caps(permitted, permitted, 0, err);
}

static int load_filter(const struct program *program, struct error *err)
{
	struct sock_fprog prog = {
		.len = (unsigned short)program->filter_count, .filter = program->filter};

	if (!program->filter)
		return 0;
	if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &prog) < 0)
		return error_sys(err, errno, "load the seccomp filter");
	return 0;
}

int security_finish(const struct program *program, struct error *err)
{
	const struct program_caps *caps = &program->caps;
	uint64_t have = 0;
	int r = get_permitted(&have, err);

	if (r < 0)
		return r;
	if (program->process->no_new_privileges && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return error_sys(err, errno, "set no_new_privs");
	r = load_filter(program, err);
	if (r < 0)
		return r;
	/* What we do not have ourselves (a restricted outer container) cannot be given. */
	r = set_caps(caps->effective & caps->permitted & have, caps->permitted & have,
		caps->inheritable & have, err);
	if (r < 0 || !caps->ambient)
		return r;
	for (unsigned i = 0; i < 64; i++)
		if ((caps->ambient & caps->permitted & caps->inheritable & have) >> i & 1)
			if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, i, 0, 0) < 0)
				return error_sys(err, errno, "raise ambient capability %u", i);
	return 0;
}

void security_new_keyring(const char *id)
{
	char name[80];

	snprintf(name, sizeof(name), "_ses.%.70s", id);
	/* ENOSYS: a kernel or an outer filter without keys; EDQUOT: too many. Both can be lived
	 * with. */
	if (syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, name) < 0)
		log_debug("no session keyring of its own: %m");
}
