/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "container/restart-policy.h"
#include "engine/internal.h"
#include "network/choice.h"
#include "network/network.h"

static void row_release(struct engine_ps_row *row)
{
	free(row->id);
	free(row->name);
	free(row->image);
	free(row->image_id);
	strv_free(row->command);
	free(row->state);
	strmap_release(&row->labels);
	for (size_t i = 0; i < row->port_count; i++) {
		free(row->ports[i].host_ip);
		free(row->ports[i].protocol);
	}
	free(row->ports);
	strv_free(row->mounts);
	strv_free(row->mount_sources);
	free(row->health);
	free(row->restart_policy);
	strv_free(row->volumes);
	strv_free(row->networks);
	free(row->error);
}

void engine_ps_release(struct engine_ps *list)
{
	for (size_t i = 0; i < list->count; i++)
		row_release(&list->rows[i]);
	free(list->rows);
	*list = (struct engine_ps){0};
}

static void copy_ports(struct engine_ps_row *row, const struct port_list *ports)
{
	row->ports = xcalloc(ports->count, sizeof(*row->ports));
	for (size_t i = 0; i < ports->count; i++)
		row->ports[row->port_count++] = (struct engine_port){
			.host_ip = xstrdup(ports->items[i].host_ip ? ports->items[i].host_ip : ""),
			.host_port = (uint16_t)ports->items[i].host_port,
			.container_port = (uint16_t)ports->items[i].container_port,
			.protocol = xstrdup(ports->items[i].protocol),
		};
}

/* While it runs, ports are what the plugin bound: random ones are known only then. */
static void set_ports(struct engine_ps_row *row, const struct container *ctr)
{
	struct network_result result = {0};

	if (ctr->state.network && json_decode(ctr->state.network, "network", network_result_fields,
					  &result, NULL) == 0)
		copy_ports(row, &result.ports);
	else
		copy_ports(row, &ctr->record->ports);
	network_result_release(&result);
}

static void set_networks(struct engine_ps_row *row, const struct container_record *record)
{
	struct network_choice choice = {0};

	if (network_choice_parse(record->network, &choice, NULL) == 0 &&
		network_choice_is_private(&choice) && choice.mode != NETWORK_MODE_NONE)
		strv_add(&row->networks, choice.mode == NETWORK_MODE_NAMED
						 ? choice.target
						 : network_mode_name(choice.mode));
	network_choice_release(&choice);
}

static void set_mounts(struct engine_ps_row *row, const struct container_record *record)
{
	for (size_t i = 0; i < record->mount_count; i++) {
		const struct container_mount *mount = &record->mounts[i];

		strv_add(&row->mounts, mount->destination);
		strv_add(&row->mount_sources, mount->name     ? mount->name
					      : mount->source ? mount->source
							      : "");
		if (mount->name)
			strv_add(&row->volumes, mount->name);
	}
}

static void set_health(struct engine_ps_row *row, const struct container *ctr)
{
	AUTO(health_release) struct health health = {0};

	if (ctr->state.status == CONTAINER_RUNNING && container_health(ctr, &health, NULL) == 0)
		row->health = take_ptr(health.status);
}

static char *restart_name(const struct container_record *record)
{
	struct restart_policy policy = {0};

	(void)restart_policy_parse(record->restart, &policy, NULL);
	return policy.mode == RESTART_NO ? NULL : xstrdup(restart_mode_name(policy.mode));
}

/* Takes what it can from the record, which is not used afterwards. */
static void fill_row(struct engine_ps_row *row, const struct container *ctr)
{
	struct container_record *record = ctr->record;

	row->name = take_ptr(record->name);
	row->image = str_is_empty(record->image_name) ? take_ptr(record->image)
						      : take_ptr(record->image_name);
	row->image_id = take_ptr(record->image_id);
	row->command = take_ptr(record->entrypoint);
	if (row->command)
		strv_add_all(&row->command, record->command);
	else
		row->command = take_ptr(record->command);
	row->created_ns = record->created_ns;
	row->started_ns = ctr->state.started_ns;
	row->finished_ns = ctr->state.finished_ns;
	row->state = xstrdup(container_status_name((enum container_status)ctr->state.status));
	row->exit_code = (int)ctr->state.exit_code;
	row->pid = container_is_up(ctr) ? ctr->state.init.pid : 0;
	row->auto_remove = record->auto_remove;
	set_health(row, ctr);
	row->restarts = ctr->state.restarts;
	row->restart_policy = restart_name(record);
	row->labels = record->labels;
	record->labels = (struct strmap){0};
	set_ports(row, ctr);
	set_networks(row, record);
	set_mounts(row, record);
}

