/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Runs containers from a rootfs with busybox, in a user namespace with a single id. Skipped where
 * there is no static busybox or no user namespace may be made.
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <cmocka.h>

#include "runtime/runtime.h"
#include "spec/capability.h"
#include "spec/defaults.h"
#include "sys/file.h"
#include "sys/process.h"

#define SKIPPED 77

static char rootfs[] = "/tmp/coracle-test-runtime-XXXXXX";

/* One container: what a test changes, and what came of it. */
struct run {
	struct spec spec;
	struct runtime_create_request req;
	char output[4096];
	struct error err;
	int status; /* exit status; -1: not started */
};

static void auto_run_release(struct run *run)
{
	spec_release(&run->spec);
}

static bool copy_busybox(void)
{
	static const char *const places[] = {"/bin/busybox", "/usr/bin/busybox"};
	autofree char *to = xasprintf("%s/bin/busybox", rootfs);

	for (size_t i = 0; i < ARRAY_SIZE(places); i++) {
		autofree char *data = NULL;
		size_t len;

		if (file_read_at(AT_FDCWD, places[i], 16 << 20, &data, &len, NULL) == 0)
			return file_write_at(AT_FDCWD, to, data, len, 0755, 0, NULL) == 0;
	}
	return false;
}

static int make_rootfs(void **state)
{
	static const char *const tools[] = {"sh", "cat", "id", "ls", "sleep", "hostname", "tty"};
	autofree char *bin = NULL;

	(void)state;
	if (!mkdtemp(rootfs))
		return -1;
	bin = xasprintf("%s/bin", rootfs);
	if (chmod(rootfs, 0755) < 0 || mkdir(bin, 0755) < 0 || !copy_busybox())
		return 0; /* the tests skip */
	for (size_t i = 0; i < ARRAY_SIZE(tools); i++) {
		autofree char *link = xasprintf("%s/%s", bin, tools[i]);

		if (symlink("busybox", link) < 0)
			return -1;
	}
	return 0;
}

static int remove_rootfs(void **state)
{
	(void)state;
	return dir_remove_all_at(AT_FDCWD, rootfs, NULL);
}

static bool write_file(const char *path, const char *text)
{
	autoclose int fd = open(path, O_WRONLY | O_CLOEXEC);

	return fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text);
}

/* What the keeper does: root in a namespace with one id. */
static bool enter_userns(void)
{
	autofree char *uids = xasprintf("0 %u 1", (unsigned)getuid());
	autofree char *gids = xasprintf("0 %u 1", (unsigned)getgid());

	return unshare(CLONE_NEWUSER | CLONE_NEWNS) == 0 &&
	       write_file("/proc/self/uid_map", uids) &&
	       write_file("/proc/self/setgroups", "deny") && write_file("/proc/self/gid_map", gids);
}

static void run_prepare(struct run *run, const char *program, const char *arg)
{
	static const char *const namespaces[] = {"pid", "mount", "uts", "ipc", "network", "cgroup"};
	struct default_mounts choice = {0};
	struct spec *spec = &run->spec;

	spec_release(&run->spec);
	*run = (struct run){.req = RUNTIME_CREATE_REQUEST_INIT, .status = -1};
	spec->oci_version = xstrdup(SPEC_VERSION);
	spec->root.path = xstrdup(rootfs);
	spec->hostname = xstrdup("boat");
	spec->has_process = true;
	spec->process.cwd = xstrdup("/new/place");
	strv_add(&spec->process.args, program);
	if (arg) {
		strv_add(&spec->process.args, "-c");
		strv_add(&spec->process.args, arg);
	}
	strv_add(&spec->process.env, "PATH=/bin");
	defaults_set_capabilities(&spec->process, default_capability_set(), 0);
	defaults_add_mounts(spec, &choice);
	for (size_t i = 0; i < ARRAY_SIZE(namespaces); i++)
		spec_add_namespace(spec, namespaces[i], NULL);
	for (size_t i = 0; default_masked_paths[i]; i++)
		strv_add(&spec->linux.masked_paths, default_masked_paths[i]);
	for (size_t i = 0; default_readonly_paths[i]; i++)
		strv_add(&spec->linux.readonly_paths, default_readonly_paths[i]);
	run->req.spec = spec;
	run->req.id = "test";
}

