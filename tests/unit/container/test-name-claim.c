/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/str.h"
#include "container/container.h"
#include "container/name-claim.h"
#include "sys/file.h"

#define ID_A "00000000000000000000000000000000000000000000000000000000deadbeef"
#define ID_B "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"
#define ID_C "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static void link_texts_lead_back_to_ids(void **state)
{
	static const char *const ids[] = {ID_A, ID_B, ID_C};
	char text[NAME_LINK_LEN + 1];
	autofree char *old = NULL;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(ids); i++) {
		autofree char *id = NULL;

		name_link_text(ids[i], text);
		assert_int_equal(strlen(text), NAME_LINK_LEN);
		id = name_link_id(text);
		assert_string_equal(id, ids[i]);
	}
	/* What links said before. */
	old = name_link_id("../containers/" ID_B);
	assert_string_equal(old, ID_B);
	/* As "printf ... | xxd -r -p | basenc --base64url" prints it, without padding. */
	name_link_text(ID_C, text);
	assert_string_equal(text, "ASNFZ4mrze8BI0VniavN7wEjRWeJq83vASNFZ4mrze8");
}

static void other_texts_are_no_ids(void **state)
{
	static const char *const texts[] = {"", "../containers/x", ID_A,
		"ASNFZ4mrze8BI0VniavN7wEjRWeJq83vASNFZ4mrze",
		"ASNFZ4mrze8BI0VniavN7wEjRWeJq83vASNFZ4mrze9",
		"ASNFZ4mrze8BI0VniavN7wEjRWeJq83vASNFZ4mrz/8",
		"ASNFZ4mrze8BI0VniavN7wEjRWeJq83vASNFZ4mrze8="};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
		assert_null(name_link_id(texts[i]));
}

static void make_container(struct store *store, const char *id)
{
	autofree char *path = xasprintf("containers/%s", id);

	assert_int_equal(mkdirat(store->rootfd, path, 0700), 0);
}

/* The record alone, with the name that counts. */
static void call_container(struct store *store, const char *id, const char *name)
{
	struct container_record record = {
		.version = CONTAINER_FORMAT, .id = (char *)id, .name = (char *)name};
	autofree char *path = xasprintf("containers/%s/" CONTAINER_RECORD_FILE, id);
	autofree char *text = json_write(container_record_fields, &record, false);

	assert_int_equal(file_write_at(store->rootfd, path, text, strlen(text), 0600, 0, NULL), 0);
}

static void open_store(struct store *store, char *dir)
{
	assert_non_null(mkdtemp(dir));
	store->rootfd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_int_equal(mkdirat(store->rootfd, "containers", 0700), 0);
	assert_int_equal(mkdirat(store->rootfd, "container-names", 0700), 0);
	make_container(store, ID_A);
	make_container(store, ID_B);
}

static void a_rename_that_was_killed_leaves_one_name(void **state)
{
	char dir[] = "/tmp/name-claim.XXXXXX";
	struct store store = {0};
	int lock;

	(void)state;
	open_store(&store, dir);
	call_container(&store, ID_A, "new");
	assert_int_equal(name_claim(&store, "old", ID_A, NULL), 0);
	assert_int_equal(name_claim(&store, "new", ID_A, NULL), 0);
	/* The same rename, repeated. */
	assert_int_equal(name_claim(&store, "new", ID_A, NULL), 0);
	assert_int_equal(name_claim(&store, "new", ID_B, NULL), -EEXIST);

	/* Perhaps under way: then its claims count. */
	lock = openat(store.rootfd, "containers/" ID_A, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_int_equal(flock(lock, LOCK_EX), 0);
	assert_int_equal(name_claim(&store, "old", ID_B, NULL), -EEXIST);
	close(lock);
	assert_int_equal(name_claim(&store, "old", ID_B, NULL), 0);
	assert_int_equal(name_claim(&store, "new", ID_B, NULL), -EEXIST);

	close(store.rootfd);
	assert_int_equal(dir_remove_all_at(AT_FDCWD, dir, NULL), 0);
}

static void a_name_has_one_owner(void **state)
{
	char dir[] = "/tmp/name-claim.XXXXXX";
	struct store store = {0};
	struct error err = {0};
	autofree char *owner = NULL, *found = NULL;

	(void)state;
	open_store(&store, dir);
	assert_int_equal(name_claim(&store, "web", ID_A, &err), 0);
	assert_int_equal(name_claim(&store, "web", ID_B, &err), -EEXIST);
	assert_non_null(strstr(err.text, "already in use by " ID_A));
	owner = name_claim_owner(&store, "web");
	assert_string_equal(owner, ID_A);
	found = name_claim_find(&store, ID_A);
	assert_string_equal(found, "web");
	assert_null(name_claim_find(&store, ID_B));

	/* Not somebody else's, and not while its container is there. */
	name_claim_drop(&store, "web", ID_B);
	assert_int_equal(name_claim_drop_stale(&store, "web", &err), 0);
	assert_int_equal(name_claim(&store, "web", ID_B, &err), -EEXIST);

	/* What leads nowhere is anyone's, and so is what is no claim. */
	assert_int_equal(unlinkat(store.rootfd, "containers/" ID_A, AT_REMOVEDIR), 0);
	assert_int_equal(name_claim(&store, "web", ID_B, &err), 0);
	assert_int_equal(symlinkat("nowhere", store.rootfd, "container-names/odd"), 0);
	assert_int_equal(name_claim(&store, "odd", ID_B, &err), 0);
	name_claim_drop(&store, "odd", ID_B);
	assert_null(name_claim_owner(&store, "odd"));

	close(store.rootfd);
	assert_int_equal(dir_remove_all_at(AT_FDCWD, dir, NULL), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(link_texts_lead_back_to_ids),
		cmocka_unit_test(other_texts_are_no_ids),
		cmocka_unit_test(a_name_has_one_owner),
		cmocka_unit_test(a_rename_that_was_killed_leaves_one_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
