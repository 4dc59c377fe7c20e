/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/digest.h"
#include "base/log.h"
#include "container/dependents.h"
#include "container/event.h"
#include "engine/internal.h"
#include "engine/specgen.h"
#include "network/choice.h"
#include "storage/mount.h"
#include "storage/volume.h"
#include "sys/dirs.h"
#include "sys/file.h"

#define ID_BYTES 32
#define NAME_TRIES 20
#define ETC_FILE_MAX (1 << 20)
/* Enough for every program, and programs that close all descriptors one by one stay quick. */
#define NOFILE_CEILING 1048576

/* Host facts that specgen takes as texts. */
struct host_facts {
	char *hosts, *resolv, *timezone, *passwd, *group, *cwd, *home;
	char *container_dir, *run_dir, *volumes_dir, *user;
};

static char *read_text(const char *path)
{
	char *text = NULL;

	return file_read_at(AT_FDCWD, path, ETC_FILE_MAX, &text, NULL, NULL) < 0 ? NULL : text;
}

/* systemd-resolved's stub listens on a loopback address that containers cannot reach. */
static char *read_resolv_conf(void)
{
	char *text = read_text("/etc/resolv.conf");

	if (text && strstr(text, "nameserver 127.0.0.53")) {
		char *real = read_text("/run/systemd/resolve/resolv.conf");

		if (real) {
			free(text);
			return real;
		}
	}
	return text ? text : xstrdup("");
}

static void gather_facts(struct engine *engine, const struct image_record *image, const char *id,
	struct host_facts *facts)
{
	char path[PATH_MAX];
	const char *user = getenv("USER");

	facts->hosts = read_text("/etc/hosts");
	facts->resolv = read_resolv_conf();
	facts->timezone = realpath("/etc/localtime", NULL);
	facts->passwd = image_read_file(engine->store, image->layers, "etc/passwd", ETC_FILE_MAX);
	facts->group = image_read_file(engine->store, image->layers, "etc/group", ETC_FILE_MAX);
	facts->cwd = xstrdup(getcwd(path, sizeof(path)) ? path : "/");
	facts->home = dirs_home();
	facts->user = xstrdup(user);
	facts->container_dir = xasprintf("%s/containers/%s", engine->store->root, id);
	facts->run_dir = xasprintf("%s/containers/%s", engine->store->run, id);
	facts->volumes_dir = xasprintf("%s/volumes", engine->store->root);
}

static void release_facts(struct host_facts *facts)
{
	char *all[] = {facts->hosts, facts->resolv, facts->timezone, facts->passwd, facts->group,
		facts->cwd, facts->home, facts->container_dir, facts->run_dir, facts->volumes_dir,
		facts->user};

	for (size_t i = 0; i < ARRAY_SIZE(all); i++)
		free(all[i]);
}

static uint64_t hard_limit(int resource, uint64_t ceiling)
{
	struct rlimit limit;

	if (getrlimit(resource, &limit) < 0 || limit.rlim_max > ceiling)
		return ceiling;
	return limit.rlim_max;
}

static int check_binds(const struct container_record *record, struct error *err)
{
	for (size_t i = 0; i < record->mount_count; i++) {
		struct stat st;

		if (str_eq(record->mounts[i].type, "bind") &&
			stat(record->mounts[i].source, &st) < 0)
			return error_sys(err, errno, "statfs %s", record->mounts[i].source);
	}
	return 0;
}

static int create_volumes(
	struct engine *engine, const struct container_record *record, struct error *err)
{
	for (size_t i = 0; i < record->mount_count; i++) {
		AUTO(volume_free) struct volume *volume = NULL;
		struct volume_create_request request = {
			.name = record->mounts[i].name,
			.anonymous = record->mounts[i].anonymous,
		};
		int r;

		if (!str_eq(record->mounts[i].type, "volume"))
			continue;
		r = volume_ensure(engine->store, &request, &volume, err);
		if (r < 0)
			return r;
		if (volume->is_new)
			volume_note_event(engine->store->events_fd, EVENT_CREATE, volume->name);
	}
	return 0;
}

/*
 * --network container:NAME means the one that is called so now. It learns of this one first: after
 * a crash in between it knows of one too many, which is no harm.
 */
static int depend_on_network(
	struct engine *engine, struct container_record *record, struct error *err)
{
	AUTO(network_choice_release) struct network_choice choice = {0};
	autofree char *other = NULL;
	int r = network_choice_parse(record->network, &choice, err);

	if (r < 0 || choice.mode != NETWORK_MODE_CONTAINER)
		return r;
	r = container_resolve(engine->store, choice.target, &other, err);
	if (r == 0)
		r = container_add_dependent(engine->store, other, record->id, err);
	if (r < 0)
		return r;
	free(record->network);
	record->network = xasprintf("container:%s", other);
	return 0;
}

