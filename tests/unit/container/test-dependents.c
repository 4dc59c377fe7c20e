/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "base/str.h"
#include "container/dependents.h"
#include "sys/file.h"

static void those_that_exist_are_listed(void **state)
{
	char template[] = "/tmp/dependents.XXXXXX";
	AUTO(strv_free) char **ids = NULL;
	struct store store = {.root = template};
	struct error err = {0};

	(void)state;
	assert_non_null(mkdtemp(template));
	store.rootfd = open(template, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	mkdirat(store.rootfd, "containers", 0700);
	mkdirat(store.rootfd, "containers/needed", 0700);
	mkdirat(store.rootfd, "containers/one", 0700);

	assert_int_equal(container_dependents(&store, "needed", &ids, &err), 0);
	assert_null(ids);
	assert_int_equal(container_add_dependent(&store, "needed", "one", &err), 0);
	assert_int_equal(container_add_dependent(&store, "needed", "one", &err), 0);
	/* Not there yet, or not any more. */
	assert_int_equal(container_add_dependent(&store, "needed", "two", &err), 0);
	assert_int_equal(container_dependents(&store, "needed", &ids, &err), 0);
	assert_int_equal(strv_len(ids), 1);
	assert_string_equal(ids[0], "one");
	assert_int_equal(container_add_dependent(&store, "nobody", "one", &err), -ENOENT);

	close_fd(&store.rootfd);
	dir_remove_all_at(AT_FDCWD, template, NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(those_that_exist_are_listed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
