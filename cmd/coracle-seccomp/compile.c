/* SPDX-License-Identifier: Apache-2.0 */
#include "compile.h"

#include <ctype.h>
#include <errno.h>
#include <linux/filter.h>
#include <seccomp.h>
#include <sys/mman.h>

#include "base/log.h"
#include "shrink-check.h"
#include "shrink.h"
#include "sys/file.h"

DEFINE_AUTO(scmp_filter_ctx, seccomp_release);

static const struct {
	const char *name;
	uint32_t action;
} actions[] = {
	{"SCMP_ACT_KILL", SCMP_ACT_KILL},
	{"SCMP_ACT_KILL_PROCESS", SCMP_ACT_KILL_PROCESS},
	{"SCMP_ACT_KILL_THREAD", SCMP_ACT_KILL_THREAD},
	{"SCMP_ACT_TRAP", SCMP_ACT_TRAP},
	{"SCMP_ACT_ALLOW", SCMP_ACT_ALLOW},
	{"SCMP_ACT_LOG", SCMP_ACT_LOG},
};

static const struct {
	const char *name;
	enum scmp_compare op;
} operators[] = {
	{"SCMP_CMP_NE", SCMP_CMP_NE},
	{"SCMP_CMP_LT", SCMP_CMP_LT},
	{"SCMP_CMP_LE", SCMP_CMP_LE},
	{"SCMP_CMP_EQ", SCMP_CMP_EQ},
	{"SCMP_CMP_GE", SCMP_CMP_GE},
	{"SCMP_CMP_GT", SCMP_CMP_GT},
	{"SCMP_CMP_MASKED_EQ", SCMP_CMP_MASKED_EQ},
};

/* A filter in the making. */
struct compiler {
	scmp_filter_ctx ctx;
	uint32_t default_action;
	uint64_t caps;
	int *settled; /* calls that have a rule without arguments: others cannot matter */
	size_t settled_count;
};

static int parse_action(const char *name, int code, uint32_t *ret, struct error *err)
{
	if (code < 0)
		return error_set(err, EINVAL, "unknown errno for %s", name);
	if (str_eq(name, "SCMP_ACT_ERRNO") || str_eq(name, "SCMP_ACT_TRACE")) {
		*ret = str_eq(name, "SCMP_ACT_ERRNO") ? SCMP_ACT_ERRNO((unsigned)code)
						      : SCMP_ACT_TRACE((unsigned)code);
		return 0;
	}
	if (str_eq(name, "SCMP_ACT_NOTIFY"))
		return error_set(err, ENOTSUP, "action SCMP_ACT_NOTIFY is not supported");
	for (size_t i = 0; i < ARRAY_SIZE(actions); i++) {
		if (str_eq(name, actions[i].name)) {
			*ret = actions[i].action;
			return 0;
		}
	}
	return error_set(err, EINVAL, "unknown action %s", name);
}

static int parse_args(const struct profile_rule *rule, struct scmp_arg_cmp *ret, struct error *err)
{
	if (rule->arg_count > 6)
		return error_set(err, EINVAL, "more than six arguments in a rule");
	for (size_t i = 0; i < rule->arg_count; i++) {
		const struct spec_seccomp_arg *arg = &rule->args[i];
		size_t op = 0;

		while (op < ARRAY_SIZE(operators) && !str_eq(arg->op, operators[op].name))
			op++;
		if (op == ARRAY_SIZE(operators))
			return error_set(err, EINVAL, "unknown operator %s", arg->op);
		if (arg->index > 5)
			return error_set(
				err, EINVAL, "system calls have no argument %u", arg->index);
		ret[i] = (struct scmp_arg_cmp){
			arg->index, operators[op].op, arg->value, arg->value_two};
	}
	return 0;
}

static bool is_settled(const struct compiler *self, int call)
{
	for (size_t i = 0; i < self->settled_count; i++)
		if (self->settled[i] == call)
			return true;
	return false;
}

static int add_call(struct compiler *self, const char *name, uint32_t action,
	const struct scmp_arg_cmp *args, size_t arg_count, struct error *err)
{
	int call = seccomp_syscall_resolve_name(name);
	int r;

	/* runtime-spec, Seccomp: names that are unknown here are passed over. */
	if (call == __NR_SCMP_ERROR || is_settled(self, call))
		return 0;
	if (arg_count == 0) {
		self->settled = list_grow(self->settled, self->settled_count, sizeof(int));
		self->settled[self->settled_count++] = call;
	}
	if (action == self->default_action)
		return 0;
	r = seccomp_rule_add_array(self->ctx, action, call, (unsigned)arg_count, args);
	/* EDOM: no such call on one of the architectures. */
	if (r < 0 && r != -EEXIST && r != -EDOM)
		return error_sys(err, -r, "seccomp rule for %s", name);
	return 0;
}

static int add_rule(struct compiler *self, const struct profile_rule *rule, struct error *err)
{
	struct scmp_arg_cmp args[6];
	uint32_t action;
	int code = profile_errno(rule->has_errno_ret, rule->errno_ret, rule->errno_name);
	int r = parse_action(rule->action, code, &action, err);

	if (r == 0)
		r = parse_args(rule, args, err);
	if (r == 0 && rule->name)
		r = add_call(self, rule->name, action, args, rule->arg_count, err);
	for (size_t i = 0; r == 0 && rule->names && rule->names[i]; i++)
		r = add_call(self, rule->names[i], action, args, rule->arg_count, err);
	return r;
}

/*
 * Rules without arguments that allow go first, then the others without arguments: a call that is
 * in two lists is allowed, whatever their order, and the library never sees a contradiction.
 */