static int write_container(struct engine *engine, struct specgen_output *out, struct error *err)
{
	autofree char *text = NULL;
	int r = check_binds(out->record, err);

	if (r == 0)
		r = create_volumes(engine, out->record, err);
	if (r == 0)
		r = process_id_get(getpid(), &out->record->creator, err);
	if (r == 0)
		r = depend_on_network(engine, out->record, err);
	if (r < 0)
		return r;
	text = spec_write(&out->spec);
	r = container_create(engine->store, out->record, text, err);
	for (size_t i = 0; r == 0 && out->warnings && out->warnings[i]; i++)
		log_warn("%s", out->warnings[i]);
	return r;
}

static int generate(struct engine *engine, const struct run_request *req,
	const struct image_record *image, const char *image_name, const char *id,
	struct specgen_output *out, struct error *err)
{
	AUTO(image_config_release) struct image_config config = {0};
	AUTO(throttle_list_release) struct throttle_list throttles = {0};
	autofree char *name = req->name ? xstrdup(req->name) : container_random_name(engine->store);
	enum storage_driver driver;
	struct host_facts facts = {0};
	struct specgen_input input;
	int r = container_check_name(name, err);

	if (r == 0)
		r = image_config_parse(image->config, image->config_len, &config, err);
	if (r == 0)
		r = storage_choose_driver(engine->store, false, &driver, err);
	if (r == 0)
		r = throttle_list_find(&req->limits, &throttles, err);
	if (r < 0)
		return r;
	gather_facts(engine, image, id, &facts);
	input = (struct specgen_input){
		.request = req,
		.config = &config,
		.userns = &engine->userns,
		.image_id = image->id,
		.image_name = image_name,
		.image_digest = image->digest,
		.layers = image->layers,
		.passwd = facts.passwd,
		.group = facts.group,
		.id = id,
		.name = name,
		.container_dir = facts.container_dir,
		.run_dir = facts.run_dir,
		.volumes_dir = facts.volumes_dir,
		.driver = storage_driver_name(driver),
		.cwd = facts.cwd,
		.home = facts.home,
		.host_user = facts.user,
		.host_hosts = facts.hosts,
		.host_resolv = facts.resolv,
		.host_timezone = facts.timezone,
		.host_env = engine->host_env,
		.throttles = &throttles,
		.nofile_hard = hard_limit(RLIMIT_NOFILE, NOFILE_CEILING),
		.nproc_hard = hard_limit(RLIMIT_NPROC, UINT64_MAX),
		.now_ns = clock_now_ns(),
	};
	r = specgen_make(&input, out, err);
	release_facts(&facts);
	return r;
}

/* --replace: a container of that name goes first. */
static int replace(struct engine *engine, const struct run_request *req, struct error *err)
{
	struct engine_rm rm = {.name = req->name, .force = true, .volumes = true, .depend = true};
	autofree char *id = NULL;
	int r;

	if (!req->replace || !req->name)
		return 0;
	r = engine_rm(engine, &rm, &id, err);
	return r == -ENOENT ? 0 : r;
}

/* A name that we chose may be taken by another command before we claim it: chosen again then. */
static int create_named(struct engine *engine, const struct run_request *req,
	const struct image_record *image, const char *image_name, const char *id,
	struct specgen_output *out, struct error *err)
{
	int r = -EEXIST;

	for (unsigned tries = 0; r == -EEXIST && tries < (req->name ? 1 : NAME_TRIES); tries++) {
		specgen_output_release(out);
		*out = (struct specgen_output){0};
		r = generate(engine, req, image, image_name, id, out, err);
		if (r == 0)
			r = write_container(engine, out, err);
	}
	return r;
}

int engine_create_kept(struct engine *engine, const struct run_request *req,
	struct specgen_output *out, struct error *err)
{
	AUTO(image_record_free) struct image_record *image = NULL;
	autofree char *image_name = NULL;
	autofree char *id = NULL;
	int r = engine_find_image(engine, req, &image, &image_name, err);

	if (r == 0)
		r = replace(engine, req, err);
	if (r < 0)
		return r;
	engine_tidy(engine);
	id = random_hex(ID_BYTES);
	return create_named(engine, req, image, image_name, id, out, err);
}

int engine_create(
	struct engine *engine, const struct run_request *req, char **ret_id, struct error *err)
{
	struct specgen_output out = {0};
	int r = engine_create_kept(engine, req, &out, err);

	if (r == 0)
		*ret_id = xstrdup(out.record->id);
	specgen_output_release(&out);
	return r;
}
