/* SPDX-License-Identifier: Apache-2.0 */
/* The flags for limits as linux.resources. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "engine/specgen.h"
#include "engine/throttle.h"

struct limit_case {
	struct run_limits limits;
	const char *expected; /* linux.resources, or the beginning of the error after "!" */
};

#define S(text) ((char *)(text))
#define NO_PIDS .has_pids_limit = true, .pids_limit = -1

static const struct limit_case cases[] = {
	{{0}, "{\"pids\":{\"limit\":2048}}"},
	{{.has_pids_limit = true, .pids_limit = 7}, "{\"pids\":{\"limit\":7}}"},
	{{.has_pids_limit = true}, "{\"pids\":{\"limit\":-1}}"},
	{{.cgroups = S("disabled")}, "{}"},
	{{NO_PIDS, .memory_bytes = 64 << 20},
		"{\"memory\":{\"limit\":67108864,\"swap\":134217728},\"pids\":{\"limit\":-1}}"},
	{{NO_PIDS, .memory_bytes = 100, .memory_swap = S("100b")},
		"{\"memory\":{\"limit\":100,\"swap\":100},\"pids\":{\"limit\":-1}}"},
	{{NO_PIDS, .memory_bytes = 100, .memory_swap = S("-1"), .memory_reservation_bytes = 50},
		"{\"memory\":{\"limit\":100,\"reservation\":50,\"swap\":-1},"
		"\"pids\":{\"limit\":-1}}"},
	{{NO_PIDS, .memory_reservation_bytes = 50},
		"{\"memory\":{\"reservation\":50},\"pids\":{\"limit\":-1}}"},
	{{.memory_swap = S("1g")}, "!--memory-swap counts memory and swap together and needs"},
	{{.memory_swap = S("-1")}, "!--memory-swap counts memory and swap together and needs"},
	{{.memory_bytes = 100, .memory_swap = S("99")}, "!--memory-swap counts memory and swap "
							"together and must not be less"},
	{{.memory_bytes = 100, .memory_swap = S("many")}, "!--memory-swap \"many\" is neither"},
	{{.memory_bytes = 100, .memory_reservation_bytes = 101}, "!--memory-reservation"},
	{{.memory_bytes = UINT64_MAX}, "!--memory: 18446744073709551615 is too large"},
	{{NO_PIDS, .cpus = S("1.5")},
		"{\"cpu\":{\"quota\":150000,\"period\":100000},\"pids\":{\"limit\":-1}}"},
	{{NO_PIDS, .cpus = S(".01")},
		"{\"cpu\":{\"quota\":1000,\"period\":100000},\"pids\":{\"limit\":-1}}"},
	{{NO_PIDS, .cpus = S("0")}, "{\"pids\":{\"limit\":-1}}"},
	{{NO_PIDS, .cpus = S("2")},
		"{\"cpu\":{\"quota\":200000,\"period\":100000},\"pids\":{\"limit\":-1}}"},
	{{.cpus = S("0.009")}, "!--cpus 0.009 is less than 0.01"},
	{{.cpus = S("1.")}, "!--cpus \"1.\" is not a number"},
	{{.cpus = S(".")}, "!--cpus \".\" is not a number"},
	{{.cpus = S("1e3")}, "!--cpus \"1e3\" is not a number"},
	{{.cpus = S("-1")}, "!--cpus \"-1\" is not a number"},
	{{.cpus = S("1.0000000001")}, "!--cpus \"1.0000000001\" is not a number"},
	{{.cpus = S("1"), .cpu_quota = 1000}, "!--cpus and --cpu-quota exclude"},
	{{.cpus = S("1"), .cpu_period = 1000}, "!--cpus and --cpu-period exclude"},
	{{NO_PIDS, .cpu_quota = 5000, .cpu_period = 10000, .cpu_shares = 512,
		 .cpuset_cpus = S("0-1"), .cpuset_mems = S("0")},
		"{\"cpu\":{\"shares\":512,\"quota\":5000,\"period\":10000,\"cpus\":\"0-1\","
		"\"mems\":\"0\"},\"pids\":{\"limit\":-1}}"},
	{{.cpu_quota = 999}, "!--cpu-quota must be at least"},
	{{.cpu_period = 999}, "!--cpu-period must be between"},
	{{.cpu_shares = -1}, "!--cpu-shares must not be negative"},
	{{NO_PIDS, .blkio_weight = 300}, "{\"pids\":{\"limit\":-1},\"blockIO\":{\"weight\":300}}"},
	{{.blkio_weight = 5}, "!--blkio-weight must be between"},
	{{.cgroups = S("disabled"), .memory_bytes = 5}, "!resource limits need a cgroup, and --cg"},
	{{.cgroups = S("split"), .cgroup_parent = S("a")}, "!--cgroups split and --cgroup-parent"},
};