static unsigned rule_turn(const struct profile_rule *rule)
{
	if (rule->arg_count)
		return 2;
	return str_eq(rule->action, "SCMP_ACT_ALLOW") ? 0 : 1;
}

static int add_rules(struct compiler *self, const struct profile *profile, struct error *err)
{
	for (unsigned turn = 0; turn < 3; turn++) {
		for (size_t i = 0; i < profile->rule_count; i++) {
			const struct profile_rule *rule = &profile->rules[i];
			int r = 0;

			if (rule_turn(rule) == turn && profile_rule_applies(rule, self->caps))
				r = add_rule(self, rule, err);
			if (r < 0)
				return r;
		}
	}
	return 0;
}

/* "SCMP_ARCH_X86_64" to the library's "x86_64". */
static uint32_t parse_arch(const char *name)
{
	const char *bare = str_after(name, "SCMP_ARCH_");
	char lower[32];
	size_t i;

	if (!bare || strlen(bare) >= sizeof(lower))
		return 0;
	for (i = 0; bare[i]; i++)
		lower[i] = (char)tolower((unsigned char)bare[i]);
	lower[i] = '\0';
	return seccomp_arch_resolve_name(lower);
}

static int add_arches(scmp_filter_ctx ctx, char *const *names, struct error *err)
{
	for (size_t i = 0; names && names[i]; i++) {
		uint32_t arch = parse_arch(names[i]);
		int r = arch ? seccomp_arch_add(ctx, arch) : 0;

		if (r < 0 && r != -EEXIST && r != -EDOM)
			return error_sys(err, -r, "architecture %s", names[i]);
	}
	return 0;
}

static int set_arches(scmp_filter_ctx ctx, const struct profile *profile, struct error *err)
{
	uint32_t native = seccomp_arch_native();
	int r = add_arches(ctx, profile->architectures, err);

	for (size_t i = 0; r == 0 && i < profile->arch_map_count; i++)
		if (parse_arch(profile->arch_map[i].architecture) == native)
			r = add_arches(ctx, profile->arch_map[i].sub_architectures, err);
	return r;
}

/* The library only writes to descriptors. */
static int export_filter(
	scmp_filter_ctx ctx, struct sock_filter *ret, size_t *ret_count, struct error *err)
{
	autoclose int fd = memfd_create("seccomp", MFD_CLOEXEC);
	ssize_t size;
	int r;

	if (fd < 0)
		return error_sys(err, errno, "memory for the seccomp filter");
	r = seccomp_export_bpf(ctx, fd);
	if (r < 0)
		return error_sys(err, -r, "make the seccomp filter");
	size = lseek(fd, 0, SEEK_END);
	if (size <= 0 || size > (ssize_t)(BPF_MAXINSNS * sizeof(*ret)))
		return error_set(err, E2BIG, "seccomp filter of %zd bytes", size);
	if (pread(fd, ret, (size_t)size, 0) != size)
		return error_set(err, EIO, "read the seccomp filter: it is shorter than it was");
	*ret_count = (size_t)size / sizeof(*ret);
	return 0;
}

/*
 * A shorter program is loaded faster, but a filter must never let more through: it is used only
 * when it is shown to answer as the library's does.
 */
static void try_shorter(struct sock_filter *code, size_t *count)
{
	struct sock_filter shorter[BPF_MAXINSNS];
	size_t shorter_count = 0;
	int r = shrink_filter(code, *count, shorter, &shorter_count);

	if (r == 0)
		r = shrink_check(code, *count, shorter, shorter_count);
	if (r < 0) {
		log_debug("seccomp filter stays as it is: %s", strerror(-r));
		return;
	}
	log_debug("seccomp filter: %zu instructions instead of %zu", shorter_count, *count);
	memcpy(code, shorter, shorter_count * sizeof(*code));
	*count = shorter_count;
}

int compile_plain(const struct profile *profile, uint64_t caps, struct sock_filter *ret,
	size_t *ret_count, struct error *err)
{
	struct compiler self = {.caps = caps};
	AUTO(seccomp_release) scmp_filter_ctx ctx = NULL;
	int code = profile_errno(profile->has_default_errno_ret, profile->default_errno_ret,
		profile->default_errno_name);
	int r = parse_action(profile->default_action, code, &self.default_action, err);

	if (r < 0)
		return r;
	ctx = self.ctx = seccomp_init(self.default_action);
	if (!ctx)
		return error_set(err, EINVAL, "seccomp filter cannot be begun");
	(void)seccomp_attr_set(ctx, SCMP_FLTATR_CTL_NNP, 0);
	/*
	 * A tree instead of a list: should it stay as it is, every call of the container walks it,
	 * and it is shrunk and checked in a quarter of the time.
	 */
	(void)seccomp_attr_set(ctx, SCMP_FLTATR_CTL_OPTIMIZE, 2);
	r = set_arches(ctx, profile, err);
	if (r == 0)
		r = add_rules(&self, profile, err);
	free(self.settled);
	return r < 0 ? r : export_filter(ctx, ret, ret_count, err);
}

int compile_profile(const struct profile *profile, uint64_t caps, int fd, struct error *err)
{
	struct sock_filter code[BPF_MAXINSNS];
	size_t count = 0;
	int r = compile_plain(profile, caps, code, &count, err);

	if (r < 0)
		return r;
	try_shorter(code, &count);
	r = fd_write_all(fd, code, count * sizeof(*code));
	return r < 0 ? error_sys(err, -r, "write the seccomp filter") : 0;
}
