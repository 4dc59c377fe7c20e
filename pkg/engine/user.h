/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ENGINE_USER_H
#define ENGINE_USER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

/* Who a container's process is, resolved with the image's own passwd and group files. */
struct user {
	uint32_t uid;
	uint32_t gid;
	uint32_t *groups; /* supplementary */
	size_t group_count;
	char *name; /* NULL when the image does not know the uid */
	char *home; /* never NULL after success */
};

/*
 * user_resolve - "name|uid[:group|gid]" as in the OCI image config (IS config.md, "User").
 * @text:   NULL or "" is root
 * @passwd, @group: texts of the image's files; "" when missing
 * @add:    --group-add: names or gids; NULL for none
 *
 * Without a group in @text, the primary and supplementary groups of the user are taken.
 * Returns 0; -ENOENT "unable to find user x: no matching entries in passwd file"; -EINVAL.
 */
int user_resolve(const char *text, const char *passwd, const char *group, char *const *add,
	struct user *ret, struct error *err);
void user_release(struct user *user);

#endif
