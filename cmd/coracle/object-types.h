/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CORACLE_OBJECT_TYPES_H
#define CORACLE_OBJECT_TYPES_H

#include "format/format.h"

/*
 * What templates see of the objects that inspect, info and version print: their members, under the
 * names that podman's templates know, and whether those are maps, times or may be absent.
 */
extern const struct format_type container_object_type;
extern const struct format_type image_object_type;
extern const struct format_type volume_object_type;
extern const struct format_type info_object_type;
extern const struct format_type version_object_type;

#endif
