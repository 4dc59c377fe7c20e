/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdio.h>
#include <sys/resource.h>

#include "engine/specgen.h"
#include "spec/capability.h"
#include "spec/defaults.h"

static void set_env(const struct specgen_input *in, const struct container_record *record,
	struct spec_process *process)
{
	static const char *const proxies[] = {"http_proxy", "https_proxy", "ftp_proxy", "no_proxy",
		"HTTP_PROXY", "HTTPS_PROXY", "FTP_PROXY", "NO_PROXY"};
	const struct run_request *req = in->request;
	char ***env = &process->env;

	strv_env_set(env, "PATH", DEFAULT_PATH);
	strv_env_set(env, "container", "coracle");
	if (req->tty)
		strv_env_set(env, "TERM", "xterm");
	for (size_t i = 0; i < ARRAY_SIZE(proxies); i++) {
		const char *value = strv_env_get(in->host_env, proxies[i]);

		if (value)
			strv_env_set(env, proxies[i], value);
	}
	for (size_t i = 0; in->config->config.env && in->config->config.env[i]; i++) {
		autofree char *name = xstrdup(in->config->config.env[i]);
		char *value = strchr(name, '=');

		if (!value || req->unset_env_all)
			continue;
		*value++ = '\0';
		if (!strv_has(req->unset_env, name))
			strv_env_set(env, name, value);
	}
	strv_env_set(env, "HOSTNAME", record->hostname);
	for (size_t i = 0; req->env && req->env[i]; i++) {
		autofree char *name = xstrdup(req->env[i]);
		char *value = strchr(name, '=');

		if (value) {
			*value++ = '\0';
			strv_env_set(env, name, value);
		}
	}
}

static const char *const rlimit_names[] = {"as", "core", "cpu", "data", "fsize", "locks", "memlock",
	"msgqueue", "nice", "nofile", "nproc", "rss", "rtprio", "rttime", "sigpending", "stack"};

static int parse_limit(const char *text, uint64_t *ret)
{
	if (str_eq(text, "unlimited") || str_eq(text, "-1")) {
		*ret = UINT64_MAX;
		return 0;
	}
	return str_to_u64(text, 10, ret);
}

/* name=soft[:hard] */
static int add_ulimit(const char *text, struct spec_process *process, struct error *err)
{
	autofree char *name = xstrdup(text);
	char *soft = strchr(name, '=');
	char *hard = soft ? strchr(soft, ':') : NULL;
	uint64_t soft_value, hard_value;
	char type[32] = "RLIMIT_";
	bool known = false;

	if (!soft)
		return error_set(err, EINVAL, "ulimit \"%s\": must be name=soft[:hard]", text);
	*soft++ = '\0';
	if (hard)
		*hard++ = '\0';
	for (size_t i = 0; i < ARRAY_SIZE(rlimit_names); i++)
		known = known || str_eq(name, rlimit_names[i]);
	if (!known)
		return error_set(err, EINVAL, "ulimit \"%s\": no such limit", name);
	if (parse_limit(soft, &soft_value) < 0 ||
		(hard ? parse_limit(hard, &hard_value) : parse_limit(soft, &hard_value)) < 0 ||
		soft_value > hard_value)
		return error_set(err, EINVAL, "ulimit \"%s\": invalid value", text);
	for (size_t i = 0; name[i]; i++)
		type[7 + i] = (char)(name[i] - 'a' + 'A');
	spec_add_rlimit(process, type, soft_value, hard_value);
	return 0;
}

static int set_rlimits(
	const struct specgen_input *in, struct spec_process *process, struct error *err)
{
	const struct run_request *req = in->request;
	bool has_nofile = false, has_nproc = false;
	int r = 0;

	for (size_t i = 0; r == 0 && req->ulimits && req->ulimits[i]; i++) {
		if (str_eq(req->ulimits[i], "host"))
			return 0;
		has_nofile = has_nofile || str_after(req->ulimits[i], "nofile=");
		has_nproc = has_nproc || str_after(req->ulimits[i], "nproc=");
		r = add_ulimit(req->ulimits[i], process, err);
	}
	if (!has_nofile)
		spec_add_rlimit(process, "RLIMIT_NOFILE", in->nofile_hard, in->nofile_hard);
	if (!has_nproc)
		spec_add_rlimit(process, "RLIMIT_NPROC", in->nproc_hard, in->nproc_hard);
	return r;
}

