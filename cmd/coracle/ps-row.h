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

/*
 * ps_row_matches - does a row pass all filters?
 * @filters: "key=value"; the same key may match by any of its values, different keys all must
 * -EINVAL for a filter that does not exist.
 */
int ps_row_matches(const struct engine_ps_row *row, char *const *filters, struct error *err);

#endif
