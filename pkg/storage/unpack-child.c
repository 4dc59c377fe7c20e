/* SPDX-License-Identifier: Apache-2.0 */
#include "storage/unpack-child.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <locale.h>
#include <signal.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "storage/unpack-merge.h"
#include "sys/file.h"

#if defined(__SANITIZE_ADDRESS__)
#define IS_SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define IS_SANITIZED 1
#endif
#endif
#ifndef IS_SANITIZED
#define IS_SANITIZED 0
#endif

#if defined(__x86_64__)
#define FILTER_ARCH AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define FILTER_ARCH AUDIT_ARCH_AARCH64
#elif defined(__riscv) && __riscv_xlen == 64
#define FILTER_ARCH AUDIT_ARCH_RISCV64
#endif

#define MEMORY_MAX (UINT64_C(2) << 30)
#define FILES_MAX 1024 /* removing a deep tree that an entry replaces holds two per level */

enum { FD_INPUT = 3, FD_ROOT, FD_FIXUPS, FD_RESULT, FD_END };

/*
 * A parser of hostile data that only writes files needs none of these. A list of what is refused
 * and not of what is allowed, because the C library may choose other calls for the same work.
 */
static const unsigned refused_calls[] = {
	__NR_socket,
	__NR_socketpair,
	__NR_connect,
	__NR_bind,
	__NR_sendmsg,
	__NR_execve,
	__NR_execveat,
	__NR_clone,
	__NR_clone3,
	__NR_ptrace,
	__NR_process_vm_readv,
	__NR_process_vm_writev,
	__NR_kill,
	__NR_tkill,
	__NR_pidfd_open,
	__NR_pidfd_send_signal,
	__NR_pidfd_getfd,
	__NR_mount,
	__NR_umount2,
	__NR_pivot_root,
	__NR_chroot,
	__NR_unshare,
	__NR_setns,
	__NR_open_tree,
	__NR_move_mount,
	__NR_fsopen,
	__NR_fsconfig,
	__NR_fsmount,
	__NR_fspick,
	__NR_bpf,
	__NR_perf_event_open,
	__NR_keyctl,
	__NR_add_key,
	__NR_request_key,
	__NR_init_module,
	__NR_finit_module,
	__NR_userfaultfd,
	__NR_io_uring_setup,
	__NR_open_by_handle_at,
	__NR_memfd_create,
	__NR_quotactl,
	__NR_swapon,
	__NR_reboot,
#ifdef __NR_fork
	__NR_fork,
	__NR_vfork,
#endif
};
#define REFUSED (sizeof(refused_calls) / sizeof(refused_calls[0]))

#ifdef FILTER_ARCH
static int install_filter(void)
{
	struct sock_filter code[REFUSED + 8];
	struct sock_fprog program = {.filter = code};
	unsigned short n = 0;

	code[n++] = (struct sock_filter)BPF_STMT(
		BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, arch));
	code[n++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, FILTER_ARCH, 1, 0);
	code[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS);
	code[n++] = (struct sock_filter)BPF_STMT(
		BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr));
	/* x32 has its own numbers on x86-64, from 0x40000000. */
	code[n++] = (struct sock_filter)BPF_JUMP(
		BPF_JMP | BPF_JGE | BPF_K, 0x40000000, (unsigned char)(REFUSED + 1), 0);
	for (size_t i = 0; i < REFUSED; i++)
		code[n++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K,
			refused_calls[i], (unsigned char)(REFUSED - i), 0);
	code[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
	code[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM);
	program.len = n;
	return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) < 0 ? -errno : 0;
}
#else
static int install_filter(void)
{
	return 0;
}
#endif

static int keep_capabilities(void)
{
	const uint32_t keep = 1u << CAP_CHOWN | 1u << CAP_DAC_OVERRIDE | 1u << CAP_DAC_READ_SEARCH |
			      1u << CAP_FOWNER | 1u << CAP_FSETID | 1u << CAP_MKNOD |
			      1u << CAP_SETFCAP;
	struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct data[2] = {0};

	if (syscall(SYS_capget, &header, data) < 0)
		return -errno;
	for (int i = 0; i < 2; i++) {
		data[i].permitted &= i ? 0 : keep;
		data[i].effective = data[i].permitted;
		data[i].inheritable = 0;
	}
	return syscall(SYS_capset, &header, data) < 0 ? -errno : 0;
}

/* Moves the descriptors to where they are expected and closes all others. */
static int arrange_fds(const struct unpack_child *child)
{
	const int from[] = {child->input, child->root, child->fixups, child->result};
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	int safe[4];

	/* Whatever the command's own input and output are: nothing here reads or prints. */
	for (int i = 0; null >= 0 && i < (IS_SANITIZED ? 2 : 3); i++)
		dup2(null, i);
	for (int i = 0; i < 4; i++) {
		safe[i] = fcntl(from[i], F_DUPFD, FD_END);
		if (safe[i] < 0)
			return -errno;
	}
	for (int i = 0; i < 4; i++) {
		if (dup2(safe[i], FD_INPUT + i) < 0)
			return -errno;
	}
	return syscall(SYS_close_range, FD_END, ~0u, 0) < 0 ? -errno : 0;
}

static void set_limit(int resource, uint64_t value)
{
	struct rlimit limit = {.rlim_cur = value, .rlim_max = value};
	struct rlimit old;

	if (getrlimit(resource, &old) == 0 && old.rlim_max < value)
		limit.rlim_cur = limit.rlim_max = old.rlim_max;
	setrlimit(resource, &limit);
}

static int confine(const struct unpack_child *child, const char **ret_what)
{
	int r;

	*ret_what = "arrange descriptors";
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	r = arrange_fds(child);
	if (r < 0)
		return r;
	*ret_what = "enter the layer's directory";
	if (fchdir(FD_ROOT) < 0 || chroot(".") < 0)
		return -errno;
	umask(0);
	set_limit(RLIMIT_CORE, 0);
	set_limit(RLIMIT_NOFILE, FILES_MAX);
	if (!IS_SANITIZED)
		set_limit(RLIMIT_AS, MEMORY_MAX);
	*ret_what = "drop privileges";
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return -errno;
	r = keep_capabilities();
	if (r < 0)
		return r;
	*ret_what = "install system call filter";
	r = install_filter();
	/* A kernel without seccomp still has the walls above. */
	return r == -EINVAL ? 0 : r;
}

_Noreturn void unpack_child_run(const struct unpack_child *child)
{
	struct unpack_result result = {0};
	int result_fd = child->result;
	const char *what;
	int r;

	signal(SIGXFSZ, SIG_IGN);
	/* Names in pax headers are UTF-8. Loaded before the chroot hides the locale's files. */
	setlocale(LC_CTYPE, "C.UTF-8");
	r = confine(child, &what);
	if (r < 0) {
		error_sys(&result.error, -r, "confine unpacking process: %s", what);
	} else {
		result_fd = FD_RESULT;
		if (child->merge)
			unpack_merge(FD_INPUT, FD_FIXUPS, child->merge, &child->limits, &result);
		else
			unpack_stream(FD_INPUT, FD_ROOT, FD_FIXUPS, &child->limits, &result);
	}
	fd_write_all(result_fd, &result, sizeof(result));
	_exit(0);
}
