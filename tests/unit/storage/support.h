/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TEST_STORAGE_SUPPORT_H
#define TEST_STORAGE_SUPPORT_H

/* cmocka.h wants these before it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/str.h"
#include "storage/store.h"

/*
 * Group setup: enters a user namespace with the caller's subordinate ids, or with one id where
 * there are none. Tests of a host that allows no user namespaces are skipped.
 */
int support_enter_userns(void **state);
/* A skip for tests that need more ids than one. */
void support_need_ids(void);

/* Test setup and teardown: a fresh store in a temporary directory. */
int support_store_setup(void **state);
int support_store_teardown(void **state);
struct store *support_store(void);
/* Path below the temporary directory; owned by the caller. */
char *support_path(const char *name);
/* Path below the store's root, for looking into it. */
bool support_exists(const char *name);
/* Names in a directory below the store's root; 0 when it is not there. */
size_t support_count(const char *name);
/* A file with these bytes, open at its beginning. */
int support_input(const void *data, size_t len);

/* Bytes of a tar (ustar). Zeroed is empty; support_tar_end() adds the end mark. */
struct support_entry {
	const char *name;
	char type;     /* '0' file, '1' hard link, '2' symlink, '3' char, '5' directory, '6' fifo */
	unsigned mode; /* 0: 0644 */
	unsigned uid;
	unsigned gid;
	const char *data; /* text of a file */
	const char *link;
	const char *xattr; /* "name=value", goes into a pax header */
};
void support_tar_add(struct strbuf *tar, const struct support_entry *entry);
void support_tar_end(struct strbuf *tar);
/* A whole archive; the last entry has no name. */
struct strbuf support_tar(const struct support_entry *entries);

/*
 * support_commit - unpack an archive and commit it (support-layer.c, needs storage_archive_dep).
 * @chain: ChainIDs of the layers below; the new one is added
 */
int support_commit(const struct support_entry *entries, char ***chain, struct error *err);

#endif
