/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <malloc.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "spec/spec.h"

/* A document with every section, members in the order in which they are written. */
static const char full[] =
	"{\"ociVersion\":\"1.2.0\",\"process\":{\"terminal\":true,"
	"\"consoleSize\":{\"height\":24,\"width\":80},"
	"\"user\":{\"uid\":1000,\"gid\":0,\"umask\":0,\"additionalGids\":[5,4294967294]},"
	"\"args\":[\"sh\",\"-c\",\"true\"],\"env\":[\"PATH=/bin\"],\"cwd\":\"/\","
	"\"capabilities\":{\"bounding\":[\"CAP_CHOWN\"]},"
	"\"rlimits\":[{\"type\":\"RLIMIT_NOFILE\",\"hard\":18446744073709551615,\"soft\":1024}],"
	"\"noNewPrivileges\":true,\"oomScoreAdj\":0,"
	"\"ioPriority\":{\"class\":\"IOPRIO_CLASS_BE\",\"priority\":4}},"
	"\"root\":{\"path\":\"rootfs\",\"readonly\":true},\"hostname\":\"h\",\"mounts\":["
	"{\"destination\":\"/proc\",\"type\":\"proc\",\"source\":\"proc\",\"options\":[\"ro\"]},"
	"{\"destination\":\"/data\",\"source\":\"/x\",\"options\":[\"rbind\",\"idmap\"],"
	"\"uidMappings\":[{\"containerID\":0,\"hostID\":1000,\"size\":1}],"
	"\"gidMappings\":[{\"containerID\":0,\"hostID\":1000,\"size\":1}]}],"
	"\"hooks\":{\"poststop\":[{\"path\":\"/bin/true\",\"timeout\":5}]},"
	"\"annotations\":{\"a\":\"\"},"
	"\"linux\":{\"uidMappings\":[{\"containerID\":0,\"hostID\":0,\"size\":65536}],"
	"\"sysctl\":{\"net.ipv4.ip_forward\":\"1\"},"
	"\"resources\":{\"devices\":[{\"allow\":false,\"access\":\"rwm\"}],"
	"\"memory\":{\"limit\":1048576,\"swap\":-1},\"cpu\":{\"shares\":512,\"cpus\":\"0-1\"},"
	"\"pids\":{\"limit\":2048}},"
	"\"namespaces\":[{\"type\":\"pid\"},{\"type\":\"network\",\"path\":\"/run/netns/a\"}],"
	"\"devices\":[{\"type\":\"c\",\"path\":\"/dev/fuse\",\"major\":10,\"minor\":229,"
	"\"fileMode\":438}],"
	"\"seccomp\":{\"defaultAction\":\"SCMP_ACT_ERRNO\",\"syscalls\":["
	"{\"names\":[\"personality\"],\"action\":\"SCMP_ACT_ALLOW\",\"args\":["
	"{\"index\":0,\"value\":4294967295,\"op\":\"SCMP_CMP_EQ\"}]}]},"
	"\"maskedPaths\":[\"/proc/kcore\"],\"readonlyPaths\":[\"/proc/sys\"],"
	"\"intelRdt\":{\"closID\":\"x\"}}}";

static void full_document_survives_a_round_trip(void **state)
{
	AUTO(spec_release) struct spec spec = {0};
	AUTO(spec_release) struct spec again = {0};
	autofree char *compact = NULL;
	autofree char *text = NULL;
	struct error err = {0};

	(void)state;
	assert_int_equal(spec_parse(full, strlen(full), &spec, &err), 0);
	compact = json_write(spec_fields, &spec, false);
	assert_string_equal(compact, full);
	text = spec_write(&spec);
	assert_int_equal(spec_parse(text, strlen(text), &again, &err), 0);
}

static void numbers_keep_their_range(void **state)
{
	AUTO(spec_release) struct spec spec = {0};
	autofree uint32_t *groups = NULL;

	(void)state;
	assert_int_equal(spec_parse(full, strlen(full), &spec, NULL), 0);
	assert_true(spec.process.rlimits[0].hard == UINT64_MAX);
	assert_true(spec.process.user.has_umask);
	assert_true(spec.linux.resources.memory.swap == -1);
	assert_true(spec.linux.resources.memory.has_limit);
	assert_true(spec.linux.resources.cpu.has_shares);
	assert_false(spec.linux.resources.block_io.has_weight);
	assert_int_equal(spec_user_groups(&spec.process.user, &groups), 2);
	assert_true(groups[1] == 4294967294U);
}

