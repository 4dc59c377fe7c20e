/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "cgroup/events.h"
#include "cgroup/flat.h"
#include "cgroup/usage.h"
#include "sys/file.h"
#include "sys/process.h"

static int fake_cgroup(char *path, const char *const (*files)[2])
{
	int fd;

	assert_non_null(mkdtemp(path));
	fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_true(fd >= 0);
	for (size_t i = 0; files[i][0]; i++)
		assert_int_equal(file_write_at(fd, files[i][0], files[i][1], strlen(files[i][1]),
					 0600, 0, NULL),
			0);
	return fd;
}

static void a_cgroup_tells_all_numbers(void **state)
{
	static const char *const files[][2] = {
		{"cpu.stat", "usage_usec 300\nuser_usec 200\nsystem_usec 100\nnr_periods 3\n"
			     "throttled_usec 40\n"},
		{"memory.current", "1000\n"},
		{"memory.max", "max\n"},
		{"memory.swap.current", "5\n"},
		{"memory.stat", "anon 1\ninactive_file 600\nactive_file 7\n"},
		{"memory.events", "low 0\nhigh 0\nmax 9\noom 2\noom_kill 1\noom_group_kill 0\n"},
		{"pids.current", "4\n"},
		{"pids.max", "100\n"},
		{"io.stat", "8:0 rbytes=10 wbytes=20 rios=1 wios=2 dbytes=0 dios=0\n"
			    "8:16 rbytes=5 wbytes=6 rios=7 wios=8 dbytes=0 dios=0\n"},
		{NULL, NULL},
	};
	char path[] = "/tmp/cgroup-usage.XXXXXX";
	int fd = fake_cgroup(path, files);
	struct usage usage = {0};

	(void)state;
	assert_int_equal(usage_read_cgroup(fd, &usage, NULL), 0);
	assert_int_equal(usage.cpu_usec, 300);
	assert_int_equal(usage.cpu_user_usec, 200);
	assert_int_equal(usage.throttled_usec, 40);
	assert_true(usage.has_memory && usage.has_pids && usage.has_io);
	assert_int_equal(usage.memory_bytes, 1000);
	assert_int_equal(usage.memory_cache_bytes, 600);
	assert_true(usage.memory_limit_bytes == UINT64_MAX);
	assert_int_equal(usage.swap_bytes, 5);
	assert_int_equal(usage.oom_kills, 1);
	assert_int_equal(usage.pids, 4);
	assert_int_equal(usage.pids_limit, 100);
	assert_int_equal(usage.read_bytes, 15);
	assert_int_equal(usage.written_bytes, 26);
	assert_int_equal(usage.reads, 8);
	assert_int_equal(usage.writes, 10);
	close(fd);
	assert_int_equal(dir_remove_all_at(AT_FDCWD, path, NULL), 0);
}

static void missing_controllers_are_no_error(void **state)
{
	static const char *const files[][2] = {
		{"cpu.stat", "usage_usec 300\nuser_usec 200\nsystem_usec 100\n"}, {NULL, NULL}};
	char path[] = "/tmp/cgroup-usage.XXXXXX";
	int fd = fake_cgroup(path, files);
	struct usage usage = {0};
	struct error err = {0};

	(void)state;
	assert_int_equal(usage_read_cgroup(fd, &usage, NULL), 0);
	assert_int_equal(usage.cpu_usec, 300);
	assert_false(usage.has_memory || usage.has_pids || usage.has_io);
	assert_int_equal(unlinkat(fd, "cpu.stat", 0), 0);
	assert_int_equal(usage_read_cgroup(fd, &usage, &err), -ENOENT);
	close(fd);
	rmdir(path);
}

static void numbers_are_read_with_care(void **state)
{
	(void)state;
	assert_int_equal(flat_get("oom_kill 3\noom 2\n", "oom"), 2);
	assert_int_equal(flat_get("a 1\nb 2", "b"), 2);
	assert_int_equal(flat_get("", "b"), 0);
	assert_int_equal(flat_get("b\n", "b"), 0);
	assert_true(flat_number("max\n") == UINT64_MAX);
	assert_true(flat_number("99999999999999999999999\n") == UINT64_MAX);
	assert_int_equal(flat_number("x"), 0);
	assert_int_equal(usage_cpu_permille(1000000, 1500000, 1000000000), 500);
	assert_int_equal(usage_cpu_permille(0, 2000000, 1000000000), 2000);
	assert_int_equal(usage_cpu_permille(5, 1, 1000000000), 0);
	assert_int_equal(usage_cpu_permille(0, 5, 0), 0);
}

static void events_are_flags_and_counters(void **state)
{
	struct cgroup_events events;
	struct cgroup_memory_events memory;

	(void)state;
	cgroup_events_parse("populated 1\nfrozen 0\n", &events);
	assert_true(events.populated && !events.frozen);
	cgroup_memory_events_parse("low 0\nhigh 0\nmax 12\noom 3\noom_kill 2\n", &memory);
	assert_int_equal(memory.max, 12);
	assert_int_equal(memory.oom, 3);
	assert_int_equal(memory.oom_kill, 2);
}

static void a_stat_line_survives_odd_names(void **state)
{
	static const char line[] = "42 (a) b (c)) S 1 2 3 4 5 6 7 8 9 10 100 50 7 3 20 0 6 0 999 "
				   "4096 77 18446744073709551615 1 1\n";
	struct pidns_process process = {0};

	(void)state;
	assert_int_equal(pidns_stat_parse(line, &process), 0);
	assert_int_equal(process.state, 'S');
	assert_int_equal(process.user_ticks, 107);
	assert_int_equal(process.system_ticks, 53);
	assert_int_equal(process.threads, 6);
	assert_int_equal(process.start_ticks, 999);
	assert_int_equal(process.rss_pages, 77);
	assert_int_equal(pidns_stat_parse("42 (x) S 1 2", &process), -EBADMSG);
	assert_int_equal(pidns_stat_parse("", &process), -EBADMSG);
}

static void processes_add_up(void **state)
{
	struct usage usage = {0};
	struct pidns ns;
	int pidfd = pidfd_open_pid(getpid());

	(void)state;
	usage_add_process_io("rchar: 9\nwchar: 9\nsyscr: 3\nsyscw: 4\nread_bytes: 5\n"
			     "write_bytes: 6\ncancelled_write_bytes: 1\n",
		&usage);
	assert_int_equal(usage.read_bytes, 5);
	assert_int_equal(usage.written_bytes, 6);
	assert_int_equal(usage.reads, 3);
	assert_int_equal(usage.writes, 4);
	assert_int_equal(pidns_of(getpid(), pidfd, &ns, NULL), 0);
	assert_int_equal(usage_read_pidns(&ns, &usage, NULL), 0);
	assert_true(usage.has_memory && usage.memory_bytes > 100000 && usage.pids >= 1);
	close(pidfd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_cgroup_tells_all_numbers),
		cmocka_unit_test(missing_controllers_are_no_error),
		cmocka_unit_test(numbers_are_read_with_care),
		cmocka_unit_test(events_are_flags_and_counters),
		cmocka_unit_test(a_stat_line_survives_odd_names),
		cmocka_unit_test(processes_add_up),
	};

	return cmocka_run_group_tests_name("cgroup-usage", tests, NULL, NULL);
}
