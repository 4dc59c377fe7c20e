/* SPDX-License-Identifier: Apache-2.0 */
/*
 * make-filter [ARCHITECTURE] - writes the seccomp program of the packet process as instructions of
 * C. It runs when the plugin is built: libseccomp would take longer over it than all else that the
 * process does before its first packet.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/if_tun.h>
#include <seccomp.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

/* What poll, sockets, memory and reading resolv.conf need, with any argument. */
static const int plain_calls[] = {
	SCMP_SYS(read),
	SCMP_SYS(write),
	SCMP_SYS(readv),
	SCMP_SYS(writev),
	SCMP_SYS(close),
	SCMP_SYS(poll),
	SCMP_SYS(ppoll),
	SCMP_SYS(recvfrom),
	SCMP_SYS(recvmsg),
	SCMP_SYS(sendto),
	SCMP_SYS(sendmsg),
	SCMP_SYS(connect),
	SCMP_SYS(bind),
	SCMP_SYS(listen),
	SCMP_SYS(accept),
	SCMP_SYS(accept4),
	SCMP_SYS(getsockname),
	SCMP_SYS(getpeername),
	SCMP_SYS(getsockopt),
	SCMP_SYS(setsockopt),
	SCMP_SYS(shutdown),
	SCMP_SYS(fstat),
	SCMP_SYS(newfstatat),
	SCMP_SYS(stat),
	SCMP_SYS(lseek),
	SCMP_SYS(clock_gettime),
	SCMP_SYS(gettimeofday),
	SCMP_SYS(time),
	SCMP_SYS(brk),
	SCMP_SYS(munmap),
	SCMP_SYS(mremap),
	SCMP_SYS(madvise),
	SCMP_SYS(getrandom),
	SCMP_SYS(getpid),
	SCMP_SYS(gettid),
	SCMP_SYS(futex),
	SCMP_SYS(rt_sigreturn),
	SCMP_SYS(rt_sigaction),
	SCMP_SYS(rt_sigprocmask),
	SCMP_SYS(restart_syscall),
	SCMP_SYS(exit),
	SCMP_SYS(exit_group),
};

static int allow_plain(scmp_filter_ctx ctx)
{
	for (size_t i = 0; i < sizeof(plain_calls) / sizeof(plain_calls[0]); i++) {
		int r = seccomp_rule_add(ctx, SCMP_ACT_ALLOW, plain_calls[i], 0);

		/* Calls that this architecture does not have need no rule. */
		if (r < 0 && r != -EDOM)
			return r;
	}
	return 0;
}

static int allow_one(scmp_filter_ctx ctx, int call, struct scmp_arg_cmp comparison)
{
	return seccomp_rule_add(ctx, SCMP_ACT_ALLOW, call, 1, comparison);
}

/* Calls that are allowed with some arguments only: number, comparison, value, masked value. */
static const struct {
	int call;
	struct scmp_arg_cmp comparison;
} checked[] = {
	{SCMP_SYS(socket), {0, SCMP_CMP_EQ, AF_INET, 0}},
	{SCMP_SYS(socket), {0, SCMP_CMP_EQ, AF_INET6, 0}},
	/* Memory is never made executable, files are never written. */
	{SCMP_SYS(mmap), {2, SCMP_CMP_MASKED_EQ, PROT_EXEC, 0}},
	{SCMP_SYS(mprotect), {2, SCMP_CMP_MASKED_EQ, PROT_EXEC, 0}},
	{SCMP_SYS(openat), {2, SCMP_CMP_MASKED_EQ, O_ACCMODE | O_CREAT, O_RDONLY}},
	{SCMP_SYS(fcntl), {1, SCMP_CMP_EQ, F_GETFL, 0}},
	{SCMP_SYS(fcntl), {1, SCMP_CMP_EQ, F_SETFL, 0}},
	{SCMP_SYS(fcntl), {1, SCMP_CMP_EQ, F_SETFD, 0}},
	{SCMP_SYS(ioctl), {1, SCMP_CMP_EQ, FIONBIO, 0}},
	{SCMP_SYS(ioctl), {1, SCMP_CMP_EQ, FIONREAD, 0}},
	{SCMP_SYS(ioctl), {1, SCMP_CMP_EQ, TUNSETPERSIST, 0}},
};

static int allow_checked(scmp_filter_ctx ctx)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < sizeof(checked) / sizeof(checked[0]); i++)
		r = allow_one(ctx, checked[i].call, checked[i].comparison);
	return r;
}

/* Rules are for the machine we run on unless another is named, as in a cross build. */
static int choose_architecture(scmp_filter_ctx ctx, const char *name)
{
	uint32_t arch = seccomp_arch_resolve_name(name);
	int r;

	if (!arch)
		return -EINVAL;
	if (arch == seccomp_arch_native())
		return 0;
	r = seccomp_arch_add(ctx, arch);
	return r < 0 ? r : seccomp_arch_remove(ctx, SCMP_ARCH_NATIVE);
}

static int print_program(scmp_filter_ctx ctx)
{
	struct sock_filter one;
	FILE *file = tmpfile();
	int r = file ? seccomp_export_bpf(ctx, fileno(file)) : -errno;

	if (r < 0)
		return r;
	rewind(file);
	while (fread(&one, sizeof(one), 1, file) == 1)
		printf("{%#x, %u, %u, %#x},\n", one.code, one.jt, one.jf, one.k);
	fclose(file);
	return fflush(stdout) == 0 ? 0 : -errno;
}

int main(int argc, char **argv)
{
	scmp_filter_ctx ctx = seccomp_init(SCMP_ACT_ERRNO(EPERM));
	int r = ctx ? 0 : -ENOMEM;

	if (r == 0 && argc > 1)
		r = choose_architecture(ctx, argv[1]);
	if (r == 0)
		r = allow_plain(ctx);
	if (r == 0)
		r = allow_checked(ctx);
	if (r == 0)
		r = print_program(ctx);
	if (r < 0)
		fprintf(stderr, "make-filter: %s\n", strerror(-r));
	seccomp_release(ctx);
	return r < 0;
}