int specgen_process(const struct specgen_input *in, struct specgen_output *out, struct error *err)
{
	const struct container_record *record = out->record;
	const struct run_request *req = in->request;
	struct spec_process *process = &out->spec.process;
	uint64_t umask_value = 0022;

	out->spec.has_process = true;
	process->terminal = req->tty;
	if (req->tty && req->has_window) {
		process->has_console_size = true;
		process->console_size.height = req->window_rows;
		process->console_size.width = req->window_columns;
	}
	process->cwd = xstrdup(record->working_dir);
	process->args = strv_dup(record->entrypoint);
	strv_add_all(&process->args, record->command);
	if (!strv_len(process->args))
		return error_set(err, EINVAL,
			"no command or entrypoint provided, and no CMD or ENTRYPOINT from image");
	set_env(in, record, process);
	if (req->umask_text &&
		(str_to_u64(req->umask_text, 8, &umask_value) < 0 || umask_value > 0777))
		return error_set(err, EINVAL, "umask \"%s\" is not an octal mode", req->umask_text);
	process->user.has_umask = true;
	process->user.umask = (uint32_t)umask_value;
	if (req->oom_score_adj != RUN_OOM_SCORE_UNSET) {
		process->has_oom_score_adj = true;
		process->oom_score_adj = req->oom_score_adj;
	}
	return set_rlimits(in, process, err);
}

static void add_paths(char ***list, const char *const *paths, char *const *unmasked)
{
	for (size_t i = 0; paths[i]; i++) {
		if (!strv_has(unmasked, paths[i]) && !strv_has(unmasked, "ALL"))
			strv_add(list, paths[i]);
	}
}

struct security_choice {
	char **mask;
	char **unmask;
};

static int apply_security_opt(const char *text, struct security_choice *choice,
	struct specgen_output *out, struct error *err)
{
	const char *value;
	bool flag = true;

	if ((value = str_after(text, "no-new-privileges"))) {
		if (*value && (strchr("=:", *value) == NULL || str_to_bool(value + 1, &flag) < 0))
			return error_set(err, EINVAL, "invalid security option \"%s\"", text);
		out->spec.process.no_new_privileges = flag;
	} else if ((value = str_after(text, "seccomp=")) || (value = str_after(text, "seccomp:"))) {
		free(out->record->seccomp);
		out->record->seccomp = xstrdup(value);
	} else if ((value = str_after(text, "mask="))) {
		AUTO(strv_free) char **paths = strv_split(value, ':');

		strv_add_all(&choice->mask, paths);
	} else if ((value = str_after(text, "unmask="))) {
		AUTO(strv_free) char **paths = strv_split(value, ':');

		for (size_t i = 0; paths[i]; i++)
			strv_add(&choice->unmask, str_eq(paths[i], "all") ? "ALL" : paths[i]);
	} else if (str_eq(text, "apparmor=unconfined") || str_after(text, "label=")) {
		return 0; /* neither is used here, so it is already off */
	} else {
		return error_set(err, EINVAL, "invalid security option \"%s\"", text);
	}
	return 0;
}

static int set_capabilities(const struct specgen_input *in, const struct user *user,
	struct specgen_output *out, struct error *err)
{
	const struct run_request *req = in->request;
	uint64_t all = (UINT64_C(1) << CAPABILITY_COUNT) - 1, set, added = 0;
	int r = capability_change(req->privileged ? all : default_capability_set(), all,
		req->cap_add, req->cap_drop, &set, err);

	if (r == 0)
		r = capability_change(0, all, req->cap_add, NULL, &added, err);
	if (r < 0)
		return r;
	out->spec.process.has_capabilities = true;
	defaults_set_capabilities(&out->spec.process, set, added);
	out->record->seccomp_caps = capability_names(set);
	(void)user;
	return 0;
}

int specgen_security(const struct specgen_input *in, const struct user *user,
	struct specgen_output *out, struct error *err)
{
	const struct run_request *req = in->request;
	struct security_choice choice = {0};
	int r = set_capabilities(in, user, out, err);

	for (size_t i = 0; r == 0 && req->security_opts && req->security_opts[i]; i++)
		r = apply_security_opt(req->security_opts[i], &choice, out, err);
	if (r == 0 && !req->privileged) {
		add_paths(&out->spec.linux.masked_paths, default_masked_paths, choice.unmask);
		add_paths(&out->spec.linux.readonly_paths, default_readonly_paths, choice.unmask);
	}
	strv_add_all(&out->spec.linux.masked_paths, choice.mask);
	if (!out->record->seccomp)
		out->record->seccomp = xstrdup(req->privileged ? "unconfined" : "");
	strv_free(choice.mask);
	strv_free(choice.unmask);
	return r;
}
