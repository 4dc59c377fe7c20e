/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CORACLE_PS_ROW_H
#define CORACLE_PS_ROW_H

#include "engine/engine.h"
#include "format/format.h"

/* The texts and objects that ps makes of a row; all owned by the caller. */

char *ps_row_status(const struct engine_ps_row *row, int64_t now_ns); /* "Exited (0) 2 hours ago" */
char *ps_row_ports(const struct engine_ps_row *row); /* "0.0.0.0:8080->80/tcp", ranges merged */
char *ps_row_command(const struct engine_ps_row *row, bool full); /* cut to 17 and "..." */
/* An object as `podman ps --format json` has it. */
struct json_object *ps_row_json(const struct engine_ps_row *row, int64_t now_ns);

/* What templates see of rows, which are struct engine_ps_row: names of podman and docker. */
struct ps_row_context {
	int64_t now_ns;
	bool full; /* whole ids and commands */
};
extern const struct format_type ps_row_type;
#define PS_ROW_TABLE \
	"table " \
	"{{.ID}}\t{{.Image}}\t{{.Command}}\t{{.CreatedHuman}}\t{{.Status}}\t{{.Ports}}\t{{.Names}" \
	"}"

#define PS_ROW_TABLE_NAMESPACES \
	"table {{.ID}}\t{{.Names}}\t{{.Pid}}\t{{.Namespaces.Cgroup}}\t{{.Namespaces.IPC}}\t" \
	"{{.Namespaces.MNT}}\t{{.Namespaces.NET}}\t{{.Namespaces.PIDNS}}\t{{.Namespaces.User}}\t" \
	"{{.Namespaces.UTS}}"

/* The values of --sort. */
#define PS_ROW_ORDERS "command|created|id|image|names|runningfor|size|status"
/* Sorts rows in place; those that are equal by the time they were made. @order: one of the above.
 */
void ps_rows_sort(struct engine_ps_row *rows, size_t count, const char *order);

#endif
