/* SPDX-License-Identifier: Apache-2.0 */
/* Loads compiled profiles in a child and asks the kernel what is denied, and how. */
#include "../../../cmd/coracle-seccomp/compile.h"

#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <cmocka.h>

#include "spec/capability.h"
#include "spec/defaults.h"

#define CAP(number) (UINT64_C(1) << (number))

/* A call with three arguments and what it must give: 0: anything but EPERM and ENOSYS. */
struct probe {
	long number;
	unsigned long args[3];
	int code;
};

static bool load(int fd)
{
	static struct sock_filter code[BPF_MAXINSNS];
	ssize_t len = pread(fd, code, sizeof(code), 0);
	struct sock_fprog prog = {(unsigned short)(len / (ssize_t)sizeof(code[0])), code};

	return len > 0 && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
	       syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &prog) == 0;
}

static bool is_as_expected(const struct probe *probe)
{
	long r;

	errno = 0;
	r = syscall(probe->number, probe->args[0], probe->args[1], probe->args[2]);
	if (probe->code)
		return r < 0 && errno == probe->code;
	return r >= 0 || (errno != EPERM && errno != ENOSYS);
}

/* Index of the first probe that goes wrong, or -1. */
static int run_probes(const char *text, uint64_t caps, const struct probe *probes, size_t count)
{
	AUTO(profile_release) struct profile profile = {0};
	struct error err = {0};
	autoclose int fd = memfd_create("filter", MFD_CLOEXEC);
	int status;
	pid_t pid;

	assert_int_equal(profile_parse(text, strlen(text), &profile, &err), 0);
	assert_int_equal(compile_profile(&profile, caps, fd, &err), 0);
	pid = fork();
	if (pid == 0) {
		if (!load(fd))
			_exit(100);
		for (size_t i = 0; i < count; i++)
			if (!is_as_expected(&probes[i]))
				_exit((int)i + 1);
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status) - 1;
}

static void default_profile_denies_what_is_dangerous(void **state)
{
	static const struct probe probes[] = {
		{425, {1, 0, 0}, ENOSYS}, /* io_uring_setup */
		{SYS_kexec_load, {0, 0, 0}, EPERM},
		{SYS_bpf, {0, 0, 0}, EPERM},
		{SYS_perf_event_open, {0, 0, 0}, EPERM},
		{SYS_init_module, {0, 0, 0}, EPERM},
		{SYS_personality, {0x40000, 0, 0}, ENOSYS},
		{SYS_personality, {0xffffffff, 0, 0}, 0},
		{SYS_socket, {40, SOCK_STREAM, 0}, EPERM},
		{SYS_socket, {AF_UNIX, SOCK_STREAM, 0}, 0},
		{SYS_socket, {16, SOCK_RAW, 9}, EINVAL},
		{SYS_socket, {16, SOCK_RAW, 0}, 0},
		{SYS_chroot, {0, 0, 0}, EPERM}, /* without CAP_SYS_CHROOT */
		{SYS_getpid, {0, 0, 0}, 0},
		{1000, {0, 0, 0}, ENOSYS},
	};

	(void)state;
	assert_int_equal(run_probes(default_seccomp_profile, 0, probes, ARRAY_SIZE(probes)), -1);
}

static void domain_with_high_bits_is_still_vsock(void **state)
{
	/* The kernel takes the low half of the argument. */
	static const struct probe probes[] = {
		{SYS_socket, {0x100000028UL, SOCK_STREAM, 0}, EPERM},
		{SYS_socket, {0x100000010UL, SOCK_RAW, 0x100000009UL}, EINVAL},
	};

	(void)state;
	if (sizeof(long) < 8)
		skip();
	assert_int_equal(run_probes(default_seccomp_profile, 0, probes, ARRAY_SIZE(probes)), -1);
}

static void capabilities_open_their_calls(void **state)
{
	static const struct probe probes[] = {
		{SYS_kcmp, {0, 0, 99}, 0},       /* CAP_SYS_PTRACE */
		{SYS_chroot, {0, 0, 0}, EFAULT}, /* CAP_SYS_CHROOT */
		{SYS_init_module, {0, 0, 0}, EPERM},
	};

	(void)state;
	assert_int_equal(
		run_probes(default_seccomp_profile, CAP(18) | CAP(19), probes, ARRAY_SIZE(probes)),
		-1);
}

static void a_call_in_two_lists_is_allowed(void **state)
{
	static const char text[] =
		"{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"syscalls\":["
		"{\"names\":[\"getpid\",\"no_such_call\"],\"action\":\"SCMP_ACT_ERRNO\"},"
		"{\"names\":[\"getpid\"],\"action\":\"SCMP_ACT_ALLOW\"},"
		"{\"name\":\"getppid\",\"action\":\"SCMP_ACT_ERRNO\",\"errno\":\"EBADF\"},"
		"{\"names\":[\"getuid\"],\"action\":\"SCMP_ACT_ERRNO\",\"errnoRet\":7},"
		"{\"names\":[\"getgid\"],\"action\":\"SCMP_ACT_ERRNO\","
		"\"includes\":{\"minKernel\":\"999.0\"}}]}";
	static const struct probe probes[] = {
		{SYS_getpid, {0, 0, 0}, 0},
		{SYS_getppid, {0, 0, 0}, EBADF},
		{SYS_getuid, {0, 0, 0}, 7},
		{SYS_getgid, {0, 0, 0}, 0},
	};

	(void)state;
	assert_int_equal(run_probes(text, 0, probes, ARRAY_SIZE(probes)), -1);
}

static void faults_are_told(void **state)
{
	static const struct {
		const char *text;
		int result;
	} cases[] = {
		{"{\"defaultAction\":\"SCMP_ACT_NONE\"}", -EINVAL},
		{"{\"defaultAction\":\"SCMP_ACT_NOTIFY\"}", -ENOTSUP},
		{"{\"defaultAction\":\"SCMP_ACT_ERRNO\",\"defaultErrno\":\"EWHAT\"}", -EINVAL},
		{"{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"syscalls\":[{\"names\":[\"read\"],"
		 "\"action\":\"SCMP_ACT_KILL\",\"args\":[{\"index\":9,\"value\":0,"
		 "\"op\":\"SCMP_CMP_EQ\"}]}]}",
			-EINVAL},
		{"{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"syscalls\":[{\"names\":[\"read\"],"
		 "\"action\":\"SCMP_ACT_KILL\",\"args\":[{\"index\":0,\"value\":0,\"op\":\"==\"}]}]"
		 "}",
			-EINVAL},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		AUTO(profile_release) struct profile profile = {0};
		autoclose int fd = memfd_create("filter", MFD_CLOEXEC);

		assert_int_equal(
			profile_parse(cases[i].text, strlen(cases[i].text), &profile, NULL), 0);
		assert_int_equal(compile_profile(&profile, 0, fd, NULL), cases[i].result);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(default_profile_denies_what_is_dangerous),
		cmocka_unit_test(domain_with_high_bits_is_still_vsock),
		cmocka_unit_test(capabilities_open_their_calls),
		cmocka_unit_test(a_call_in_two_lists_is_allowed),
		cmocka_unit_test(faults_are_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
