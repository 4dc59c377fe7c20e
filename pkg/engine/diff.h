/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ENGINE_DIFF_H
#define ENGINE_DIFF_H

#include "engine/engine.h"
#include "storage/diff.h"

/*
 * engine_diff - what a container has changed of its image, or an image's last layer of those below.
 * @other: compare with that container or image instead; NULL: no
 * @ret: zeroed; diff_report_release() it
 * Returns 0; -ENOENT "x not found: no such container or image".
 */
int engine_diff(struct engine *engine, const char *name, const char *other, struct diff_report *ret,
	struct error *err);

#endif
