/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CORACLE_SECCOMP_PROFILE_H
#define CORACLE_SECCOMP_PROFILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/str.h"
#include "spec/spec.h"

/* seccomp.json as podman and docker have it: the specification's object with conditions. */
struct profile_condition {
	char **caps;
	char **arches; /* Go's names: amd64, arm64 */
	char *min_kernel;
};

struct profile_rule {
	char **names;
	char *name; /* old profiles */
	char *action;
	bool has_errno_ret;
	uint32_t errno_ret;
	char *errno_name; /* "EPERM", when there is no number */
	struct spec_seccomp_arg *args;
	size_t arg_count;
	struct profile_condition includes;
	struct profile_condition excludes;
};

struct profile_arch {
	char *architecture;
	char **sub_architectures;
};

struct profile {
	char *default_action;
	bool has_default_errno_ret;
	uint32_t default_errno_ret;
	char *default_errno_name;
	char **architectures;
	struct profile_arch *arch_map;
	size_t arch_map_count;
	struct profile_rule *rules;
	size_t rule_count;
};

int profile_parse(const char *text, size_t len, struct profile *ret, struct error *err);
void profile_release(struct profile *profile);
static inline void auto_profile_release(struct profile *profile)
{
	profile_release(profile);
}

/* True when the rule's conditions hold for @caps (bits) on this machine. */
bool profile_rule_applies(const struct profile_rule *rule, uint64_t caps);

/*
 * The errno of an action: the number, else the name, else EPERM. -EINVAL for an unknown name.
 */
int profile_errno(bool has_number, uint32_t number, const char *name);

#endif