static void check(size_t number, const struct limit_case *test)
{
	struct run_request request = {.limits = test->limits};
	struct specgen_input input = {.request = &request};
	struct specgen_output output = {.record = xnew(struct container_record)};
	struct error err = {0};
	char *text;
	int r;

	request.limits.memory_swappiness = -1;
	r = specgen_resources(&input, &output, &err);
	if (*test->expected == '!') {
		if (r >= 0 || !str_after(err.text, test->expected + 1))
			fail_msg("case %zu: %d, %s", number, r, err.text);
	} else {
		if (r < 0)
			fail_msg("case %zu: %s", number, err.text);
		text = json_write(spec_resources_fields, &output.spec.linux.resources, false);
		assert_string_equal(text, test->expected);
		assert_int_equal(output.record->pids_is_default,
			!test->limits.has_pids_limit && output.spec.linux.resources.has_pids);
		free(text);
	}
	specgen_output_release(&output);
}

static void flags_become_resources(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		check(i, &cases[i]);
}

static void swappiness_and_odd_settings_are_refused(void **state)
{
	struct run_request request;
	struct specgen_input input = {.request = &request};
	struct specgen_output output = {.record = xnew(struct container_record)};
	struct error err = {0};

	(void)state;
	run_request_init(&request);
	request.limits.memory_swappiness = 60;
	assert_int_equal(specgen_resources(&input, &output, &err), -ENOTSUP);
	assert_non_null(strstr(err.text, "cgroup v1"));
	request.limits.memory_swappiness = -1;
	strmap_set(&request.limits.cgroup_conf, "cgroup.procs", "1");
	assert_int_equal(specgen_resources(&input, &output, &err), -EINVAL);
	assert_non_null(strstr(err.text, "cgroup.procs"));
	specgen_output_release(&output);
	run_request_release(&request);
}

static void rates_name_device_and_number(void **state)
{
	static const struct {
		enum throttle_kind kind;
		const char *text;
		uint64_t rate; /* 0: refused */
	} rates[] = {
		{THROTTLE_READ_BPS, "/dev/sda:1m", 1 << 20},
		{THROTTLE_WRITE_BPS, "/dev/disk/by-id/a:b:5", 5},
		{THROTTLE_READ_IOPS, "/dev/sda:100", 100},
		{THROTTLE_WRITE_IOPS, "/dev/sda:1m", 0},
		{THROTTLE_READ_BPS, "/dev/sda:0", 0},
		{THROTTLE_READ_BPS, "/dev/sda:", 0},
		{THROTTLE_READ_BPS, "/dev/sda", 0},
		{THROTTLE_READ_BPS, "sda:1m", 0},
	};
	struct throttle_list list = {0};
	struct run_limits limits = {0};
	struct error err = {0};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rates); i++) {
		struct throttle item = {0};
		int r = throttle_parse(rates[i].kind, rates[i].text, &item, &err);

		assert_int_equal(r, rates[i].rate ? 0 : -EINVAL);
		assert_int_equal(item.rate, rates[i].rate);
		free(item.path);
	}
	strv_add(&limits.device_write_iops, "/dev/null:10");
	assert_int_equal(throttle_list_find(&limits, &list, &err), -EINVAL);
	assert_string_equal(err.text, "--device-write-iops /dev/null: not a block device");
	throttle_list_release(&list);
	strv_free(limits.device_write_iops);
}

static void rates_reach_the_spec(void **state)
{
	struct throttle items[] = {{THROTTLE_READ_BPS, NULL, 8, 0, 5},
		{THROTTLE_WRITE_IOPS, NULL, 8, 16, 6}, {THROTTLE_READ_BPS, NULL, 8, 32, 7}};
	const struct throttle_list list = {items, ARRAY_SIZE(items)};
	struct spec_resources resources = {0};
	char *text;

	(void)state;
	throttle_list_apply(&list, &resources.block_io);
	text = json_write(spec_resources_fields, &resources, false);
	assert_string_equal(text,
		"{\"blockIO\":{\"throttleReadBpsDevice\":[{\"major\":8,\"minor\":0,\"rate\":5},"
		"{\"major\":8,\"minor\":32,\"rate\":7}],\"throttleWriteIOPSDevice\":["
		"{\"major\":8,\"minor\":16,\"rate\":6}]}}");
	free(text);
	json_release(spec_resources_fields, &resources);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(flags_become_resources),
		cmocka_unit_test(swappiness_and_odd_settings_are_refused),
		cmocka_unit_test(rates_name_device_and_number),
		cmocka_unit_test(rates_reach_the_spec),
	};

	return cmocka_run_group_tests_name("engine-limits", tests, NULL, NULL);
}
