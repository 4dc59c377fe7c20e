/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/exec-process.h"

#include <errno.h>

#include "engine/user.h"
#include "spec/capability.h"
#include "spec/defaults.h"

static void set_environment(const struct engine_exec *exec, struct spec_process *process)
{
	if (exec->tty && !strv_env_get(process->env, "TERM"))
		strv_env_set(&process->env, "TERM", "xterm");
	for (size_t i = 0; exec->env && exec->env[i]; i++) {
		autofree char *name = xstrdup(exec->env[i]);
		char *value = strchr(name, '=');

		if (!value)
			continue;
		*value++ = '\0';
		strv_env_set(&process->env, name, value);
	}
}

static void set_groups(const struct user *user, struct spec_user *ret)
{
	json_object_put(ret->additional_gids);
	ret->additional_gids = NULL;
	for (size_t i = 0; i < user->group_count; i++)
		spec_add_group(ret, user->groups[i]);
}

/*
 * As podman: root has what the container's root would have; another user than the container's has
 * nothing but what set-uid programs may give it.
 */
static int set_capabilities(const struct engine_exec *exec, bool same_user,
	struct spec_process *process, struct error *err)
{
	struct spec_capabilities *caps = &process->capabilities;
	uint64_t set = (UINT64_C(1) << CAPABILITY_COUNT) - 1, added = 0;
	int r = 0;

	if (!exec->privileged && same_user)
		return 0;
	if (!exec->privileged)
		r = capability_set(caps->bounding, &set, err);
	if (r == 0 && same_user)
		r = capability_set(caps->ambient, &added, err);
	if (r < 0)
		return r;
	strv_free(caps->bounding);
	strv_free(caps->effective);
	strv_free(caps->inheritable);
	strv_free(caps->permitted);
	strv_free(caps->ambient);
	defaults_set_capabilities(process, set, added);
	return 0;
}

static int set_user(const struct engine_exec *exec, const struct container_record *record,
	const char *passwd, const char *group, struct spec_process *process, struct error *err)
{
	struct user user = {0};
	int r = user_resolve(exec->user, passwd, group, record->group_add, &user, err);

	if (r < 0)
		return r;
	process->user.uid = user.uid;
	process->user.gid = user.gid;
	set_groups(&user, &process->user);
	/* One that the image or the command line has set is for every user. */
	if (record->default_home || !strv_env_get(process->env, "HOME"))
		strv_env_set(&process->env, "HOME", user.home);
	user_release(&user);
	return 0;
}

static void set_terminal(const struct engine_exec *exec, struct spec_process *process)
{
	process->terminal = exec->tty;
	process->has_console_size = exec->tty && exec->has_window;
	process->console_size.height = exec->window_rows;
	process->console_size.width = exec->window_columns;
}

int exec_process_make(const struct engine_exec *exec, const struct container_record *record,
	const char *passwd, const char *group, struct spec_process *process, struct error *err)
{
	uint32_t old_uid = process->user.uid;
	int r = 0;

	if (!strv_len(exec->command) || !*exec->command[0])
		return error_set(err, EINVAL,
			"must provide a non-empty command to start an exec session: invalid "
			"argument");
	if (exec->workdir && *exec->workdir != '/')
		return error_set(err, EINVAL, "working directory \"%s\" is not an absolute path",
			exec->workdir);
	if (!str_is_empty(exec->user))
		r = set_user(exec, record, passwd, group, process, err);
	if (r == 0)
		r = set_capabilities(exec, process->user.uid == old_uid, process, err);
	if (r < 0)
		return r;
	if (exec->workdir) {
		free(process->cwd);
		process->cwd = xstrdup(exec->workdir);
	}
	strv_free(process->args);
	process->args = strv_dup(exec->command);
	set_terminal(exec, process);
	set_environment(exec, process);
	return 0;
}
