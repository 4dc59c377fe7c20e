/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/commit.h"

#include <errno.h>
#include <string.h>

#include "base/clock.h"
#include "container/event.h"
#include "engine/commit-image.h"
#include "engine/commit-pause.h"
#include "engine/diff-object.h"
#include "engine/internal.h"
#include "engine/mount-root.h"
#include "image/reference.h"

/* An image in the making. */
struct commit {
	struct engine *engine;
	const struct engine_commit *request;
	struct diff_object object; /* the container */
	struct image_config config;
	struct manifest manifest; /* of its image */
	struct packed_layer layer;
	int64_t now_ns;
	int lock;
};

static void commit_release(struct commit *commit)
{
	diff_object_release(&commit->object);
	image_config_release(&commit->config);
	manifest_release(&commit->manifest);
	packed_layer_release(&commit->layer);
	close_fd(&commit->lock);
}
static inline void auto_commit_release(struct commit *commit)
{
	commit_release(commit);
}

/* What can be wrong with a request, before anything is done. */
static int check_request(const struct engine_commit *request, struct error *err)
{
	AUTO(reference_release) struct reference ref = {0};
	int r;

	if (request->message && !request->docker)
		return error_set(err, EINVAL,
			"messages are only compatible with the docker image format (-f docker)");
	if (!request->image)
		return 0;
	r = reference_parse(request->image, &ref, err);
	if (r == 0 && ref.digest)
		return error_set(
			err, EINVAL, "%s: a new image cannot be named by digest", request->image);
	return r;
}

static int open_container(struct commit *commit, struct error *err)
{
	struct container *ctr = NULL;
	int r = container_settle(
		commit->engine, commit->request->container, &ctr, &commit->lock, err);

	if (r < 0)
		return r;
	r = diff_object_of_container(ctr, &commit->object, err);
	if (r < 0)
		container_free(ctr);
	return r;
}

static int read_image(struct commit *commit, struct error *err)
{
	AUTO(image_record_free) struct image_record *image = NULL;
	const struct container_record *record = commit->object.ctr->record;
	struct spec *spec = &commit->object.spec;
	int r = image_open(commit->engine->store, record->image_id, &image, err);

	if (r == 0)
		r = image_config_parse(image->config, image->config_len, &commit->config, err);
	if (r == 0)
		r = manifest_parse(
			image->manifest, image->manifest_len, NULL, &commit->manifest, err);
	if (r < 0)
		return error_wrap(err, r, "image %s of the container", record->image);
	return commit_config(
		&commit->config, record, spec->process.env, commit->request, commit->now_ns, err);
}

static int pack_layer(struct commit *commit, struct error *err)
{
	static const struct diff_tree nothing;
	AUTO(diff_free) struct diff *diff = NULL;
	struct store *store = commit->engine->store;
	const struct diff_object *object = &commit->object;
	bool squash = commit->request->squash;
	const struct pack_request request = {
		.as_layer = true, .compression = commit->request->compression};
	int r = diff_open(
		store, &object->tree, squash ? &nothing : NULL, object->mount_points, &diff, err);

	if (r == 0)
		r = layer_pack(store, diff, squash ? NULL : object->tree.layers, &request,
			&commit->layer, err);
	return r < 0 ? error_wrap(err, r, "container %s", object->ctr->record->name) : 0;
}

static int add_image(struct commit *commit, char **ret_id, struct error *err)
{
	const struct engine_commit *request = commit->request;
	const struct container_record *record = commit->object.ctr->record;
	AUTO(strv_free) char **layers = request->squash ? NULL : strv_dup(record->layers);
	autofree char *config = NULL, *manifest = NULL;
	struct image_add_request add = {.created_ns = commit->now_ns};
	int r;

	commit_config_layer(&commit->config, record, request, commit->layer.diff_id);
	config = image_config_write(&commit->config);
	r = commit_manifest(request->squash ? NULL : &commit->manifest, &commit->layer, config,
		request->docker, &manifest, err);
	if (r < 0)
		return r;
	strv_add(&layers, commit->layer.chain_id);
	add.layers = layers;
	add.config = config;
	add.config_len = strlen(config);
	add.manifest = manifest;
	add.manifest_len = strlen(manifest);
	return image_add(commit->engine->store, &add, ret_id, NULL, err);
}

/* One that does not run cannot begin to, as its lock is held. */
static int pack_quietly(struct commit *commit, struct error *err)
{
	struct commit_pause pause = {.fd = -1};
	int r = 0;

	if (commit->request->pause && commit->lock < 0)
		r = commit_pause_begin(commit->object.ctr, &pause, err);
	if (r == 0)
		r = pack_layer(commit, err);
	commit_pause_end(&pause);
	return r;
}

static int make_image(struct commit *commit, char **ret_id, struct error *err)
{
	autofree char *id = NULL;
	int r = pack_quietly(commit, err);

	if (r == 0)
		r = add_image(commit, &id, err);
	if (r == 0 && commit->request->image)
		r = engine_tag(commit->engine, id, commit->request->image, err);
	if (r < 0) {
		/* A layer that no image refers to is no use to anyone. */
		packed_layer_release(&commit->layer);
		(void)image_collect_garbage(commit->engine->store, NULL);
		return r;
	}
	container_note_event(
		commit->engine->store->events_fd, commit->object.ctr->record, EVENT_COMMIT);
	*ret_id = take_ptr(id);
	return 0;
}

int engine_commit(struct engine *engine, const struct engine_commit *request, char **ret_id,
	struct error *err)
{
	AUTO(commit_release)
	struct commit commit = {.engine = engine,
		.request = request,
		.layer.holdfd = -1,
		.now_ns = clock_now_ns(),
		.lock = -1};
	int r = check_request(request, err);

	if (r == 0)
		r = open_container(&commit, err);
	if (r == 0)
		r = read_image(&commit, err);
	return r < 0 ? r : make_image(&commit, ret_id, err);
}