/* A look at one that seems to be garbage must not miss that it has just been started. */
static void remove_garbage(struct engine *engine, const char *id)
{
	AUTO(container_free) struct container *ctr = NULL;

	if (container_open(engine->store, id, &ctr, NULL) == 0 && container_is_garbage(ctr))
		engine_remove(engine, ctr, true, NULL);
}

/* 1: the row is filled; 0: there is no such container (any more). */
static int read_row(
	struct engine *engine, const char *id, bool has_run_dir, struct engine_ps_row *row)
{
	AUTO(container_free) struct container *ctr = NULL;
	struct error cause = {0};
	int r = container_glance(engine->store, id, has_run_dir, &ctr, &cause);

	if (r == -ENOENT) /* removed while we looked */
		return 0;
	if (r == 0 && container_is_garbage(ctr)) {
		remove_garbage(engine, id);
		return 0;
	}
	row->id = xstrdup(id);
	if (r < 0) {
		row->state = xstrdup("unknown");
		row->error = xstrdup(error_text(&cause));
	} else {
		fill_row(row, ctr);
	}
	return 1;
}

static int newest_first(const void *left, const void *right)
{
	int64_t one = ((const struct engine_ps_row *)left)->created_ns;
	int64_t two = ((const struct engine_ps_row *)right)->created_ns;

	return one < two ? 1 : one > two ? -1 : 0;
}

static int compare_ids(const void *left, const void *right)
{
	return strcmp(*(char *const *)left, *(char *const *)right);
}

/* @monitored: sorted. */
static void read_rows(struct engine *engine, char **ids, char **monitored, struct engine_ps *ret)
{
	size_t monitored_count = strv_len(monitored);

	*ret = (struct engine_ps){.rows = xcalloc(strv_len(ids) + 1, sizeof(*ret->rows))};
	for (size_t i = 0; ids && ids[i]; i++) {
		bool has_run_dir = monitored && bsearch(&ids[i], monitored, monitored_count,
							sizeof(*monitored), compare_ids);

		ret->count += (size_t)read_row(engine, ids[i], has_run_dir, &ret->rows[ret->count]);
	}
	qsort(ret->rows, ret->count, sizeof(*ret->rows), newest_first);
}

int engine_ps(struct engine *engine, struct engine_ps *ret, struct error *err)
{
	AUTO(strv_free) char **ids = NULL;
	AUTO(strv_free) char **monitored = NULL;
	/* In this order: what is started after the first look is not in the second's way. */
	int r = container_list_monitored(engine->store, &monitored, err);

	if (r == 0)
		r = container_list(engine->store, &ids, err);
	if (r < 0)
		return r;
	strv_sort(monitored);
	read_rows(engine, ids, monitored, ret);
	container_tidy(engine->store, ret->count);
	engine_tidy_networks(engine);
	engine_tidy(engine);
	return 0;
}

int engine_ps_monitored(struct engine *engine, struct engine_ps *ret, struct error *err)
{
	AUTO(strv_free) char **ids = NULL;
	int r = container_list_monitored(engine->store, &ids, err);

	if (r < 0)
		return r;
	strv_sort(ids);
	read_rows(engine, ids, ids, ret);
	return 0;
}

int engine_container_find(struct engine *engine, const char *name, char **ret, struct error *err)
{
	int r = container_resolve(engine->store, name, ret, err);

	return r == 0 ? 1 : r == -ENOENT ? 0 : r;
}

size_t engine_count_image_users(struct engine *engine, const char *image_id)
{
	AUTO(engine_ps_release) struct engine_ps list = {0};
	size_t count = 0;

	if (engine_ps(engine, &list, NULL) < 0)
		return 0;
	for (size_t i = 0; i < list.count; i++)
		count += list.rows[i].image_id && str_eq(list.rows[i].image_id, image_id);
	return count;
}

char **engine_used_volumes(struct engine *engine)
{
	AUTO(engine_ps_release) struct engine_ps list = {0};
	char **names = NULL;

	if (engine_ps(engine, &list, NULL) < 0)
		return NULL;
	for (size_t i = 0; i < list.count; i++)
		strv_add_all(&names, list.rows[i].volumes);
	return names;
}
