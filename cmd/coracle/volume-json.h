/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CORACLE_VOLUME_JSON_H
#define CORACLE_VOLUME_JSON_H

#include "engine/engine.h"

/* An object as `podman volume inspect` has it; owned by the caller. */
struct json_object *volume_json(const struct engine_volume *volume);
/* As above, of the volume of that name. -ENOENT "no such volume". */
int volume_inspect_json(
	struct engine *engine, const char *name, struct json_object **ret, struct error *err);

#endif
