/* SPDX-License-Identifier: Apache-2.0 */
#ifndef STORAGE_IMAGE_NAMES_H
#define STORAGE_IMAGE_NAMES_H

#include "image/reference.h"
#include "storage/store.h"

/* One name of an image, as names/REPO/TAG says; see image-store.h. */
struct image_name {
	char *repo;   /* "docker.io/library/x" */
	char *tag;    /* NULL when it is a digest */
	char *digest; /* "sha256:HEX" that stands in the name; NULL when it is a tag */
	char *id;     /* 64 hex digits */
	char *manifest_digest;
};
void image_name_release(struct image_name *name);

struct image_names {
	struct image_name *items;
	size_t count;
};
void image_names_release(struct image_names *names);
static inline void auto_image_names_release(struct image_names *names)
{
	image_names_release(names);
}

/* "repo:tag" or "repo@digest"; owned by the caller. */
char *image_name_text(const struct image_name *name);

/* All names, in no order. Links that do not look like ours are left out. */
int image_names_load(struct store *store, struct image_names *ret, struct error *err);

/*
 * image_names_find - the name that a reference means.
 * @ref: as typed, not normalised
 * Returns 1 found, 0 there is none.
 */
int image_names_find(struct store *store, const struct reference *ref, struct image_name *ret,
	struct error *err);

/* A full name now means @id with @manifest_digest, whatever it meant before. */
int image_names_set(struct store *store, const struct reference *ref, const char *id,
	const char *manifest_digest, struct error *err);
/* 1 removed, 0 there was none. */
int image_names_unset(struct store *store, const struct reference *ref, struct error *err);

#endif
