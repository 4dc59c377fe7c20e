/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Linked into every program of a build with sanitizers by tests/sanitize.
 *
 * Our programs are started with an environment of their own and without a standard error, close
 * what they do not know, change their root, and may open nothing by the time they err. So the
 * options are compiled in, and whatever the sanitizers print is also appended to a file that each
 * program maps when it starts, SANITIZER_REPORTS: eight bytes that count, then the text.
 */
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#define TEXT_MAX ((8 << 20) - sizeof(uint64_t))
#define EXIT_CODE "exitcode=98"

struct reports {
	_Atomic uint64_t used;
	char text[TEXT_MAX];
};

const char *__asan_default_options(void);
const char *__ubsan_default_options(void);
const char *__lsan_default_options(void);
int __lsan_is_turned_off(void);
void __sanitizer_on_print(const char *text);
/* Weak: programs that are not sanitized are linked with the same arguments. */
__attribute__((weak)) void __lsan_do_leak_check(void);

static struct reports *reports;
static pid_t forked_pid;

const char *__asan_default_options(void)
{
	return EXIT_CODE ":detect_stack_use_after_return=1";
}

const char *__ubsan_default_options(void)
{
	return EXIT_CODE ":halt_on_error=1:print_stacktrace=1";
}

const char *__lsan_default_options(void)
{
	return EXIT_CODE;
}

void __sanitizer_on_print(const char *text)
{
	size_t length = strlen(text);
	uint64_t start = reports ? atomic_fetch_add(&reports->used, length) : TEXT_MAX;

	if (start < TEXT_MAX && length <= TEXT_MAX - start)
		memcpy(reports->text + start, text, length);
}

static void after_fork(void)
{
	forked_pid = getpid();
}

/* A program that could not report does not run: nobody would notice. */
__attribute__((constructor)) static void map_reports(void)
{
	void *map;
	int fd;

	if (!__lsan_do_leak_check)
		return;
	fd = open(SANITIZER_REPORTS, O_RDWR | O_CLOEXEC);
	map = mmap(NULL, sizeof(*reports), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (map == MAP_FAILED) {
		perror(SANITIZER_REPORTS);
		_exit(98);
	}
	close(fd);
	reports = map;
	pthread_atfork(NULL, NULL, after_fork);
}

/* By strace(1) of a test, say; then nobody else can look. */
static bool is_traced(void)
{
	FILE *file = fopen("/proc/self/status", "re");
	char line[128];
	int tracer = 0;

	while (file && fgets(line, sizeof(line), file) &&
		sscanf(line, "TracerPid: %d", &tracer) != 1)
		;
	if (file)
		fclose(file);
	return tracer != 0;
}

/*
 * LeakSanitizer asks this when a program ends by itself. It clones a thread that looks at the
 * process through /proc and ptrace(2). Not so in a root without /proc or under a system call
 * filter: that is the network plugin in its sandbox. And a process that entered a user namespace
 * or changed its ids cannot be looked at, even by itself, before it says that it does not mind.
 */
int __lsan_is_turned_off(void)
{
	char tasks[32];

	snprintf(tasks, sizeof(tasks), "/proc/%d/task", (int)getpid());
	if (access(tasks, X_OK) < 0 || prctl(PR_GET_SECCOMP) != 0 || is_traced())
		return 1;
	prctl(PR_SET_DUMPABLE, 1);
	return 0;
}

/*
 * In place of the C library's: the leak check belongs to exit(), which a forked monitor does not
 * call. Only after fork(): what vfork() made lives in its parent's memory.
 */
void _exit(int status)
{
	if (__lsan_do_leak_check && getpid() == forked_pid)
		__lsan_do_leak_check();
	for (;;)
		syscall(SYS_exit_group, status);
}

/*
 * Also in place of the C library's. AddressSanitizer insists on an answer when a function does not
 * return; the network plugin's system call filter gives it none.
 */
int sigaltstack(const stack_t *restrict stack, stack_t *restrict ret_old)
{
	int r = (int)syscall(SYS_sigaltstack, stack, ret_old);

	if (r == 0 || stack || !ret_old)
		return r;
	*ret_old = (stack_t){.ss_flags = SS_DISABLE};
	return 0;
}
