/* SPDX-License-Identifier: Apache-2.0 */
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "runtime/internal.h"
#include "spec/capability.h"
#include "spec/defaults.h"
#include "sys/file.h"
#include "sys/pty.h"

static int prepare_caps(
	const struct spec_process *process, struct program_caps *ret, struct error *err)
{
	const struct spec_capabilities *caps = &process->capabilities;
	const struct {
		char *const *names;
		uint64_t *set;
	} sets[] = {
		{caps->bounding, &ret->bounding},
		{caps->effective, &ret->effective},
		{caps->permitted, &ret->permitted},
		{caps->ambient, &ret->ambient},
		{caps->inheritable, &ret->inheritable},
	};

	for (size_t i = 0; i < ARRAY_SIZE(sets); i++) {
		int r = capability_set(sets[i].names, sets[i].set, err);

		if (r < 0)
			return r;
	}
	return 0;
}

static int prepare_filter(struct program *program, int fd, struct error *err)
{
	const size_t limit = BPF_MAXINSNS * sizeof(struct sock_filter);
	struct stat st;
	ssize_t n;

	if (fstat(fd, &st) < 0)
		return error_sys(err, errno, "read the seccomp filter");
	if (st.st_size <= 0 || (size_t)st.st_size > limit ||
		(size_t)st.st_size % sizeof(struct sock_filter))
		return error_set(err, EBADMSG, "seccomp filter has a wrong size of %lld bytes",
			(long long)st.st_size);
	program->filter = xmalloc((size_t)st.st_size);
	n = pread(fd, program->filter, (size_t)st.st_size, 0);
	if (n != st.st_size)
		return error_sys(err, n < 0 ? errno : EIO, "read the seccomp filter");
	program->filter_count = (size_t)st.st_size / sizeof(struct sock_filter);
	return 0;
}

int program_prepare(struct program *program, const struct spec_process *process, int seccomp_fd,
	struct error *err)
{
	int r;

	if (!process->args || !process->args[0] || !*process->args[0])
		return error_set(err, EINVAL, "config.json.process.args: no program to execute");
	program->process = process;
	program->sync_fd = program->console_fd = program->master_fd = -1;
	r = prepare_caps(process, &program->caps, err);
	if (r == 0 && seccomp_fd >= 0)
		r = prepare_filter(program, seccomp_fd, err);
	if (r == 0)
		program->group_count = spec_user_groups(&process->user, &program->groups);
	return r;
}

void program_release(struct program *program)
{
	free(program->filter);
	free(program->groups);
	program->filter = NULL;
	program->groups = NULL;
}

/* Moves a descriptor out of the way of those that the program is to see. */
static int move_above(int *fd, int lowest, struct error *err)
{
	if (*fd < 0 || *fd >= lowest)
		return 0;
	*fd = fcntl(*fd, F_DUPFD_CLOEXEC, lowest);
	return *fd < 0 ? error_sys(err, errno, "move a descriptor") : 0;
}

/* So that /dev/stderr can be opened by a program that is not root. Terminals stay their owner's. */
static void give_to_user(int fd, const struct spec_user *user)
{
	struct stat st;

	if (user->uid != 0 && fstat(fd, &st) == 0 && (S_ISFIFO(st.st_mode) || S_ISSOCK(st.st_mode)))
		(void)!fchown(fd, user->uid, (gid_t)-1);
}

/*
 * Closed now, not on exec: a path of the image through /proc/self/fd would lead along them to the
 * host. What we still need stands behind what the program is to see, and closes itself.
 */
static int close_others(struct program *program, int lowest, struct error *err)
{
	int *const kept[] = {&program->sync_fd, &program->master_fd};
	int above = lowest + (int)ARRAY_SIZE(kept);
	int next = lowest;

	for (size_t i = 0; i < ARRAY_SIZE(kept); i++) {
		int r = move_above(kept[i], above, err);

		if (r < 0)
			return r;
	}
	for (size_t i = 0; i < ARRAY_SIZE(kept); i++) {
		if (*kept[i] < 0)
			continue;
		if (dup3(*kept[i], next, O_CLOEXEC) < 0)
			return error_sys(err, errno, "move a descriptor");
		*kept[i] = next++;
	}
	if (syscall(SYS_close_range, (unsigned)next, ~0U, 0) < 0)
		return error_sys(err, errno, "close descriptors");
	return 0;
}

static int place_descriptors(struct program *program, struct error *err)
{
	int lowest = 3 + (int)program->fd_count;
	int *fds = xcalloc(program->fd_count + 3, sizeof(int));
	int r = 0;

	for (int i = 0; i < lowest; i++) {
		fds[i] = i >= 3                     ? program->fds[i - 3]
			 : program->console_fd >= 0 ? program->console_fd
						    : program->stdio[i];
		if (fds[i] < 0)
			fds[i] = open("/dev/null", O_RDWR | O_CLOEXEC);
		if (fds[i] < 0)
			return error_sys(err, errno, "open /dev/null");
		r = move_above(&fds[i], lowest, err);
		if (r < 0)
			return r;
	}
	/* Out of the way of dup2(). */
	r = move_above(&program->sync_fd, lowest, err);
	if (r == 0)
		r = move_above(&program->master_fd, lowest, err);
	if (r < 0)
		return r;
	for (int i = 0; i < lowest; i++) {
		if (dup2(fds[i], i) < 0)
			return error_sys(err, errno, "place descriptor %d", i);
		if (program->console_fd < 0)
			give_to_user(i, &program->process->user);
	}
	free(fds);
	r = close_others(program, lowest, err);
	if (r < 0)
		return r;
	return program->console_fd >= 0 ? pty_take_control(0, err) : 0;
}

