/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CORACLE_STATS_ROW_H
#define CORACLE_STATS_ROW_H

#include "engine/engine.h"
#include "format/format.h"

/* A row of stats: a reading, and what came before it. */
struct stats_row {
	const struct engine_stats_row *now;
	const struct engine_stats_row *before; /* NULL: this is the first */
};
struct stats_context {
	bool full; /* whole ids */
};

/* What templates see of rows, which are struct stats_row: names of podman and docker. */
extern const struct format_type stats_row_type;
#define STATS_TABLE \
	"table {{.ID}}\t{{.Name}}\t{{.CPUPerc}}\t{{.MemUsage}}\t{{.MemPerc}}\t{{.NetIO}}\t" \
	"{{.BlockIO}}\t{{.PIDS}}\t{{.UpTime}}\t{{.AVGCPU}}"

#endif
