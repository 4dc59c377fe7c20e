/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_REGISTRY_SERVER_H
#define TESTS_REGISTRY_SERVER_H

#include <stdbool.h>
#include <stddef.h>

/* A small HTTP server in a child process, whose replies a test scripts. */
struct request {
	char method[8];
	char path[512];
	char range[64];
	char authorization[256];
	char body[512];
	unsigned nth; /* how often this path was asked for, this time included */
};

/* Writes the whole reply to @fd; the connection is closed behind it. */
typedef void (*server_handler)(int fd, const struct request *request);

/* Listens on a free port of 127.0.0.1. Aborts when it cannot. */
void server_start(server_handler handler, int *ret_port);
void server_stop(void);
/* What was asked since the last server_forget(), in order; NULL beyond. */
const struct request *server_request(size_t number);
void server_forget(void);

/* "HTTP/1.1 @status", @headers (lines ending in \r\n), Content-Length and the body. */
void reply(int fd, const char *status, const char *headers, const void *body, size_t len);
void send_all(int fd, const void *data, size_t len);

#endif
