/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/error.h"
#include "base/str.h"

static void words_are_put_in_front(void **state)
{
	struct error err = { 0 };

	(void)state;
	assert_int_equal(error_sys(&err, EACCES, "open %s", "label"), -EACCES);
	assert_int_equal(error_wrap(&err, -EACCES, "volume %s", "data"), -EACCES);
	assert_string_equal(error_text(&err), "volume data: open label: Permission denied");
}

static void a_bare_code_has_a_text(void **state)
{
	struct error err = { 0 };

	(void)state;
	error_wrap(&err, -ENOENT, "x");
	assert_string_equal(error_text(&err), "x: No such file or directory");
	assert_int_equal(err.code, ENOENT);
}

static void long_messages_are_cut(void **state)
{
	struct error err = { 0 };
	char big[4096];

	(void)state;
	memset(big, 'a', sizeof(big));
	big[sizeof(big) - 1] = '\0';
	error_set(&err, EINVAL, "%s", big);
	error_wrap(&err, -EINVAL, "%s", big);
	assert_int_equal(strlen(err.text), sizeof(err.text) - 1);
	assert_int_equal(error_set(NULL, EINVAL, "nobody listens"), -EINVAL);
}

static void messages_cannot_steer_a_terminal(void **state)
{
	struct error err = { 0 };

	(void)state;
	error_set(&err, EINVAL, "media type %s", "\x1b[2Jx\ny");
	error_wrap(&err, -EINVAL, "image %s", "a\rb");
	assert_string_equal(error_text(&err), "image a?b: media type ?[2Jx?y");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words_are_put_in_front),
		cmocka_unit_test(a_bare_code_has_a_text),
		cmocka_unit_test(long_messages_are_cut),
		cmocka_unit_test(messages_cannot_steer_a_terminal),
	};

	return cmocka_run_group_tests_name("base/error", tests, NULL, NULL);
}
