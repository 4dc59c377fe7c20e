/* SPDX-License-Identifier: Apache-2.0 */
#include "profile.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/utsname.h>

#include "spec/capability.h"

static const struct json_field condition_fields[] = {
	JSON_STRINGS(struct profile_condition, caps, "caps"),
	JSON_STRINGS(struct profile_condition, arches, "arches"),
	JSON_STRING(struct profile_condition, min_kernel, "minKernel"),
	JSON_END,
};

static const struct json_field arg_fields[] = {
	JSON_U32(struct spec_seccomp_arg, index, "index", JSON_REQUIRED),
	JSON_U64(struct spec_seccomp_arg, value, "value", JSON_REQUIRED),
	JSON_U64(struct spec_seccomp_arg, value_two, "valueTwo"),
	JSON_STRING(struct spec_seccomp_arg, op, "op", JSON_REQUIRED),
	JSON_END,
};

static const struct json_field rule_fields[] = {
	JSON_STRINGS(struct profile_rule, names, "names"),
	JSON_STRING(struct profile_rule, name, "name"),
	JSON_STRING(struct profile_rule, action, "action", JSON_REQUIRED),
	JSON_HAS(U32, struct profile_rule, errno_ret, has_errno_ret, "errnoRet"),
	JSON_STRING(struct profile_rule, errno_name, "errno"),
	JSON_OBJECTS(struct profile_rule, args, arg_count, "args", arg_fields),
	JSON_OBJECT(struct profile_rule, includes, "includes", condition_fields),
	JSON_OBJECT(struct profile_rule, excludes, "excludes", condition_fields),
	JSON_END,
};

static const struct json_field arch_fields[] = {
	JSON_STRING(struct profile_arch, architecture, "architecture", JSON_REQUIRED),
	JSON_STRINGS(struct profile_arch, sub_architectures, "subArchitectures"),
	JSON_END,
};

static const struct json_field profile_fields[] = {
	JSON_STRING(struct profile, default_action, "defaultAction", JSON_REQUIRED),
	JSON_HAS(U32, struct profile, default_errno_ret, has_default_errno_ret, "defaultErrnoRet"),
	JSON_STRING(struct profile, default_errno_name, "defaultErrno"),
	JSON_STRINGS(struct profile, architectures, "architectures"),
	JSON_OBJECTS(struct profile, arch_map, arch_map_count, "archMap", arch_fields),
	JSON_OBJECTS(struct profile, rules, rule_count, "syscalls", rule_fields),
	JSON_END,
};

int profile_parse(const char *text, size_t len, struct profile *ret, struct error *err)
{
	return json_read(text, len, "seccomp profile", profile_fields, ret, err);
}

void profile_release(struct profile *profile)
{
	json_release(profile_fields, profile);
}

/* "6.18.4-debian": the two numbers that count, as one. */
static unsigned long kernel_number(const char *version)
{
	char *end = NULL;
	unsigned long major = strtoul(version, &end, 10);

	return major << 16 | (*end == '.' ? strtoul(end + 1, NULL, 10) & 0xffff : 0);
}

static bool kernel_is_at_least(const char *wanted)
{
	struct utsname host;

	return uname(&host) == 0 && kernel_number(host.release) >= kernel_number(wanted);
}

static const struct {
	const char *machine;
	const char *go;
} machines[] = {
	{"x86_64", "amd64"},
	{"aarch64", "arm64"},
	{"i686", "386"},
	{"i386", "386"},
	{"armv7l", "arm"},
	{"armv6l", "arm"},
	{"armv8l", "arm"},
	{"ppc64le", "ppc64le"},
	{"s390x", "s390x"},
	{"riscv64", "riscv64"},
	{"loongarch64", "loong64"},
};

static bool has_this_arch(char *const *arches)
{
	struct utsname host;

	if (uname(&host) < 0)
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(machines); i++)
		if (str_eq(machines[i].machine, host.machine))
			return strv_has(arches, machines[i].go);
	return strv_has(arches, host.machine);
}

/* A name that we do not know is one that the container does not have. */
static bool has_cap(uint64_t caps, const char *name)
{
	int number = capability_parse(name);

	return number >= 0 && (caps >> number & 1);
}

bool profile_rule_applies(const struct profile_rule *rule, uint64_t caps)
{
	const struct profile_condition *inc = &rule->includes, *exc = &rule->excludes;

	for (size_t i = 0; inc->caps && inc->caps[i]; i++)
		if (!has_cap(caps, inc->caps[i]))
			return false;
	for (size_t i = 0; exc->caps && exc->caps[i]; i++)
		if (has_cap(caps, exc->caps[i]))
			return false;
	if (inc->arches && inc->arches[0] && !has_this_arch(inc->arches))
		return false;
	if (exc->arches && exc->arches[0] && has_this_arch(exc->arches))
		return false;
	if (!str_is_empty(inc->min_kernel) && !kernel_is_at_least(inc->min_kernel))
		return false;
	return str_is_empty(exc->min_kernel) || !kernel_is_at_least(exc->min_kernel);
}

int profile_errno(bool has_number, uint32_t number, const char *name)
{
	if (has_number)
		return number < 4096 ? (int)number : -EINVAL;
	if (str_is_empty(name))
		return EPERM;
	for (int code = 1; code < 200; code++)
		if (str_eq(strerrorname_np(code), name))
			return code;
	return -EINVAL;
}
