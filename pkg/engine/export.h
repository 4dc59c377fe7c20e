/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ENGINE_EXPORT_H
#define ENGINE_EXPORT_H

#include "engine/engine.h"

/*
 * engine_export - the root file system of a container as a tar, without volumes and other mounts.
 * @fd: takes it; it is not written to before the container was found
 *
 * The container may run. Owners are those that it sees. (Programs that link engine_archive_dep.)
 */
int engine_export(struct engine *engine, const char *name, int fd, struct error *err);

#endif
