/* SPDX-License-Identifier: Apache-2.0 */
#ifndef COMMON_OPTS_CONTAINER_H
#define COMMON_OPTS_CONTAINER_H

#include "common/command.h"

/* Options of container verbs that coracle-image carries out; see opts-image.h. */

struct export_options {
	char *output;
};

struct commit_options {
	char *author;
	char **changes;
	char *format; /* "oci", "docker" */
	char *iidfile;
	char *message;
	bool include_volumes;
	bool pause;
	bool quiet;
	bool squash;
};

struct cp_options {
	bool archive;
	bool overwrite;
};
/* An argument of cp: "-", "CONTAINER:PATH" or "PATH". */
struct cp_place {
	char *container; /* NULL: the host */
	char *path;
	bool is_stream; /* a tar on a standard stream */
};
void cp_place_release(struct cp_place *place);
static inline void auto_cp_place_release(struct cp_place *place)
{
	cp_place_release(place);
}
/* Both arguments; -EINVAL unless one of them, and no more than one stream, is a container. */
int cp_places_parse(
	char *const *args, struct cp_place *ret_from, struct cp_place *ret_to, struct error *err);

extern const struct command cp_command;     /* SOURCE DESTINATION; with streams in coracle-image */
extern const struct command export_command; /* CONTAINER */
extern const struct command commit_command; /* CONTAINER [IMAGE] */

#endif
