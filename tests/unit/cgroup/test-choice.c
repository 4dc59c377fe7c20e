/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "cgroup/choice.h"

#define NONE CGROUP_MANAGER_NONE
#define FS CGROUP_MANAGER_CGROUPFS
#define SD CGROUP_MANAGER_SYSTEMD

static const struct cgroup_facts nothing = {0};
static const struct cgroup_facts bare = {.has_cgroup = true};
static const struct cgroup_facts session = {.has_cgroup = true, .has_systemd = true};
static const struct cgroup_facts delegated = {.has_cgroup = true, .own_writable = true};
static const struct cgroup_facts both = {
	.has_cgroup = true, .own_writable = true, .has_systemd = true};

static const struct {
	const struct cgroup_facts *facts;
	const char *manager;
	enum cgroup_mode mode;
	enum cgroup_manager expected; /* when nothing is needed */
	const char *refusal;          /* when something is; NULL: the same manager */
} cases[] = {
	{&nothing, NULL, CGROUP_MODE_ENABLED, NONE, "cgroup v2, which is not mounted"},
	{&nothing, "systemd", CGROUP_MODE_ENABLED, NONE, "cgroup v2, which is not mounted"},
	{&bare, "", CGROUP_MODE_ENABLED, NONE, "enable-linger\", or start coracle"},
	{&bare, "auto", CGROUP_MODE_ENABLED, NONE, "none is delegated"},
	{&bare, "systemd", CGROUP_MODE_ENABLED, NONE, "loginctl enable-linger"},
	{&bare, "cgroupfs", CGROUP_MODE_ENABLED, NONE, "Delegate=yes"},
	{&bare, NULL, CGROUP_MODE_SPLIT, NONE, "Delegate=yes"},
	{&session, NULL, CGROUP_MODE_ENABLED, SD, NULL},
	{&session, "auto", CGROUP_MODE_ENABLED, SD, NULL},
	{&session, "systemd", CGROUP_MODE_ENABLED, SD, NULL},
	{&session, "cgroupfs", CGROUP_MODE_ENABLED, NONE, "Delegate=yes"},
	{&session, NULL, CGROUP_MODE_NO_CONMON, NONE, "Delegate=yes"},
	{&delegated, NULL, CGROUP_MODE_ENABLED, FS, NULL},
	{&delegated, "systemd", CGROUP_MODE_ENABLED, NONE, "no systemd of this user"},
	{&delegated, "cgroupfs", CGROUP_MODE_ENABLED, FS, NULL},
	{&both, NULL, CGROUP_MODE_ENABLED, SD, NULL},
	{&both, "cgroupfs", CGROUP_MODE_ENABLED, FS, NULL},
	{&both, NULL, CGROUP_MODE_SPLIT, FS, NULL},
	{&both, "systemd", CGROUP_MODE_NO_CONMON, FS, NULL},
	{&both, NULL, CGROUP_MODE_DISABLED, NONE, "cgroups are disabled"},
};

static void managers_follow_from_facts_and_wishes(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct cgroup_wish wish = {
			.manager = cases[i].manager, .mode = cases[i].mode, .is_lasting = true};
		enum cgroup_manager found = SD;
		struct error err = {0};

		assert_int_equal(cgroup_choose(cases[i].facts, &wish, &found, &err), 0);
		assert_int_equal(found, cases[i].expected);
		wish.is_needed = true;
		if (!cases[i].refusal) {
			assert_int_equal(cgroup_choose(cases[i].facts, &wish, &found, &err), 0);
			assert_int_equal(found, cases[i].expected);
			continue;
		}
		assert_true(cgroup_choose(cases[i].facts, &wish, &found, &err) < 0);
		if (!strstr(err.text, cases[i].refusal))
			fail_msg("case %zu: \"%s\"", i, err.text);
	}
}

static void systemd_is_not_asked_for_a_moment(void **state)
{
	struct cgroup_wish wish = {0};
	enum cgroup_manager found = SD;

	(void)state;
	assert_int_equal(cgroup_choose(&both, &wish, &found, NULL), 0);
	assert_int_equal(found, NONE);
	assert_int_equal(cgroup_choose(&delegated, &wish, &found, NULL), 0);
	assert_int_equal(found, FS);
	wish.is_needed = true;
	assert_int_equal(cgroup_choose(&both, &wish, &found, NULL), 0);
	assert_int_equal(found, SD);
	wish = (struct cgroup_wish){.manager = "systemd"};
	assert_int_equal(cgroup_choose(&both, &wish, &found, NULL), 0);
	assert_int_equal(found, SD);
}

static void unknown_words_are_refused(void **state)
{
	struct cgroup_wish wish = {.manager = "openrc"};
	enum cgroup_manager manager;
	enum cgroup_mode mode = CGROUP_MODE_SPLIT;
	struct error err = {0};

	(void)state;
	assert_int_equal(cgroup_choose(&both, &wish, &manager, &err), -EINVAL);
	assert_non_null(strstr(err.text, "openrc"));
	assert_int_equal(cgroup_mode_parse("off", &mode, &err), -EINVAL);
	assert_non_null(strstr(err.text, "no-conmon"));
	assert_int_equal(cgroup_mode_parse(NULL, &mode, &err), 0);
	assert_int_equal(mode, CGROUP_MODE_ENABLED);
	assert_int_equal(cgroup_mode_parse("split", &mode, &err), 0);
	assert_int_equal(mode, CGROUP_MODE_SPLIT);
	assert_string_equal(cgroup_manager_name(SD), "systemd");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(managers_follow_from_facts_and_wishes),
		cmocka_unit_test(systemd_is_not_asked_for_a_moment),
		cmocka_unit_test(unknown_words_are_refused),
	};

	return cmocka_run_group_tests_name("cgroup-choice", tests, NULL, NULL);
}