static void faults_name_the_field(void **state)
{
	static const struct {
		const char *text, *error;
	} cases[] = {
		{"{}", "config.json.ociVersion: missing"},
		{"[]", "config.json: not an object"},
		{"{\"ociVersion\":\"2.0\"}", "config.json.ociVersion: 2.0 is not supported"},
		{"{\"ociVersion\":\"1.0\",\"process\":{}}", "config.json.process.cwd: missing"},
		{"{\"ociVersion\":\"1.0\",\"process\":{\"cwd\":\"x\"}}",
			"config.json.process.cwd: not an absolute path"},
		{"{\"ociVersion\":\"1.0\",\"process\":{\"cwd\":\"/\",\"args\":[1]}}",
			"config.json.process.args[0]: not a string"},
		{"{\"ociVersion\":\"1.0\",\"process\":{\"cwd\":\"/\",\"user\":"
		 "{\"additionalGids\":[-1]}}}",
			"config.json.process.user.additionalGids[0]: not a group id"},
		{"{\"ociVersion\":\"1.0\",\"mounts\":[{}]}",
			"config.json.mounts[0].destination: missing"},
		{"{\"ociVersion\":\"1.0\",\"linux\":{\"namespaces\":[{\"type\":\"x\"}]}}",
			"config.json.linux.namespaces[0].type: unknown type x"},
		{"{\"ociVersion\":\"1.0\",\"linux\":{\"namespaces\":[{\"type\":\"pid\"},"
		 "{\"type\":\"pid\"}]}}",
			"config.json.linux.namespaces[1]: pid is given twice"},
		{"{\"ociVersion\":\"1.0\",\"process\":{\"cwd\":\"/\",\"rlimits\":["
		 "{\"type\":\"A\",\"hard\":1,\"soft\":1},{\"type\":\"A\",\"hard\":1,\"soft\":1}]}}",
			"config.json.process.rlimits[1]: A is given twice"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		AUTO(spec_release) struct spec spec = {0};
		struct error err = {0};

		assert_int_equal(
			spec_parse(cases[i].text, strlen(cases[i].text), &spec, &err), -EBADMSG);
		assert_string_equal(err.text, cases[i].error);
	}
}

static void built_documents_pass_the_checks(void **state)
{
	AUTO(spec_release) struct spec spec = {.oci_version = xstrdup(SPEC_VERSION)};
	char *options[] = {"ro", NULL};

	(void)state;
	spec_add_mount(&spec, "/tmp", "tmpfs", "tmpfs", options);
	spec_add_namespace(&spec, "pid", NULL);
	spec_add_rlimit(&spec.process, "RLIMIT_CORE", 0, 0);
	spec_add_rlimit(&spec.process, "RLIMIT_CORE", 1, 2);
	spec_add_group(&spec.process.user, 5);
	spec_add_group(&spec.process.user, 5);
	spec.has_process = true;
	spec.process.cwd = xstrdup("/");
	assert_int_equal(spec_check(&spec, NULL), 0);
	assert_int_equal(spec.process.rlimit_count, 1);
	assert_true(spec.process.rlimits[0].hard == 2);
	assert_non_null(spec_find_mount(&spec, "/tmp"));
	assert_null(spec_find_namespace(&spec, "user"));
}

/* What was read is a list as any other: items can be added to it. */
static void parsed_lists_can_grow(void **state)
{
	static const char text[] = "{\"ociVersion\":\"1.2.0\",\"root\":{\"path\":\"r\"},\"mounts\":["
				   "{\"destination\":\"/a\"},{\"destination\":\"/b\"},"
				   "{\"destination\":\"/c\"},{\"destination\":\"/d\"},"
				   "{\"destination\":\"/e\"}]}";
	struct spec spec = {0};

	(void)state;
	assert_int_equal(spec_parse(text, sizeof(text) - 1, &spec, NULL), 0);
	assert_true(malloc_usable_size(spec.mounts) >= 8 * sizeof(*spec.mounts));
	for (int i = 0; i < 4; i++)
		spec_add_mount(&spec, "/new", "bind", "/x", NULL);
	assert_int_equal(spec.mount_count, 9);
	assert_string_equal(spec.mounts[4].destination, "/e");
	assert_string_equal(spec.mounts[8].destination, "/new");
	spec_release(&spec);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(full_document_survives_a_round_trip),
		cmocka_unit_test(numbers_keep_their_range),
		cmocka_unit_test(faults_name_the_field),
		cmocka_unit_test(built_documents_pass_the_checks),
		cmocka_unit_test(parsed_lists_can_grow),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
