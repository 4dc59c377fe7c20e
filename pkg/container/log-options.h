/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CONTAINER_LOG_OPTIONS_H
#define CONTAINER_LOG_OPTIONS_H

#include "base/error.h"
#include "base/str.h"

/* --log-opt, understood. Strings are borrowed from what was parsed. */
struct log_options {
	const char *path;        /* of the file, absolute; NULL: in the container's directory */
	const char *tag;         /* for the journal; NULL: none */
	uint64_t max_size_bytes; /* of the file before it is rotated; 0: no limit */
};

/*
 * log_options_parse - path=FILE, max-size=SIZE, tag=TEXT.
 * What docker has besides (max-file, labels, compress …) is accepted and has no effect.
 * Returns 0; -EINVAL for an unknown key or a malformed value.
 */
int log_options_parse(const struct strmap *given, struct log_options *ret, struct error *err);

/* 0, or -EINVAL for a driver that there is not: k8s-file, json-file, journald, none. */
int log_driver_check(const char *driver, struct error *err);

#endif
