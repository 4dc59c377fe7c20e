/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EVENTS_INTERNAL_H
#define EVENTS_INTERNAL_H

#include <stddef.h>
#include <stdint.h>

/* event-log.h says what they are. */
#define LOG_FILE "events.log"
#define LOG_OLD_FILE "events.log.1"
#define LOG_LOCK "events.lock"

/* Bytes of the first line are at most this many. */
#define LOG_HEADER_MAX 64

/* The number in a first line that counts files; 0 for any other line. */
uint64_t event_log_generation(const char *line, size_t len);

#endif
