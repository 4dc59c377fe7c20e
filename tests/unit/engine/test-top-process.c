/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "engine/top-process.h"

static const char stat_text[] =
	"3234 (a) R 1 (b)) S 3230 3234 3234 34816 3234 4194560 84 0 0 0 7 5 1 1 20 -5 1 0 98765 "
	"2322432 345 18446744073709551615 1 1 0 0 0 0 0 0 0 0 0 0 17 1 0 0 0 0 0 0 0 0 0 0 0 0 0\n";
static const char status_text[] = "Name:\ta\\nUid:\\t7\n"
				  "State:\tS (sleeping)\n"
				  "Uid:\t1000\t1001\t1001\t1001\n"
				  "Gid:\t2000\t2001\t2001\t2001\n"
				  "Groups:\t5 29 4294967295 \n"
				  "NStgid:\t3234\t12\t1\n"
				  "NSpid:\t3234\t12\t1\n"
				  "NSpgid:\t3234\t12\t1\n"
				  "NSsid:\t3234\t12\t1\n"
				  "CapInh:\t0000000000000001\n"
				  "CapPrm:\t0000000000000003\n"
				  "CapEff:\t00000000a80425fb\n"
				  "CapBnd:\t000001ffffffffff\n"
				  "CapAmb:\t0000000000000000\n"
				  "Seccomp:\t2\n";

static void files_of_a_process_are_understood(void **state)
{
	struct top_process process = {0};

	(void)state;
	assert_int_equal(top_process_parse(stat_text, status_text, 1, &process), 0);
	assert_int_equal(process.pid, 12);
	assert_int_equal(process.pgid, 12);
	assert_int_equal(process.hppid, 3230);
	assert_int_equal(process.state, 'S');
	assert_int_equal(process.nice, -5);
	assert_int_equal(process.tty, 34816);
	assert_int_equal(process.cpu_ticks, 12);
	assert_int_equal(process.start_ticks, 98765);
	assert_int_equal(process.vsz_bytes, 2322432);
	assert_int_equal(process.rss_pages, 345);
	assert_int_equal(process.ruid, 1000);
	assert_int_equal(process.euid, 1001);
	assert_int_equal(process.rgid, 2000);
	assert_int_equal(process.egid, 2001);
	assert_int_equal(process.group_count, 3);
	assert_int_equal(process.groups[1], 29);
	assert_int_equal(process.cap_effective, 0xa80425fb);
	assert_int_equal(process.cap_bounding, UINT64_C(0x1ffffffffff));
	assert_int_equal(process.seccomp, 2);
	assert_string_equal(process.comm, "a\\nUid:\\t7");
	top_process_release(&process);
}

static void numbers_are_those_of_the_containers_namespace(void **state)
{
	for (size_t depth = 0; depth < 4; depth++) {
		static const int64_t pids[] = {3234, 12, 1};
		struct top_process process = {0};
		int r = top_process_parse(stat_text, status_text, depth, &process);

		(void)state;
		/* It is not in a namespace that deep. */
		assert_int_equal(r, depth < 3 ? 0 : -EBADMSG);
		if (r == 0)
			assert_int_equal(process.pid, pids[depth]);
		top_process_release(&process);
	}
}

static void malformed_files_are_refused(void **state)
{
	static const char *const stats[] = {"", "1 (a", "1 (a)", "1 (a) S x", "1 (a) S 1 2 3 4 5"};
	static const char *const statuses[] = {
		"", "Name:\ta\n", "NSpid:\t1\n", "NSpid:\tx\nUid:\t1\n"};

	(void)state;
	for (size_t i = 0; i < sizeof(stats) / sizeof(*stats); i++) {
		struct top_process process = {0};

		assert_int_equal(top_process_parse(stats[i], status_text, 0, &process), -EBADMSG);
		top_process_release(&process);
	}
	for (size_t i = 0; i < sizeof(statuses) / sizeof(*statuses); i++) {
		struct top_process process = {0};

		assert_int_equal(top_process_parse(stat_text, statuses[i], 0, &process), -EBADMSG);
		top_process_release(&process);
	}
}

static void we_are_a_process_ourselves(void **state)
{
	struct top_process process = {0};
	size_t depth;

	(void)state;
	assert_int_equal(top_process_depth(getpid(), &depth, NULL), 0);
	assert_int_equal(top_process_read(getpid(), depth, &process, NULL), 0);
	assert_int_equal(process.hpid, getpid());
	assert_int_equal(process.euid, geteuid());
	assert_non_null(strstr(process.args, "top-process"));
	top_process_release(&process);
	assert_int_equal(top_process_read(getpid(), depth + 1, &process, NULL), -ESRCH);
	top_process_release(&process);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(files_of_a_process_are_understood),
		cmocka_unit_test(numbers_are_those_of_the_containers_namespace),
		cmocka_unit_test(malformed_files_are_refused),
		cmocka_unit_test(we_are_a_process_ourselves),
	};

	return cmocka_run_group_tests_name("engine/top-process", tests, NULL, NULL);
}
