/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "spec/capability.h"
#include "spec/defaults.h"

static void mounts_come_in_order(void **state)
{
	static const char *const wanted[] = {
		"/proc", "/dev", "/dev/pts", "/dev/shm", "/dev/mqueue", "/sys", "/sys/fs/cgroup"};
	AUTO(spec_release) struct spec spec = {0};
	struct default_mounts choice = {.tty_group_mapped = true};

	(void)state;
	defaults_add_mounts(&spec, &choice);
	assert_int_equal(spec.mount_count, ARRAY_SIZE(wanted));
	for (size_t i = 0; i < spec.mount_count; i++)
		assert_string_equal(spec.mounts[i].destination, wanted[i]);
	assert_true(strv_has(spec_find_mount(&spec, "/dev/pts")->options, "gid=5"));
	assert_true(strv_has(spec_find_mount(&spec, "/dev/shm")->options, "size=67108864"));
	assert_true(strv_has(spec_find_mount(&spec, "/sys")->options, "ro"));
}

static void host_namespaces_bind_the_host(void **state)
{
	AUTO(spec_release) struct spec spec = {0};
	struct default_mounts choice = {
		.host_network = true, .host_ipc = true, .host_pid = true, .no_cgroup = true};

	(void)state;
	defaults_add_mounts(&spec, &choice);
	assert_string_equal(spec_find_mount(&spec, "/proc")->type, "bind");
	assert_string_equal(spec_find_mount(&spec, "/sys")->source, "/sys");
	assert_string_equal(spec_find_mount(&spec, "/dev/shm")->source, "/dev/shm");
	assert_null(spec_find_mount(&spec, "/sys/fs/cgroup"));
	assert_false(strv_has(spec_find_mount(&spec, "/dev/pts")->options, "gid=5"));
}

static void user_without_root_gets_only_added_capabilities(void **state)
{
	AUTO(spec_release) struct spec spec = {0};
	const uint64_t net_raw = UINT64_C(1) << 13;

	(void)state;
	spec.process.user.uid = 1000;
	defaults_set_capabilities(&spec.process, default_capability_set() | net_raw, net_raw);
	assert_int_equal(strv_len(spec.process.capabilities.bounding), 12);
	assert_int_equal(strv_len(spec.process.capabilities.effective), 1);
	assert_string_equal(spec.process.capabilities.ambient[0], "CAP_NET_RAW");
}

static void root_gets_the_bounding_set(void **state)
{
	AUTO(spec_release) struct spec spec = {0};

	(void)state;
	defaults_set_capabilities(&spec.process, default_capability_set(), 0);
	assert_int_equal(strv_len(spec.process.capabilities.effective), 11);
	assert_null(spec.process.capabilities.ambient);
}

static void seccomp_profile_is_json(void **state)
{
	AUTO(json_free) struct json_object *obj = NULL;

	(void)state;
	assert_int_equal(
		json_parse(default_seccomp_profile, strlen(default_seccomp_profile), &obj, NULL),
		0);
	assert_string_equal(json_get_string(obj, "defaultAction"), "SCMP_ACT_ERRNO");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(mounts_come_in_order),
		cmocka_unit_test(host_namespaces_bind_the_host),
		cmocka_unit_test(user_without_root_gets_only_added_capabilities),
		cmocka_unit_test(root_gets_the_bounding_set),
		cmocka_unit_test(seccomp_profile_is_json),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
