/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ENGINE_THROTTLE_H
#define ENGINE_THROTTLE_H

#include "engine/run-request.h"
#include "spec/spec.h"

/* The flags --device-read-bps and its three sisters: rates of block devices. */
enum throttle_kind {
	THROTTLE_READ_BPS = 0,
	THROTTLE_WRITE_BPS,
	THROTTLE_READ_IOPS,
	THROTTLE_WRITE_IOPS,
	THROTTLE_KINDS,
};

struct throttle {
	enum throttle_kind kind;
	char *path; /* of the device, on the host */
	int64_t major, minor;
	uint64_t rate; /* bytes or operations in a second */
};
struct throttle_list {
	struct throttle *items;
	size_t count;
};

/*
 * throttle_parse - PATH:RATE; a rate in bytes may have a unit.
 * @ret: zeroed; the device's numbers are left alone
 */
int throttle_parse(
	enum throttle_kind kind, const char *text, struct throttle *ret, struct error *err);

/*
 * throttle_list_find - all of them, with the numbers of the devices as the host has them.
 * @ret: zeroed; throttle_list_release() it, also on failure
 */
int throttle_list_find(
	const struct run_limits *limits, struct throttle_list *ret, struct error *err);
void throttle_list_release(struct throttle_list *list);
static inline void auto_throttle_list_release(struct throttle_list *list)
{
	throttle_list_release(list);
}

/* Adds them to a spec. */
void throttle_list_apply(const struct throttle_list *list, struct spec_block_io *io);

#endif
