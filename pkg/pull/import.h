/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PULL_IMPORT_H
#define PULL_IMPORT_H

#include "base/error.h"
#include "image/platform.h"
#include "storage/store.h"

struct import_request {
	struct store *store;
	int fd;                          /* the tar, compressed or not, read to its end; borrowed */
	const char *reference;           /* name of the new image, NULL: none */
	const struct platform *platform; /* NULL: this machine's */
	char *const *changes;            /* Containerfile instructions ("CMD sh"), strv */
	const char *message;             /* history comment; NULL: "imported from tarball" */
};

/*
 * import_image - make an image of one layer out of a tar.
 * @ret_id: 64 hex digits, owned by the caller
 *
 * The layer's blob is kept as it was given. On failure nothing is left behind.
 * Returns 0; -EINVAL for a bad reference or change; -EBADMSG for a malformed tar; else as from
 * storage.
 */
int import_image(const struct import_request *request, char **ret_id, struct error *err);

#endif