static void read_output(struct run *run, int fd)
{
	size_t len = 0;
	ssize_t n;

	while (len < sizeof(run->output) - 1 &&
		(n = read(fd, run->output + len, sizeof(run->output) - 1 - len)) > 0)
		len += (size_t)n;
	run->output[len] = '\0';
}

static int run_container(struct run *run)
{
	struct runtime_container container = RUNTIME_CONTAINER_INIT;
	int pipes[2], status;
	int r;

	if (pipe2(pipes, O_CLOEXEC) < 0)
		return -errno;
	run->req.stdio[1] = run->req.stdio[2] = pipes[1];
	r = runtime_create(&run->req, &container, &run->err);
	if (r == 0)
		r = runtime_wait_ready(&container, &run->err);
	if (r == 0)
		r = runtime_start(&container, &run->err);
	close(pipes[1]);
	if (r < 0)
		return r;
	read_output(run, container.console_fd >= 0 ? container.console_fd : pipes[0]);
	if (waitpid(container.pid, &status, 0) < 0)
		return -errno;
	run->status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
	return 0;
}

/* Shows what happened when a body says no; assertions do not work in a child. */
static bool expect(const struct run *run, bool good, const char *what)
{
	if (!good)
		dprintf(2, "# not so: %s; status %d, error %s, output:\n%s\n", what, run->status,
			error_text(&run->err), run->output);
	return good;
}
#define EXPECT(run, condition) expect(run, condition, #condition)

