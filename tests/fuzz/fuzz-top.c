/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What `top` reads that a container has a say in: its passwd or group file, before the first NUL,
 * and behind it the status of a process, whose name is the process's choice.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "engine/top-column.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *const descriptors[] = {"args", "capamb", "capbnd", "capeff", "comm", "etime",
	"group", "groups", "hgroups", "huser", "label", "pcpu", "rss", "seccomp", "state", "stime",
	"time", "tty", "user", "vsz"};

static void show(const struct id_names *names, const struct top_process *process)
{
	struct idrange range = {0, 100000, 65536};
	const struct idmap map = {&range, 1};
	const struct top_context context = {.uids = &map,
		.host_uids = &map,
		.host_gids = &map,
		.users = names,
		.groups = names,
		.now_ns = INT64_C(1767323045) * 1000000000,
		.uptime_ns = INT64_C(1000) * 1000000000,
		.ticks_per_second = 100,
		.page_bytes = 4096};

	for (size_t i = 0; i < ARRAY_SIZE(descriptors); i++)
		free(top_column_text(top_column_find(descriptors[i]), &context, process));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char stat[] = "7 (x) S 1 7 7 34816 7 4194560 84 0 0 0 7 5 1 1 20 0 1 0 98765 "
				   "2322432 345 18446744073709551615";
	AUTO(id_names_release) struct id_names names = {0};
	autofree char *text = xstrndup((const char *)data, size);
	size_t len = strlen(text);
	autofree char *status =
		len < size ? xstrndup((const char *)data + len + 1, size - len - 1) : xstrdup("");
	struct top_process process = {0};

	id_names_parse(text, &names);
	for (size_t i = 0; i < names.count; i++) {
		const char *name = id_names_find(&names, names.items[i].id);

		if (!name || !*name || strlen(name) > ID_NAME_MAX || strpbrk(name, ":\n"))
			abort();
	}
	if (top_process_parse(stat, status, 0, &process) == 0) {
		process.args = xstrdup("");
		process.label = xstrdup("");
		show(&names, &process);
	}
	top_process_release(&process);
	return 0;
}
