/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CORACLE_EACH_H
#define CORACLE_EACH_H

#include "common/command.h"
#include "engine/engine.h"

/* Which containers a verb means that takes several: arguments, or one of the options. */
struct each_selection {
	bool all;
	bool latest;
	bool oldest_first; /* of --all and --filter: what others depend on comes before them */
	bool ignore;       /* what does not exist is no error */
	char **cidfiles;
	char **filters; /* as those of ps */
};
/* The rows of --all, --cidfile and --latest, and that of --filter, for OPT_GROUP(). */
extern const struct opt each_opts[];
extern const struct opt each_filter_opts[];

/* Do options and arguments go together, and is there one? -EINVAL with podman's words. */
int each_check(const struct each_selection *selection, char *const *args, struct error *err);
/*
 * each_names - the containers that are meant, as they were typed, or by their full ids.
 * @ret: strv, owned by the caller; NULL for none, which --all and --filter may find
 */
int each_names(struct engine *engine, const struct each_selection *selection, char *const *args,
	char ***ret, struct error *err);

/*
 * What to do with one of them. Returns 0: done, its name is printed; EACH_SILENT: done, nothing to
 * say; else negative errno with @err, which is printed.
 */
typedef int each_fn(struct engine *engine, const char *name, void *data, struct error *err);
#define EACH_SILENT 1

struct each {
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
