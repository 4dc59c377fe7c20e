/* SPDX-License-Identifier: Apache-2.0 */
#include "container/restart-policy.h"

#include <errno.h>
#include <signal.h>

#include "base/str.h"
#include "sys/process.h"

static const char *const names[] = {
	[RESTART_NO] = "no",
	[RESTART_ON_FAILURE] = "on-failure",
	[RESTART_ALWAYS] = "always",
	[RESTART_UNLESS_STOPPED] = "unless-stopped",
};

const char *restart_mode_name(enum restart_mode mode)
{
	return mode < ARRAY_SIZE(names) ? names[mode] : "no";
}

static int parse_retries(const char *text, struct restart_policy *policy, struct error *err)
{
	uint64_t value;

	if (policy->mode != RESTART_ON_FAILURE)
		return error_set(err, EINVAL,
			"restart policy retries can only be specified with on-failure restart "
			"policy");
	if (str_to_u64(text, 10, &value) < 0 || value > INT32_MAX)
		return error_set(
			err, EINVAL, "restart policy retry count \"%s\" is not a number", text);
	policy->max_retries = (uint32_t)value;
	return 0;
}

int restart_policy_parse(const char *text, struct restart_policy *ret, struct error *err)
{
	struct restart_policy policy = {0};
	const char *colon = text ? strchr(text, ':') : NULL;
	autofree char *name = NULL;
	size_t mode = 0;
	int r = 0;

	if (str_is_empty(text)) {
		*ret = policy;
		return 0;
	}
	name = xstrndup(text, colon ? (size_t)(colon - text) : strlen(text));
	while (mode < ARRAY_SIZE(names) && !str_eq(names[mode], name))
		mode++;
	if (mode == ARRAY_SIZE(names))
		return error_set(err, EINVAL,
			"\"%s\" is not a valid restart policy: invalid argument", name);
	policy.mode = (enum restart_mode)mode;
	if (colon)
		r = parse_retries(colon + 1, &policy, err);
	if (r == 0)
		*ret = policy;
	return r;
}

bool restart_policy_wants(const struct restart_policy *policy, int64_t exit_code, int64_t restarts)
{
	switch (policy->mode) {
	case RESTART_ALWAYS:
	case RESTART_UNLESS_STOPPED:
		return true;
	case RESTART_ON_FAILURE:
		return exit_code != 0 &&
		       (policy->max_retries == 0 || restarts < (int64_t)policy->max_retries);
	case RESTART_NO:
		break;
	}
	return false;
}

int64_t restart_delay_ms(int64_t last_ms, int64_t ran_ns)
{
	if (last_ms <= 0 || ran_ns >= RESTART_SETTLED_NS)
		return RESTART_MIN_DELAY_MS;
	return last_ms >= RESTART_MAX_DELAY_MS / 2 ? RESTART_MAX_DELAY_MS : last_ms * 2;
}

bool restart_ends_by(int sig, const char *stop_signal)
{
	int stop = SIGTERM;

	if (stop_signal)
		(void)signal_parse(stop_signal, &stop);
	return sig == stop || sig == SIGKILL || sig == SIGTERM || sig == SIGINT || sig == SIGQUIT;
}
