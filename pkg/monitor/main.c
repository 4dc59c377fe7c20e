/* SPDX-License-Identifier: Apache-2.0 */
#include "monitor/main.h"

#include <stdio.h>

#include "base/str.h"
#include "monitor/monitor.h"

#define ARGUMENTS 9

static const char *or_null(const char *text)
{
	return *text ? text : NULL;
}

static uint16_t number(const char *text)
{
	uint64_t value = 0;

	return str_to_u64(text, 10, &value) == 0 && value <= UINT16_MAX ? (uint16_t)value : 0;
}

int monitor_main(char *const *argv)
{
	struct error err = {0};
	struct monitor_options options;

	if (strv_len(argv) != ARGUMENTS + 1) {
		fputs("Error: coracle-monitor is started by coracle\n", stderr);
		return 125;
	}
	options = (struct monitor_options){
		.id = argv[1],
		.store = {.root = or_null(argv[2]),
			.runroot = or_null(argv[3]),
			.driver = or_null(argv[4]),
			.no_events = str_eq(argv[8], "1")},
		.client_fd = MONITOR_CLIENT_FD,
		.client_attaches = str_eq(argv[5], "1"),
		.rows = number(argv[6]),
		.columns = number(argv[7]),
		.waits = str_eq(argv[9], "1"),
	};
	return monitor_run(&options, &err) < 0 ? 125 : 0;
}