static void in_userns(bool (*body)(void))
{
	autofree char *shell = xasprintf("%s/bin/sh", rootfs);
	pid_t pid;
	int status;

	if (access(shell, X_OK) < 0)
		skip();
	pid = fork();
	if (pid == 0) {
		if (!enter_userns())
			_exit(SKIPPED);
		_exit(body() ? 0 : 1);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	if (WEXITSTATUS(status) == SKIPPED)
		skip();
	assert_int_equal(WEXITSTATUS(status), 0);
}

static bool body_basics(void)
{
	AUTO(run_release) struct run run = {0};
	int r;

	run_prepare(&run, "sh",
		"echo $$; hostname; pwd; id -u; echo x >/dev/null; ls -d /proc/self /dev/pts "
		"/dev/fd; "
		"cat /proc/kcore; ls /sys/firmware; echo 1 >/proc/sys/kernel/domainname; exit 7");
	r = run_container(&run);
	return EXPECT(&run, r == 0) && EXPECT(&run, run.status == 7) &&
	       EXPECT(&run, str_after(run.output, "1\nboat\n/new/place\n0\n")) &&
	       EXPECT(&run, strstr(run.output, "/proc/self\n")) &&
	       EXPECT(&run, strstr(run.output, "Read-only file system"));
}

static void container_has_its_own_world(void **state)
{
	(void)state;
	in_userns(body_basics);
}

static bool body_not_found(void)
{
	AUTO(run_release) struct run missing = {0};
	AUTO(run_release) struct run folder = {0};
	int r, s;

	run_prepare(&missing, "nothing-here", NULL);
	run_prepare(&folder, "/bin", NULL);
	r = run_container(&missing);
	s = run_container(&folder);
	return EXPECT(&missing, r == -ENOENT) && EXPECT(&folder, s == -EACCES) &&
	       EXPECT(&missing, runtime_exit_code(&missing.err) == 127) &&
	       EXPECT(&folder, runtime_exit_code(&folder.err) == 126) &&
	       EXPECT(&missing, str_eq(missing.err.text,
					"executable file `nothing-here` not found in $PATH: "
					"No such file or directory"));
}

static void missing_program_names_itself(void **state)
{
	(void)state;
	in_userns(body_not_found);
}

static bool body_capabilities(void)
{
	AUTO(run_release) struct run run = {0};
	int r;

	run_prepare(&run, "sh", "cat /proc/self/status");
	run.spec.process.no_new_privileges = true;
	r = run_container(&run);
	return EXPECT(&run, r == 0) &&
	       EXPECT(&run, strstr(run.output, "CapBnd:\t00000000800405fb")) &&
	       EXPECT(&run, strstr(run.output, "CapEff:\t00000000800405fb")) &&
	       EXPECT(&run, strstr(run.output, "NoNewPrivs:\t1"));
}

static void capabilities_are_those_of_the_spec(void **state)
{
	(void)state;
	in_userns(body_capabilities);
}

static bool body_terminal(void)
{
	AUTO(run_release) struct run run = {0};
	int r;

	run_prepare(&run, "sh", "tty; ls /dev/console; echo there >/dev/tty");
	run.spec.process.terminal = true;
	r = run_container(&run);
	return EXPECT(&run, r == 0) &&
	       EXPECT(&run, str_eq(run.output, "/dev/pts/0\r\n/dev/console\r\nthere\r\n"));
}

static void terminal_is_the_containers(void **state)
{
	(void)state;
	in_userns(body_terminal);
}

static bool body_nested(void)
{
	AUTO(run_release) struct run run = {0};
	int r;

	run_prepare(&run, "sh", "id -u; cat /proc/self/uid_map; echo x >/dev/shm/file");
	spec_add_namespace(&run.spec, "user", NULL);
	idmap_add(&run.spec.linux.uid_mappings, 0, 0, 1);
	idmap_add(&run.spec.linux.gid_mappings, 0, 0, 1);
	r = run_container(&run);
	return EXPECT(&run, r == 0) && EXPECT(&run, run.status == 0) &&
	       EXPECT(&run, str_after(run.output, "0\n         0          0          1\n"));
}

static void user_namespace_of_its_own_is_mapped(void **state)
{
	(void)state;
	in_userns(body_nested);
}

static bool body_mounts(void)
{
	char *bind[] = {"rbind", "ro", NULL};
	char *tmpfs[] = {"tmpcopyup", "nosuid", NULL};
	AUTO(run_release) struct run run = {0};
	int r;

	run_prepare(&run, "sh",
		"cat /etc/made/it; echo x >/etc/made/it; ls /bin/cat; echo x >/bin/x; "
		"cat /bin/x; echo x >/y");
	run.spec.root.readonly = true;
	spec_add_mount(&run.spec, "/etc/made", "bind", "/tmp", bind);
	spec_add_mount(&run.spec, "/bin", "tmpfs", "tmpfs", tmpfs);
	free(run.spec.mounts[run.spec.mount_count - 2].source);
	run.spec.mounts[run.spec.mount_count - 2].source = xasprintf("%s/source", rootfs);
	mkdir(run.spec.mounts[run.spec.mount_count - 2].source, 0755);
	{
		autofree char *file = xasprintf("%s/source/it", rootfs);

		file_write_at(AT_FDCWD, file, "it\n", 3, 0644, 0, NULL);
	}
	r = run_container(&run);
	return EXPECT(&run, r == 0) && EXPECT(&run, str_after(run.output, "it\n")) &&
	       EXPECT(&run, strstr(run.output, "can't create /etc/made/it: Read-only")) &&
	       EXPECT(&run, strstr(run.output, "/bin/cat\nx\n")) &&
	       EXPECT(&run, strstr(run.output, "can't create /y: Read-only"));
}

static void mounts_follow_their_options(void **state)
{
	(void)state;
	in_userns(body_mounts);
}

static bool body_missing_target(void)
{
	static const char *const dirs[] = {"/etc", "/source"};
	autofree char *link = xasprintf("%s/etc/resolv.conf", rootfs);
	autofree char *file = xasprintf("%s/source/it", rootfs);
	char *bind[] = {"bind", NULL};
	AUTO(run_release) struct run run = {0};
	int r;

	for (size_t i = 0; i < ARRAY_SIZE(dirs); i++) {
		autofree char *dir = xasprintf("%s%s", rootfs, dirs[i]);

		(void)!mkdir(dir, 0755);
	}
	(void)!symlink("../run/../run/resolve/stub.conf", link);
	file_write_at(AT_FDCWD, file, "it\n", 3, 0644, 0, NULL);
	run_prepare(&run, "sh", "cat /etc/resolv.conf /run/resolve/stub.conf");
	spec_add_mount(&run.spec, "/etc/resolv.conf", "bind", file, bind);
	r = run_container(&run);
	return EXPECT(&run, r == 0) && EXPECT(&run, str_eq(run.output, "it\nit\n"));
}

static void missing_target_is_made_where_links_lead(void **state)
{
	(void)state;
	in_userns(body_missing_target);
}

static bool body_hostile_links(void)
{
	autofree char *link = xasprintf("%s/escape", rootfs);
	autofree char *proc = xasprintf("%s/proc", rootfs);
	autofree char *moved = xasprintf("%s/proc.moved", rootfs);
	char *bind[] = {"rbind", NULL};
	AUTO(run_release) struct run inside = {0};
	AUTO(run_release) struct run fake = {0};
	int r, s;

	/* A link out of the rootfs leads back into it. */
	(void)!symlink("/../../etc/inside", link);
	run_prepare(&inside, "sh", "ls /etc/inside/bin/sh");
	spec_add_mount(&inside.spec, "/escape", "bind", rootfs, bind);
	r = run_container(&inside);
	/* proc on a link is refused. */
	(void)!rename(proc, moved);
	(void)!symlink("/bin", proc);
	run_prepare(&fake, "sh", "true");
	s = run_container(&fake);
	unlink(proc);
	(void)!rename(moved, proc);
	return EXPECT(&inside, r == 0) && EXPECT(&inside, inside.status == 0) &&
	       EXPECT(&fake, s == -ELOOP);
}

static void links_of_the_image_stay_inside(void **state)
{
	(void)state;
	in_userns(body_hostile_links);
}

static void leave_out_network(struct spec *spec)
{
	struct spec_linux *linux = &spec->linux;

	for (size_t i = 0; i < linux->namespace_count; i++) {
		if (!str_eq(linux->namespaces[i].type, "network"))
			continue;
		free(linux->namespaces[i].type);
		linux->namespaces[i] = linux->namespaces[--linux->namespace_count];
	}
}

static bool exec_in(bool host_network)
{
	struct runtime_container first = RUNTIME_CONTAINER_INIT, second = RUNTIME_CONTAINER_INIT;
	struct runtime_exec_request exec = RUNTIME_EXEC_REQUEST_INIT;
	char *args[] = {"sh", "-c", "test $(hostname) = boat && exit 9", NULL};
	struct spec_process process;
	AUTO(run_release) struct run run = {0};
	int status, r;

	run_prepare(&run, "sh", "sleep 100");
	if (host_network)
		leave_out_network(&run.spec);
	r = runtime_create(&run.req, &first, &run.err);
	if (r == 0)
		r = runtime_wait_ready(&first, &run.err);
	if (r == 0)
		r = runtime_start(&first, &run.err);
	process = run.spec.process;
	process.args = args;
	exec.process = &process;
	exec.pidfd = first.pidfd;
	if (r == 0)
		r = runtime_exec(&exec, &second, &run.err);
	if (r == 0)
		r = runtime_wait_ready(&second, &run.err);
	if (r == 0)
		r = runtime_start(&second, &run.err);
	if (!EXPECT(&run, r == 0) || waitpid(second.pid, &status, 0) < 0)
		return false;
	run.status = WEXITSTATUS(status);
	runtime_abort(&first);
	r = runtime_exec(&exec, &second, &run.err);
	return EXPECT(&run, run.status == 9) && EXPECT(&run, r < 0);
}

static bool body_exec(void)
{
	return exec_in(false) && exec_in(true);
}

static void exec_joins_the_container(void **state)
{
	(void)state;
	in_userns(body_exec);
}

static void set_namespace_path(struct spec *spec, const char *type, pid_t pid, const char *file)
{
	for (size_t i = 0; i < spec->linux.namespace_count; i++)
		if (str_eq(spec->linux.namespaces[i].type, type))
			spec->linux.namespaces[i].path =
				xasprintf("/proc/%d/ns/%s", (int)pid, file);
}

static bool body_join(void)
{
	struct runtime_container first = RUNTIME_CONTAINER_INIT;
	autofree char *path = NULL;
	autofree char *network = NULL;
	AUTO(run_release) struct run run = {0};
	AUTO(run_release) struct run second = {0};
	int r;

	run_prepare(&run, "sh", "sleep 100");
	r = runtime_create(&run.req, &first, &run.err);
	if (r == 0)
		r = runtime_wait_ready(&first, &run.err);
	if (r == 0)
		r = runtime_start(&first, &run.err);
	if (!EXPECT(&run, r == 0))
		return false;
	path = xasprintf("/proc/%d/ns/net", (int)first.pid);
	link_read_at(AT_FDCWD, path, &network);
	run_prepare(&second, "sh", "ls -l /proc/self/ns/net; cat /proc/1/cmdline");
	set_namespace_path(&second.spec, "network", first.pid, "net");
	set_namespace_path(&second.spec, "pid", first.pid, "pid");
	r = run_container(&second);
	runtime_abort(&first);
	/* Nor have we moved: a new container has a pid namespace of its own. */
	run_prepare(&run, "sh", "echo $$");
	return EXPECT(&second, r == 0) && EXPECT(&second, strstr(second.output, network)) &&
	       EXPECT(&second, strstr(second.output, "sleep")) &&
	       EXPECT(&run, run_container(&run) == 0) && EXPECT(&run, str_eq(run.output, "1\n"));
}

static void namespaces_with_a_path_are_joined(void **state)
{
	(void)state;
	in_userns(body_join);
}

static bool body_failure(void)
{
	AUTO(run_release) struct run run = {0};
	int r;

	run_prepare(&run, "sh", "true");
	strmap_set(&run.spec.linux.sysctl, "kernel.no.such", "1");
	r = run_container(&run);
	return EXPECT(&run, r == -ENOENT) && EXPECT(&run, waitpid(-1, NULL, WNOHANG) < 0) &&
	       EXPECT(&run, str_after(run.err.text, "set sysctl kernel.no.such"));
}

static void failure_leaves_no_child(void **state)
{
	(void)state;
	in_userns(body_failure);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(container_has_its_own_world),
		cmocka_unit_test(missing_program_names_itself),
		cmocka_unit_test(capabilities_are_those_of_the_spec),
		cmocka_unit_test(terminal_is_the_containers),
		cmocka_unit_test(user_namespace_of_its_own_is_mapped),
		cmocka_unit_test(mounts_follow_their_options),
		cmocka_unit_test(missing_target_is_made_where_links_lead),
		cmocka_unit_test(links_of_the_image_stay_inside),
		cmocka_unit_test(exec_joins_the_container),
		cmocka_unit_test(namespaces_with_a_path_are_joined),
		cmocka_unit_test(failure_leaves_no_child),
	};

	return cmocka_run_group_tests(tests, make_rootfs, remove_rootfs);
}
