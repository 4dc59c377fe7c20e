/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/run-request.h"

void run_request_init(struct run_request *req)
{
	*req = (struct run_request){
		.oom_score_adj = RUN_OOM_SCORE_UNSET,
		.stop_timeout_s = RUN_STOP_TIMEOUT_DEFAULT,
		.read_only_tmpfs = true,
		.limits = RUN_LIMITS_INIT,
	};
}

static void release_strings(struct run_request *req)
{
	char *strings[] = {req->image, req->name, req->pidfile, req->cidfile, req->detach_keys,
		req->log_driver, req->user, req->workdir, req->umask_text, req->timezone,
		req->stop_signal, req->userns, req->hostname, req->platform, req->authfile,
		req->tls_verify};

	for (size_t i = 0; i < ARRAY_SIZE(strings); i++)
		free(strings[i]);
}

void run_limits_release(struct run_limits *limits)
{
	char *strings[] = {limits->memory_swap, limits->cpus, limits->cpuset_cpus,
		limits->cpuset_mems, limits->cgroup_parent, limits->cgroups,
		limits->cgroup_manager};
	char **lists[] = {limits->device_read_bps, limits->device_write_bps,
		limits->device_read_iops, limits->device_write_iops};

	for (size_t i = 0; i < ARRAY_SIZE(strings); i++)
		free(strings[i]);
	for (size_t i = 0; i < ARRAY_SIZE(lists); i++)
		strv_free(lists[i]);
	strmap_release(&limits->cgroup_conf);
	*limits = RUN_LIMITS_INIT;
}

void run_request_release(struct run_request *req)
{
	char **lists[] = {req->command, req->entrypoint, req->create_command, req->env,
		req->unset_env, req->group_add, req->ulimits, req->cap_add, req->cap_drop,
		req->security_opts, req->volumes, req->mounts, req->tmpfs, req->devices,
		req->networks, req->publish, req->expose, req->dns, req->dns_search,
		req->dns_options, req->add_hosts};

	release_strings(req);
	run_limits_release(&req->limits);
	for (size_t i = 0; i < ARRAY_SIZE(lists); i++)
		strv_free(lists[i]);
	strmap_release(&req->labels);
	strmap_release(&req->annotations);
	strmap_release(&req->log_options);
	run_request_init(req);
}
