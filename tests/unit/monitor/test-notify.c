/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "monitor/notify.h"

static void what_a_container_may_say(void **state)
{
	const struct {
		const char *message, *passed_on;
	} cases[] = {
		{"READY=1", "MAINPID=7\nREADY=1\n"},
		{"READY=1\nSTATUS=on port 80\n", "MAINPID=7\nREADY=1\nSTATUS=on port 80\n"},
		{"STATUS=gr\xc3\xbc\xc3\x9f", "STATUS=gr\xc3\xbc\xc3\x9f\n"},
		{"RELOADING=1\nMONOTONIC_USEC=123", "RELOADING=1\nMONOTONIC_USEC=123\n"},
		{"WATCHDOG=1\nWATCHDOG_USEC=5\nEXTEND_TIMEOUT_USEC=6\nERRNO=2\nSTOPPING=1",
			"WATCHDOG=1\nWATCHDOG_USEC=5\nEXTEND_TIMEOUT_USEC=6\nERRNO=2\nSTOPPING=1\n"},
		{"", ""},
		{"\n\n\n", ""},
		{"MAINPID=1", ""},
		{"MAINPID=1\nREADY=1", "MAINPID=7\nREADY=1\n"},
		{"FDSTORE=1\nFDNAME=x\nBARRIER=1\nNOTIFYACCESS=all\nBUSERROR=x\nX_A=b", ""},
		{"READY=0", ""},
		{"READY=", ""},
		{"READY", ""},
		{"READY=1 ", ""},
		{"xREADY=1", ""},
		{"ERRNO=-1\nERRNO=\nERRNO=1x\nERRNO=999999999999999999999", ""},
		{"STATUS=\x1b[31mred", ""},
		{"STATUS=a\xff", ""},
		{"STATUS=a\rMAINPID=1", ""},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		autofree char *text =
			notify_filter(cases[i].message, strlen(cases[i].message), 7);

		assert_string_equal(text, cases[i].passed_on);
	}
}

static void a_zero_ends_the_message(void **state)
{
	autofree char *text = notify_filter("STATUS=a\0READY=1", 16, 7);

	(void)state;
	assert_string_equal(text, "STATUS=a\n");
}

static void a_long_status_is_none(void **state)
{
	char message[300] = "STATUS=";
	autofree char *text = NULL;

	(void)state;
	memset(message + 7, 'x', 280);
	text = notify_filter(message, 287, 7);
	assert_string_equal(text, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_a_container_may_say),
		cmocka_unit_test(a_zero_ends_the_message),
		cmocka_unit_test(a_long_status_is_none),
	};

	return cmocka_run_group_tests_name("notify", tests, NULL, NULL);
}
