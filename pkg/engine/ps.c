/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdlib.h>

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

static void fill_row(struct engine_ps_row *row, const struct container *ctr)
{
	const struct container_record *record = ctr->record;

	row->name = xstrdup(record->name);
	row->image = xstrdup(str_is_empty(record->image_name) ? record->image : record->image_name);
	row->image_id = xstrdup(record->image_id);
	row->command = strv_dup(record->entrypoint);
	strv_add_all(&row->command, record->command);
	row->created_ns = record->created_ns;
	row->started_ns = ctr->state.started_ns;
	row->finished_ns = ctr->state.finished_ns;
	row->state = xstrdup(container_status_name((enum container_status)ctr->state.status));
	row->exit_code = (int)ctr->state.exit_code;
	row->pid = container_is_up(ctr) ? ctr->state.init.pid : 0;
	row->auto_remove = record->auto_remove;
	strmap_copy(&row->labels, &record->labels);
	set_ports(row, ctr);
	set_networks(row, record);
	for (size_t i = 0; i < record->mount_count; i++) {
		strv_add(&row->mounts, record->mounts[i].destination);
		if (record->mounts[i].name)
			strv_add(&row->volumes, record->mounts[i].name);
	}
}

static int newest_first(const void *left, const void *right)
{
	int64_t one = ((const struct engine_ps_row *)left)->created_ns;
	int64_t two = ((const struct engine_ps_row *)right)->created_ns;

	return one < two ? 1 : one > two ? -1 : 0;
}

int engine_ps(struct engine *engine, struct engine_ps *ret, struct error *err)
{
	AUTO(strv_free) char **ids = NULL;
	int r = container_list(engine->store, &ids, err);

	if (r < 0)
		return r;
	*ret = (struct engine_ps){.rows = xcalloc(strv_len(ids), sizeof(*ret->rows))};
	for (size_t i = 0; ids[i]; i++) {
		AUTO(container_free) struct container *ctr = NULL;
		struct engine_ps_row *row = &ret->rows[ret->count];
		struct error cause = {0};

		r = container_open(engine->store, ids[i], &ctr, &cause);
		if (r == -ENOENT) /* removed while we looked */
			continue;
		if (r == 0 && container_is_garbage(ctr)) {
			engine_remove(engine, ctr, true, NULL);
			continue;
		}
		row->id = xstrdup(ids[i]);
		ret->count++;
		if (r < 0) {
			row->state = xstrdup("unknown");
			row->error = xstrdup(error_text(&cause));
		} else {
			fill_row(row, ctr);
		}
	}
	qsort(ret->rows, ret->count, sizeof(*ret->rows), newest_first);
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
