/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MONITOR_RELAY_H
#define MONITOR_RELAY_H

#include <stdbool.h>

#include "base/error.h"
#include "monitor/log.h"

/*
 * struct relay - moves bytes between a container and whoever is attached to it.
 *
 * Output goes to the log and to every client; what clients do who are slow is said in
 * relay-client.h. Input of all clients goes into one queue. Memory is bounded either way.
 */
struct relay;

struct relay_options {
	bool tty;
	int console_fd;         /* tty: the master; taken over */
	int output_fds[2];      /* no tty: our ends of stdout and stderr; taken over */
	int stdin_fd;           /* our end of the container's stdin, -1: none; taken over */
	int listen_fd;          /* attach socket, -1: none; taken over */
	int spool_dirfd;        /* where guests\' output may wait, -1: nowhere; borrowed */
	int init_pidfd;         /* borrowed */
	struct log_writer *log; /* borrowed; NULL: none */
};

struct relay *relay_new(const struct relay_options *options);
/* The first client, connected; taken over. @owns_stdin: the container's stdin ends with this
 * client. */
void relay_add_client(struct relay *relay, int fd, bool owns_stdin);
/* Until the process of init_pidfd has ended and what it wrote has been taken. */
int relay_run(struct relay *relay, struct error *err);
/*
 * Tells all clients how it ended. Those who have not taken everything yet are served by a child
 * until they have, or have gone.
 */
void relay_finish(struct relay *relay, int exit_code);
/* As relay_finish() for a container that never started. */
void relay_fail(struct relay *relay, int exit_code, const char *text);
/* Is anybody attached? */
bool relay_has_clients(const struct relay *relay);
/* Tells all clients that the program runs. */
void relay_ready(struct relay *relay);
void relay_free(struct relay *relay);
DEFINE_AUTO(struct relay *, relay_free);

#endif
