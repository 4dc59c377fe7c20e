/* SPDX-License-Identifier: Apache-2.0 */
#include "container/name-claim.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/str.h"
#include "container/internal.h"
#include "sys/file.h"

#define ID_LEN 64
#define BITS_PER_DIGIT 4
#define BITS_PER_CHAR 6

static const char hex_digits[] = "0123456789abcdef";
static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/*
 * Regroups @len characters of @from_bits each, highest bit first, into those of @to_bits. Returns
 * what is left over, or -1 for a character that @from does not have.
 */
static int regroup(const char *text, size_t len, const char *from, unsigned from_bits,
	const char *to, unsigned to_bits, char *ret)
{
	unsigned pending = 0, count = 0;

	for (size_t i = 0; i < len; i++) {
		const char *digit = text[i] ? strchr(from, text[i]) : NULL;

		if (!digit)
			return -1;
		pending = pending << from_bits | (unsigned)(digit - from);
		for (count += from_bits; count >= to_bits; count -= to_bits) {
			*ret++ = to[pending >> (count - to_bits)];
			pending &= (1u << (count - to_bits)) - 1;
		}
	}
	if (count > 0 && to_bits > from_bits)
		*ret++ = to[pending << (to_bits - count)];
	*ret = '\0';
	return (int)pending;
}

void name_link_text(const char *id, char ret[NAME_LINK_LEN + 1])
{
	regroup(id, ID_LEN, hex_digits, BITS_PER_DIGIT, alphabet, BITS_PER_CHAR, ret);
}

char *name_link_id(const char *text)
{
	/* 43 characters have two bits more than 64 digits; they are zero. */
	char id[ID_LEN + 1];
	/* As links were before. */
	const char *plain = str_after(text, "../containers/");

	if (plain && strlen(plain) == ID_LEN)
		return xstrdup(plain);
	if (strlen(text) != NAME_LINK_LEN || regroup(text, NAME_LINK_LEN, alphabet, BITS_PER_CHAR,
						     hex_digits, BITS_PER_DIGIT, id))
		return NULL;
	return xstrdup(id);
}

static char *name_path(const char *name)
{
	return xasprintf("container-names/%s", name);
}

char *name_claim_owner(struct store *store, const char *name)
{
	autofree char *path = name_path(name);
	autofree char *text = NULL;

	return link_read_at(store->rootfd, path, &text) == 0 ? name_link_id(text) : NULL;
}

static bool has_other_name(int dirfd, const char *id, const char *name)
{
	AUTO(container_record_free) struct container_record *record = NULL;

	return container_record_load(dirfd, id, &record, NULL) == 0 && !str_eq(record->name, name);
}

/*
 * The owner of a claim that is not stale; NULL: it is stale, or gone. A container that has another
 * name was renamed by somebody who was killed in the middle. One that is renamed at this moment is
 * locked, and @ret_lock keeps that from beginning.
 */
static char *living_owner(struct store *store, const char *name, int *ret_lock)
{
	autofree char *id = name_claim_owner(store, name);
	autofree char *path = id ? xasprintf("containers/%s", id) : NULL;
	autoclose int dirfd = id ? dir_open_at(store->rootfd, path, NULL) : -ENOENT;

	if (dirfd == -ENOENT)
		return NULL;
	if (dirfd < 0 || !has_other_name(dirfd, id, name) || flock(dirfd, LOCK_EX | LOCK_NB) < 0 ||
		!has_other_name(dirfd, id, name))
		return take_ptr(id);
	*ret_lock = take_fd(dirfd);
	return NULL;
}

/* @ret_owner: whose claim it is, if it is not stale; else NULL, and the claim is gone. */
static int drop_if_stale(struct store *store, const char *name, char **ret_owner, struct error *err)
{
	autofree char *path = name_path(name);
	autoclose int lock = dir_open_at(store->rootfd, "container-names", err);
	autoclose int container_lock = -1;

	if (lock < 0)
		return lock;
	while (flock(lock, LOCK_EX) < 0) {
		if (errno != EINTR)
			return error_sys(err, errno, "lock container names");
	}
	*ret_owner = living_owner(store, name, &container_lock);
	if (!*ret_owner && unlinkat(store->rootfd, path, 0) < 0 && errno != ENOENT)
		return error_sys(err, errno, "remove %s", path);
	return 0;
}

int name_claim_drop_stale(struct store *store, const char *name, struct error *err)
{
	autofree char *owner = NULL;

	return drop_if_stale(store, name, &owner, err);
}

int name_claim(struct store *store, const char *name, const char *id, struct error *err)
{
	autofree char *path = name_path(name);
	char text[NAME_LINK_LEN + 1];

	name_link_text(id, text);
	for (;;) {
		autofree char *owner = NULL;
		int r;

		if (symlinkat(text, store->rootfd, path) == 0)
			return 0;
		if (errno != EEXIST)
			return error_sys(err, errno, "claim name %s", name);
		r = drop_if_stale(store, name, &owner, err);
		if (r < 0)
			return r;
		if (owner && str_eq(owner, id))
			return 0;
		if (owner)
			return error_set(err, EEXIST,
				"the container name \"%s\" is already in use by %s: that name is "
				"already in use (remove that container to reuse it)",
				name, owner);
	}
}

void name_claim_drop(struct store *store, const char *name, const char *id)
{
	autofree char *path = name_path(name);
	autofree char *owner = name_claim_owner(store, name);

	if (owner && str_eq(owner, id))
		unlinkat(store->rootfd, path, 0);
}

char *name_claim_find(struct store *store, const char *id)
{
	AUTO(strv_free) char **names = NULL;

	if (dir_list_at(store->rootfd, "container-names", &names, NULL) < 0)
		return NULL;
	for (size_t i = 0; names[i]; i++) {
		autofree char *owner = name_claim_owner(store, names[i]);

		if (owner && str_eq(owner, id))
			return xstrdup(names[i]);
	}
	return NULL;
}
