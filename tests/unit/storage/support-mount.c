/* SPDX-License-Identifier: Apache-2.0 */
#include "support-mount.h"

#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "storage/mount.h"

void support_use_driver(const char *driver)
{
	struct storage_driver_info info;
	struct error err = {0};

	free(support_store()->driver);
	support_store()->driver = xstrdup(driver);
	if (storage_probe_driver(support_store(), &info, &err) < 0) {
		print_message("# skipped: %s\n", err.text);
		skip();
	}
}

static int mount_and_work(
	const struct mount_plan *plan, const char *target, int (*work)(void *data), void *data)
{
	struct error err = {0};

	if (unshare(CLONE_NEWNS) < 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
		return 101;
	if (storage_mount(plan, target, &err) < 0) {
		fprintf(stderr, "# %s\n", err.text);
		return 102;
	}
	umask(0);
	return chdir(target) < 0 ? 103 : work(data);
}

void support_in_container(const char *name, char *const *chain, int (*work)(void *data), void *data)
{
	AUTO(mount_plan_free) struct mount_plan *plan = NULL;
	autofree char *dir = xasprintf("containers/%s", name);
	autofree char *target = support_path("target");
	struct error err = {0};
	int status;
	pid_t pid;

	mkdirat(support_store()->rootfd, "containers", 0700);
	mkdirat(support_store()->rootfd, dir, 0700);
	mkdir(target, 0755);
	if (storage_mount_plan(support_store(),
		    &(struct mount_request){.layers = (char **)chain, .container = dir}, &plan,
		    &err) < 0)
		fail_msg("%s", err.text);
	pid = fork();
	if (pid == 0)
		_exit(mount_and_work(plan, target, work, data));
	waitpid(pid, &status, 0);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
	if (plan->fuse_pid > 0)
		waitpid(plan->fuse_pid, NULL, 0);
	plan->fuse_pid = 0;
}

int support_list_tree(const char *output)
{
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		int fd = open(output, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

		dup2(fd, STDOUT_FILENO);
		execl(LIST_TREE, LIST_TREE, ".", (char *)NULL);
		_exit(127);
	}
	waitpid(pid, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}
