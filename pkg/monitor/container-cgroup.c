/* SPDX-License-Identifier: Apache-2.0 */
#include "monitor/container-cgroup.h"

int container_cgroup_begin(struct container_cgroup *self, const struct container_record *record,
	const struct spec *spec, bool is_attached, struct error *err)
{
	enum cgroup_mode mode;
	int r = cgroup_mode_parse(record->cgroups, &mode, err);

	if (r < 0)
		return r;
	self->request = (struct cgroup_request){
		.id = record->id,
		.manager = record->cgroup_manager,
		.mode = mode,
		.parent = record->cgroup_parent,
		.is_lasting = !is_attached,
		.resources = spec->linux.has_resources ? &spec->linux.resources : NULL,
		.default_pids = record->pids_is_default,
		.stop_timeout_s = record->stop_timeout_s,
	};
	return self->path ? 0 : cgroup_prepare(&self->request, &self->pending, err);
}

int container_cgroup_create(
	struct container_cgroup *self, struct container_state *state, struct error *err)
{
	int r = self->path ? cgroup_renew(&self->request, self->path, &self->cg, err)
			   : cgroup_create(take_ptr(self->pending), &self->cg, err);

	if (r == 0 && self->cg)
		state->cgroup = xstrdup(self->cg->path);
	return r;
}

int container_cgroup_fd(const struct container_cgroup *self)
{
	return self->cg ? self->cg->dirfd : -1;
}

void container_cgroup_finish(struct container_cgroup *self, struct container_state *state)
{
	cgroup_pending_free(take_ptr(self->pending));
	cgroup_finish(self->cg, &state->oom_killed);
	cgroup_free(take_ptr(self->cg));
	if (state->cgroup) {
		free(self->path);
		self->path = take_ptr(state->cgroup);
	}
}

void container_cgroup_release(struct container_cgroup *self)
{
	cgroup_pending_free(self->pending);
	cgroup_free(self->cg);
	free(self->path);
	*self = (struct container_cgroup){0};
}
