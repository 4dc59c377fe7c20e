/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TEST_FAKE_REGISTRY_H
#define TEST_FAKE_REGISTRY_H

#include <stddef.h>
#include <sys/types.h>

/* A registry in a child process: what was put there, over plain http, lies included. */
#define FAKE_MAX_ROUTES 64
#define FAKE_MAX_BODY (1 << 20)

struct fake_route {
	char path[512];
	char type[128];
	size_t len;
	size_t cut;    /* the connection ends after so many bytes of the body; 0: never */
	unsigned hits; /* requests so far */
	size_t range;  /* first byte of the last request that had a range */
	char body[FAKE_MAX_BODY];
};

struct fake_registry {
	pid_t pid;
	char host[32]; /* "127.0.0.1:12345" */
	size_t count;
	struct fake_route routes[FAKE_MAX_ROUTES];
};

/* In memory that the server sees change. */
struct fake_registry *fake_registry_start(void);
void fake_registry_stop(struct fake_registry *registry);

struct fake_route *fake_put(struct fake_registry *registry, const char *path, const char *type,
	const void *body, size_t len);
/* As a blob of repository @name; the digest is owned by the caller. */
char *fake_put_blob(struct fake_registry *registry, const char *name, const void *body, size_t len);
/* A manifest under its digest and, unless NULL, a tag. */
char *fake_put_manifest(struct fake_registry *registry, const char *name, const char *tag,
	const char *type, const char *body);
struct fake_route *fake_blob(struct fake_registry *registry, const char *name, const char *digest);

#endif
