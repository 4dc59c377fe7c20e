/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/digest.h"
#include "base/str.h"

static void digests_are_the_standards(void **state)
{
	autofree char *empty = digest_of("{}", 2);
	AUTO(hasher_free) struct hasher *hasher = hasher_new("sha512:ab");
	autofree char *long_one = NULL;

	(void)state;
	assert_string_equal(empty,
		"sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a");
	assert_true(digest_is_valid(empty));
	hasher_update(hasher, "a", 1);
	long_one = hasher_finish(hasher);
	assert_true(digest_is_valid(long_one));
	assert_non_null(str_after(long_one, "sha512:1f40fc92da241694750979ee6cf582f2"));
}

static void malformed_digests_are_refused(void **state)
{
	static const char *const cases[] = { NULL, "", "sha256:", "sha256:abc", "md5:abc",
		"sha256:44136FA355B3678A1146AD16F7E8649E94FB4FC21FE77E8310C060F61CAAFF8A",
		"sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a0",
		"sha256:../36fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a" };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		assert_false(digest_is_valid(cases[i]));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(digests_are_the_standards),
		cmocka_unit_test(malformed_digests_are_refused),
	};

	return cmocka_run_group_tests_name("base/digest", tests, NULL, NULL);
}
