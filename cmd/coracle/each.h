/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CORACLE_EACH_H
#define CORACLE_EACH_H

#include "common/command.h"
#include "engine/engine.h"

/* Which containers a verb means that takes several: arguments, --all, --latest, --cidfile. */
struct each_selection {
	bool all;
	bool latest;
	bool ignore; /* what does not exist is no error */
	char **cidfiles;
};
/* The rows of --all, --cidfile and --latest, for OPT_GROUP(). */
extern const struct opt each_opts[];

/*
 * What to do with one of them. Returns 0: done, its name is printed; EACH_SILENT: done, nothing to
 * say; else negative errno with @err, which is printed.
 */
typedef int each_fn(struct engine *engine, const char *name, void *data, struct error *err);
#define EACH_SILENT 1

struct each {
	const char *verb;
	const struct each_selection *selection;
	each_fn *run;
	void *data;
	int (*exit_code)(int r); /* of a failed one; NULL: 125 */
};

/*
 * each_container - open the engine and go through the containers in their order; a failure does
 * not keep the others from their turn. Returns the exit code: that of the last failure, or 0.
 */
int each_container(struct cli *cli, const struct each *each, char **args);

#endif
