/* SPDX-License-Identifier: Apache-2.0 */
#ifndef STORAGE_VOLUME_H
#define STORAGE_VOLUME_H

#include <stdbool.h>
#include <stdint.h>

#include "base/json.h"
#include "storage/store.h"

/* A named volume: volumes/NAME/{volume.json,_data/}, with a file "copying" meanwhile. */
struct volume {
	char *name;
	char *driver; /* "local" */
	int64_t created_ns;
	struct strmap labels;
	struct strmap
		options;  /* as given; "type", "device", "o" are kept and not acted upon here */
	bool anonymous;   /* removed with its container when that asks for it */
	char *mountpoint; /* absolute path of _data; not in volume.json */
	int datafd;       /* O_RDONLY | O_DIRECTORY of _data; -1 in lists */
	bool is_new;      /* made by this very call */
};
extern const struct json_field volume_fields[];
void volume_free(struct volume *volume);
DEFINE_AUTO(struct volume *, volume_free);

struct volume_list {
	struct volume **items;
	size_t count;
};
void volume_list_release(struct volume_list *list);
static inline void auto_volume_list_release(struct volume_list *list)
{
	volume_list_release(list);
}

struct volume_create_request {
	const char *name;            /* NULL: 64 random hex digits, anonymous */
	const struct strmap *labels; /* NULL: none */
	const struct strmap *options;
	bool anonymous;
};

/* 0 or -EINVAL: [a-zA-Z0-9][a-zA-Z0-9_.-]*, at most 255 bytes. */
int volume_check_name(const char *name, struct error *err);
/* Returns 0; -EEXIST when the name is taken (nothing is changed); -EINVAL for a bad name. */
int volume_create(struct store *store, const struct volume_create_request *request,
	struct volume **ret, struct error *err);
/* -ENOENT "no volume with name \"NAME\" found: no such volume". */
int volume_open(struct store *store, const char *name, struct volume **ret, struct error *err);
/* volume_open(), creating it with defaults where it is missing; safe when several do so at once. */
int volume_ensure(struct store *store, const struct volume_create_request *request,
	struct volume **ret, struct error *err);
/* A full name, or an unambiguous prefix of one, to the full name. */
int volume_resolve(struct store *store, const char *text, char **ret_name, struct error *err);
/* Sorted by name; damaged ones are skipped with a warning. */
int volume_list(struct store *store, struct volume_list *ret, struct error *err);
/* Disappears at once, then its files. Whether containers use it is the caller's check. */
int volume_remove(struct store *store, const char *name, struct error *err);
/*
 * volume_prune - remove volumes that are not in @used (strv of names).
 * @ret_removed: their names (strv); @ret_bytes: bytes of file data freed; may be NULL.  Both are
 *               set on failure, too: to what was removed before it.
 */
int volume_prune(struct store *store, char *const *used, char ***ret_removed, uint64_t *ret_bytes,
	struct error *err);
/* Bytes of file data below a directory. */
uint64_t volume_usage(const struct volume *volume);

/*
 * volume_copy_up - content of an image directory into a volume that is used for the first time.
 * @datafd:   the volume's _data
 * @sourcefd: the directory in the mounted root file system (O_RDONLY or O_PATH)
 *
 * Does nothing unless the volume is empty, or an earlier copy was killed. Content, owner and mode
 * of the directory are copied. Several containers may do so at once: the others wait.
 * Needs no store, so that a container child may call it. Returns 0.
 */
int volume_copy_up(int datafd, int sourcefd, struct error *err);

#endif
