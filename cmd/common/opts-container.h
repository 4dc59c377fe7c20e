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

extern const struct command export_command; /* CONTAINER */
extern const struct command commit_command; /* CONTAINER [IMAGE] */

#endif
