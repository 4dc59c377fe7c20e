/* SPDX-License-Identifier: Apache-2.0 */
#include "stats-row.h"

#include "base/clock.h"
#include "base/json.h"
#include "common/out.h"
#include "format/human.h"

static bool is_full(const struct format_row *row)
{
	const struct stats_context *context = row->context;

	return context->full;
}

static char *percent_text(double percent)
{
	return xasprintf("%.2f%%", percent);
}

static double memory_percent(const struct engine_stats_row *now)
{
	return now->memory_limit_bytes
		       ? (double)now->memory_bytes * 100 / (double)now->memory_limit_bytes
		       : 0;
}

static char *pair_text(uint64_t left, uint64_t right, enum human_size form)
{
	autofree char *one = human_size(left, form);
	autofree char *two = human_size(right, form);

	return xasprintf("%s / %s", one, two);
}

static int64_t cpu_ns(const struct engine_stats_row *now)
{
	return (int64_t)now->cpu_usec * 1000;
}

#define GETTER(function, expression) \
	static struct json_object *function(const struct format_row *row) \
	{ \
		const struct stats_row *stats = row->data; \
		const struct engine_stats_row *now = stats->now; \
\
		return expression; \
	}
#define INT_GETTER(function, expression) \
	GETTER(function, json_object_new_int64((int64_t)(expression)))

GETTER(get_id, json_from_owned(out_id(now->id, is_full(row))))
GETTER(get_container_id, json_from_text(now->id))
GETTER(get_name, json_from_text(now->name))
GETTER(get_cpu_perc, json_from_owned(percent_text(engine_stats_cpu_percent(now, stats->before))))
GETTER(get_avg_cpu_perc, json_from_owned(percent_text(engine_stats_cpu_percent(now, NULL))))
GETTER(get_cpu, json_object_new_double(engine_stats_cpu_percent(now, stats->before)))
GETTER(get_avg_cpu, json_object_new_double(engine_stats_cpu_percent(now, NULL)))
GETTER(get_mem_usage,
	json_from_owned(pair_text(now->memory_bytes, now->memory_limit_bytes, HUMAN_SIZE_FINE)))
GETTER(get_mem_usage_bytes,
	json_from_owned(pair_text(now->memory_bytes, now->memory_limit_bytes, HUMAN_SIZE_BINARY)))
GETTER(get_mem_perc, json_from_owned(percent_text(memory_percent(now))))
GETTER(get_net_io,
	json_from_owned(pair_text(now->received_bytes, now->sent_bytes, HUMAN_SIZE_FINE)))
GETTER(get_block_io,
	json_from_owned(pair_text(now->read_bytes, now->written_bytes, HUMAN_SIZE_FINE)))
GETTER(get_up_time, json_from_owned(duration_format(cpu_ns(now))))
GETTER(get_source, json_from_text(now->source))
INT_GETTER(get_pids, now->pids)
INT_GETTER(get_mem_limit, now->memory_limit_bytes)
INT_GETTER(get_net_input, now->received_bytes)
INT_GETTER(get_net_output, now->sent_bytes)
INT_GETTER(get_block_input, now->read_bytes)
INT_GETTER(get_block_output, now->written_bytes)
INT_GETTER(get_cpu_nano, cpu_ns(now))
INT_GETTER(get_cpu_system_nano, now->cpu_system_usec * 1000)
INT_GETTER(get_duration, now->up_ns)

/* Texts all of them, as podman has them. */
static struct json_object *get_json(const struct format_row *row)
{
	const struct stats_row *stats = row->data;
	struct json_object *obj = json_object_new_object();

	json_object_object_add(obj, "id", get_id(row));
	json_object_object_add(obj, "name", get_name(row));
	json_object_object_add(obj, "cpu_time", get_up_time(row));
	json_object_object_add(obj, "cpu_percent", get_cpu_perc(row));
	json_object_object_add(obj, "avg_cpu", get_avg_cpu_perc(row));
	json_object_object_add(obj, "mem_usage", get_mem_usage(row));
	json_object_object_add(obj, "mem_percent", get_mem_perc(row));
	json_object_object_add(obj, "net_io", get_net_io(row));
	json_object_object_add(obj, "block_io", get_block_io(row));
	json_object_object_add(obj, "pids",
		json_from_owned(xasprintf("%llu", (unsigned long long)stats->now->pids)));
	return obj;
}

#define GOT(field_name, field_type, function, ...) \
	{ \
		.name = (field_name), .type = &(field_type), .get = (function), __VA_ARGS__ \
	}

static const struct format_field fields[] = {
	GOT("ID", format_string, get_id),
	GOT("Container", format_string, get_id),
	GOT("ContainerID", format_string, get_container_id),
	GOT("Name", format_string, get_name),
	GOT("CPUPerc", format_string, get_cpu_perc, .header = "CPU %"),
	GOT("AVGCPU", format_string, get_avg_cpu_perc, .header = "AVG CPU %"),
	GOT("MemUsage", format_string, get_mem_usage, .header = "MEM USAGE / LIMIT"),
	GOT("MemUsageBytes", format_string, get_mem_usage_bytes, .header = "MEM USAGE / LIMIT"),
	GOT("MemPerc", format_string, get_mem_perc, .header = "MEM %"),
	GOT("NetIO", format_string, get_net_io, .header = "NET IO"),
	GOT("BlockIO", format_string, get_block_io, .header = "BLOCK IO"),
	GOT("PIDS", format_int, get_pids),
	GOT("PIDs", format_int, get_pids, .header = "PIDS"),
	GOT("UpTime", format_string, get_up_time, .header = "CPU TIME"),
	GOT("CPU", format_any, get_cpu, .header = "CPU"),
	GOT("AvgCPU", format_any, get_avg_cpu, .header = "AVG CPU"),
	GOT("CPUNano", format_int, get_cpu_nano, .header = "CPU NANO"),
	GOT("CPUSystemNano", format_int, get_cpu_system_nano, .header = "CPU SYSTEM NANO"),
	GOT("MemLimit", format_int, get_mem_limit),
	GOT("NetInput", format_int, get_net_input),
	GOT("NetOutput", format_int, get_net_output),
	GOT("BlockInput", format_int, get_block_input),
	GOT("BlockOutput", format_int, get_block_output),
	GOT("Duration", format_int, get_duration),
	GOT("Source", format_string, get_source),
	{.name = NULL},
};

const struct format_type stats_row_type = {
	.kind = FORMAT_STRUCT,
	.name = "container stats",
	.fields = fields,
	.json = get_json,
};
