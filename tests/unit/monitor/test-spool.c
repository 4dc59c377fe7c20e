/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "monitor/spool.h"

static int open_tmp(void)
{
	int fd = open("/tmp", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	assert_true(fd >= 0);
	return fd;
}

static void bytes_come_out_as_they_went_in(void **state)
{
	struct spool spool = SPOOL_INIT;
	autoclose int dir = open_tmp();
	unsigned char out[700], next_in = 0, next_out = 0;

	(void)state;
	for (int round = 0; round < 20000; round++) {
		unsigned char in[500];
		ssize_t got;

		for (size_t i = 0; i < sizeof(in); i++)
			in[i] = next_in++;
		assert_int_equal(spool_add(&spool, dir, in, sizeof(in)), 0);
		if (round % 3 == 0)
			continue;
		got = spool_take(&spool, out, sizeof(out));
		assert_true(got > 0);
		for (ssize_t i = 0; i < got; i++)
			assert_int_equal(out[i], next_out++);
	}
	while (spool_pending(&spool) > 0) {
		ssize_t got = spool_take(&spool, out, sizeof(out));

		for (ssize_t i = 0; i < got; i++)
			assert_int_equal(out[i], next_out++);
	}
	assert_int_equal(next_in, next_out);
	assert_int_equal(spool_take(&spool, out, sizeof(out)), 0);
	spool_release(&spool);
}

static void what_was_read_takes_no_space(void **state)
{
	static char block[1 << 20];
	struct spool spool = SPOOL_INIT;
	autoclose int dir = open_tmp();
	struct stat st;

	(void)state;
	memset(block, 'x', sizeof(block));
	assert_int_equal(spool_add(&spool, dir, block, sizeof(block)), 0);
	for (int i = 0; i < 64; i++) {
		assert_int_equal(spool_add(&spool, dir, block, sizeof(block)), 0);
		assert_int_equal(spool_take(&spool, block, sizeof(block)), sizeof(block));
	}
	assert_int_equal(fstat(spool.fd, &st), 0);
	assert_true(st.st_blocks * 512 <= 4 << 20);
	assert_int_equal(spool_take(&spool, block, sizeof(block)), sizeof(block));
	assert_int_equal(fstat(spool.fd, &st), 0);
	assert_int_equal(st.st_size, 0);
	spool_release(&spool);
}

static void it_is_bounded_and_takes_all_or_nothing(void **state)
{
	struct spool spool = SPOOL_INIT;
	autoclose int dir = open_tmp();

	(void)state;
	assert_int_equal(spool_add(&spool, dir, "x", 1), 0);
	spool.end = SPOOL_MAX_BYTES - 1;
	assert_int_equal(spool_add(&spool, dir, "xy", 2), -ENOSPC);
	assert_int_equal(spool_pending(&spool), SPOOL_MAX_BYTES - 1);
	assert_int_equal(spool_add(&spool, dir, "x", 1), 0);
	spool_release(&spool);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bytes_come_out_as_they_went_in),
		cmocka_unit_test(what_was_read_takes_no_space),
		cmocka_unit_test(it_is_bounded_and_takes_all_or_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
