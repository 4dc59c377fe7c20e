/* SPDX-License-Identifier: Apache-2.0 */
#include "cgroup/choice.h"

#include <errno.h>

#include "base/str.h"

const char *cgroup_manager_name(enum cgroup_manager manager)
{
	static const char *const names[] = {
		[CGROUP_MANAGER_NONE] = "none",
		[CGROUP_MANAGER_CGROUPFS] = "cgroupfs",
		[CGROUP_MANAGER_SYSTEMD] = "systemd",
	};

	return names[manager];
}

int cgroup_mode_parse(const char *text, enum cgroup_mode *ret, struct error *err)
{
	static const char *const names[] = {
		[CGROUP_MODE_ENABLED] = "enabled",
		[CGROUP_MODE_DISABLED] = "disabled",
		[CGROUP_MODE_NO_CONMON] = "no-conmon",
		[CGROUP_MODE_SPLIT] = "split",
	};

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		if (str_eq(text, names[i]) || (i == 0 && str_is_empty(text))) {
			*ret = (enum cgroup_mode)i;
			return 0;
		}
	}
	return error_set(err, EINVAL,
		"cgroups \"%s\" is not one of enabled, disabled, no-conmon, split", text);
}

/* What a person can do about it. */
#define REMEDY_SESSION \
	"log in with a systemd user session, or keep one with \"loginctl enable-linger\""
#define REMEDY_DELEGATE "start coracle in a unit with Delegate=yes"

static int nothing_delegated(
	const struct cgroup_facts *facts, enum cgroup_manager wanted, struct error *err)
{
	if (!facts->has_cgroup)
		return error_set(
			err, ENOTSUP, "resource limits need cgroup v2, which is not mounted here");
	if (wanted == CGROUP_MANAGER_SYSTEMD)
		return error_set(err, ENOTSUP,
			"resource limits need a cgroup, and there is no systemd of this user to "
			"ask for one: " REMEDY_SESSION);
	if (wanted == CGROUP_MANAGER_CGROUPFS)
		return error_set(err, ENOTSUP,
			"resource limits need a cgroup, and ours is not delegated to this "
			"user: " REMEDY_DELEGATE);
	return error_set(err, ENOTSUP,
		"resource limits need a cgroup, and none is delegated to this "
		"user: " REMEDY_SESSION ", or " REMEDY_DELEGATE);
}

static enum cgroup_manager find_manager(const struct cgroup_facts *facts,
	const struct cgroup_wish *wish, enum cgroup_manager wanted)
{
	if (facts->has_systemd && wanted != CGROUP_MANAGER_CGROUPFS) {
		bool is_worth_it =
			wish->is_needed || wish->is_lasting || wanted == CGROUP_MANAGER_SYSTEMD;

		return is_worth_it ? CGROUP_MANAGER_SYSTEMD : CGROUP_MANAGER_NONE;
	}
	if (facts->own_writable && wanted != CGROUP_MANAGER_SYSTEMD)
		return CGROUP_MANAGER_CGROUPFS;
	return CGROUP_MANAGER_NONE;
}

static int parse_manager(const char *text, enum cgroup_manager *ret, struct error *err)
{
	if (str_is_empty(text) || str_eq(text, "auto"))
		*ret = CGROUP_MANAGER_NONE;
	else if (str_eq(text, "systemd"))
		*ret = CGROUP_MANAGER_SYSTEMD;
	else if (str_eq(text, "cgroupfs"))
		*ret = CGROUP_MANAGER_CGROUPFS;
	else
		return error_set(err, EINVAL,
			"cgroup manager \"%s\" is not one of systemd, cgroupfs, auto", text);
	return 0;
}

int cgroup_choose(const struct cgroup_facts *facts, const struct cgroup_wish *wish,
	enum cgroup_manager *ret, struct error *err)
{
	enum cgroup_manager wanted = CGROUP_MANAGER_NONE, found;
	int r = parse_manager(wish->manager, &wanted, err);

	if (r < 0)
		return r;
	if (wish->mode == CGROUP_MODE_DISABLED) {
		if (wish->is_needed)
			return error_set(err, EINVAL,
				"resource limits need a cgroup, and cgroups are disabled");
		*ret = CGROUP_MANAGER_NONE;
		return 0;
	}
	/* A scope would take the monitor along; both modes want it to stay where it is. */
	if (wish->mode != CGROUP_MODE_ENABLED)
		wanted = CGROUP_MANAGER_CGROUPFS;
	found = facts->has_cgroup ? find_manager(facts, wish, wanted) : CGROUP_MANAGER_NONE;
	if (found == CGROUP_MANAGER_NONE && wish->is_needed)
		return nothing_delegated(facts, wanted, err);
	*ret = found;
	return 0;
}
