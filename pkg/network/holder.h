/* SPDX-License-Identifier: Apache-2.0 */
#ifndef NETWORK_HOLDER_H
#define NETWORK_HOLDER_H

#include "sys/process.h"

/* A process that holds a network namespace, and its record in a directory that the caller locks. */

/* 1: it lives, @ret is filled; 0: there is none. What cannot be read counts as none. */
int holder_read(int dirfd, struct process_id *ret);
/* Makes a namespace with a holder and records it. */
int holder_start(int dirfd, struct process_id *ret, struct error *err);
/* Ends it and removes the record. None is success. */
void holder_end(int dirfd);
/* "/proc/PID/ns/net", owned by the caller. */
char *holder_netns_path(const struct process_id *holder);

#endif
