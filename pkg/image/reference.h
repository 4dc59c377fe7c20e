/* SPDX-License-Identifier: Apache-2.0 */
#ifndef IMAGE_REFERENCE_H
#define IMAGE_REFERENCE_H

#include <stdbool.h>

#include "base/error.h"

#define REFERENCE_NAME_MAX 255 /* domain and path together */
#define REFERENCE_TAG_MAX 128
#define REFERENCE_DEFAULT_DOMAIN "docker.io"

/*
 * struct reference - the name of an image: [domain "/"] path [":" tag] ["@" digest].
 * Zeroed is the empty reference. Grammar: distribution, "reference".
 */
struct reference {
	char *domain;  /* "quay.io", "localhost:5000"; NULL in a short name */
	char *path;    /* "library/debian" */
	char *tag;     /* NULL when none was given */
	char *digest;  /* "sha256:…", verified to be one we can check; NULL when none */
	bool is_short; /* no domain was written; stays true after normalisation */
};

/*
 * reference_parse - read a reference as a person typed it. Nothing is added.
 * A leading "docker://" is dropped.
 * Returns 0; -EINVAL.
 */
int reference_parse(const char *text, struct reference *ret, struct error *err);

/*
 * reference_normalize - docker's defaults: no domain becomes docker.io, index.docker.io as well;
 * a single component on docker.io gets "library/"; neither tag nor digest becomes "latest".
 */
void reference_normalize(struct reference *ref);

/* As reference_parse() and reference_normalize(). */
int reference_parse_normalized(const char *text, struct reference *ret, struct error *err);

void reference_copy(struct reference *to, const struct reference *from); /* @to is overwritten */
void reference_release(struct reference *ref);
static inline void auto_reference_release(struct reference *ref)
{
	reference_release(ref);
}

/* "domain/path", or "path" of a short one. Owned by the caller. */
char *reference_name(const struct reference *ref);
/* "domain/path:tag@digest", each part where present. Owned by the caller. */
char *reference_format(const struct reference *ref);

/* True for 64 hex digits, with or without "sha256:" in front: an image id, not a name. */
bool reference_is_id(const char *text);
/* True for 3 to 64 lower-case hex digits: may be the beginning of an id. */
bool reference_may_be_id_prefix(const char *text);
bool reference_tag_is_valid(const char *tag);
bool reference_path_is_valid(const char *path);

#endif