static void reset_signals(void)
{
	struct sigaction action = {.sa_handler = SIG_DFL};
	sigset_t none;

	for (int sig = 1; sig < _NSIG; sig++)
		sigaction(sig, &action, NULL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

static int can_execute(const char *path)
{
	struct stat st;

	if (stat(path, &st) < 0)
		return -errno;
	if (!S_ISREG(st.st_mode))
		return -EACCES;
	return faccessat(AT_FDCWD, path, X_OK, AT_EACCESS) < 0 ? -errno : 0;
}

static int not_executable(int code, const char *name, struct error *err)
{
	/* The words that scripts look for, as other runtimes write them. */
	if (code == EACCES)
		return error_set(err, code, "executable file `%s` cannot be run: permission denied", name);
	return error_sys(err, code, "executable file `%s` cannot be run", name);
}

/* execvpe()'s search, with the container's PATH and before anything is given up. */
static int find_program(const struct spec_process *process, char **ret, struct error *err)
{
	const char *name = process->args[0];
	const char *path = strv_env_get(process->env, "PATH");
	AUTO(strv_free) char **folders = NULL;
	int denied = 0;

	if (strchr(name, '/')) {
		int r = can_execute(name);

		if (r == -ENOENT || r == -ENOTDIR)
			return error_sys(err, ENOENT, "executable file `%s` not found", name);
		if (r < 0)
			return not_executable(-r, name, err);
		*ret = xstrdup(name);
		return 0;
	}
	folders = strv_split(path ? path : DEFAULT_PATH, ':');
	for (size_t i = 0; folders[i]; i++) {
		autofree char *file = xasprintf("%s/%s", *folders[i] ? folders[i] : ".", name);
		int r = can_execute(file);

		if (r == 0) {
			*ret = take_ptr(file);
			return 0;
		}
		if (r == -EACCES)
			denied = EACCES;
	}
	if (denied)
		return not_executable(denied, name, err);
	return error_sys(err, ENOENT, "executable file `%s` not found in $PATH", name);
}

/* Not chdir(): what /proc/self/fd holds may lie out of the root. */
static int enter_directory(const struct spec_process *process, struct error *err)
{
	autoclose int root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	autoclose int fd = -1;

	if (root < 0)
		return error_sys(err, errno, "open /");
	fd = root_open(root, process->cwd, O_PATH | O_DIRECTORY, 0, NULL);
	if (fd < 0)
		return error_sys(err, -fd, "working directory %s", process->cwd);
	if (fchdir(fd) < 0)
		return error_sys(err, errno, "working directory %s", process->cwd);
	return 0;
}

/* "coracle-init -- PROGRAM ARGS", with the first argument as the program will see it. */
static char **init_argv(const struct spec_process *process, const char *path)
{
	char **argv = NULL;

	strv_add(&argv, PROGRAM_INIT_PATH);
	strv_add(&argv, "--");
	strv_add(&argv, path);
	strv_add_all(&argv, process->args + 1);
	return argv;
}

static int execute(const struct program *program, const char *path, struct error *err)
{
	const struct spec_process *process = program->process;
	static char *no_env[] = {NULL};
	char *const *env = process->env ? process->env : no_env;
	char *const *argv = program->init ? init_argv(process, path) : process->args;
	const char *file = program->init ? PROGRAM_INIT_PATH : path;

	assert(file && argv[0]);
	execve(file, argv, env);
	/* The file is there (find_program), so it is the interpreter that it names which is not. */
	if (errno == ENOENT)
		return error_sys(err, ENOENT, "interpreter of `%s` not found", file);
	return not_executable(errno, file, err);
}

int program_run(struct program *program, struct error *err)
{
	const struct spec_process *process = program->process;
	autofree char *path = NULL;
	int r = place_descriptors(program, err);

	if (r == 0)
		r = limits_apply(process, err);
	if (r == 0)
		r = security_drop_bounding(&program->caps, err);
	if (r == 0)
		r = security_set_user(program, err);
	if (r == 0)
		r = enter_directory(process, err);
	if (r == 0)
		r = sync_send(program->sync_fd, SYNC_READY, program->master_fd, err);
	if (r < 0)
		return r;
	if (program->master_fd >= 0)
		close(program->master_fd);
	/* End of file: nobody is left who would start us. */
	r = sync_wait(program->sync_fd, SYNC_START, NULL, err);
	if (r == 0)
		r = find_program(process, &path, err);
	if (r < 0)
		return r;
	reset_signals();
	r = security_finish(program, err);
	return r < 0 ? r : execute(program, path, err);
}
