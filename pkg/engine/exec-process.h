/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ENGINE_EXEC_PROCESS_H
#define ENGINE_EXEC_PROCESS_H

#include "container/record.h"
#include "engine/engine.h"
#include "spec/spec.h"

/*
 * exec_process_make - turn a container's process into that of an exec session.
 * @process: of the container's spec; changed in place
 * @passwd, @group: texts of the container's files; used only where exec->user is given
 *
 * Environment, user, capabilities, limits and working directory stay the container's unless
 * @exec says otherwise. Returns 0; -ENOENT for a user or group that is not known; -EINVAL.
 */
int exec_process_make(const struct engine_exec *exec, const struct container_record *record,
	const char *passwd, const char *group, struct spec_process *process, struct error *err);

#endif
