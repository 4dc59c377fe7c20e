/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CONTAINER_NAME_CLAIM_H
#define CONTAINER_NAME_CLAIM_H

#include "storage/store.h"

/*
 * A name is claimed by a symlink container-names/NAME, which the kernel makes for one of those who
 * want it. Creation claims a name last and removal frees it last; a rename, under the container's
 * lock, claims the new name first and frees the old one last. A claim whose container is not there,
 * or is called otherwise and not locked, is stale, and anyone's.
 *
 * The link's text is the id in base64url. The 64 digits of the id would not fit into an inode of
 * ext4 (59 bytes), so that each container would cost one more block, made and freed.
 */
#define NAME_LINK_LEN 43

/* @ret: NUL-terminated.  @id: 64 hex digits */
void name_link_text(const char *id, char ret[NAME_LINK_LEN + 1]);
/* The id that a link's text stands for, owned by the caller; NULL when it is not such a text. */
char *name_link_id(const char *text);

/* The id of the container that has @name, stale claims included; owned by the caller. Or NULL. */
char *name_claim_owner(struct store *store, const char *name);

/*
 * 0, also when it is claimed for @id already; or -EEXIST with the error that podman has. Takes the
 * place of a stale claim.
 */
int name_claim(struct store *store, const char *name, const char *id, struct error *err);

/* Frees @name when the claim is stale. Two who find that at once do not take it from each other. */
int name_claim_drop_stale(struct store *store, const char *name, struct error *err);

/* Frees @name when it is the claim of @id: after a crash it may be somebody else's by now. */
void name_claim_drop(struct store *store, const char *name, const char *id);

/* The name that is claimed for @id, found by looking at all of them; owned by the caller. Or NULL.
 */
char *name_claim_find(struct store *store, const char *id);

#endif
