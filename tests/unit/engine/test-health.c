/* SPDX-License-Identifier: Apache-2.0 */
/* The health flags, and an image's HEALTHCHECK, as what the record keeps. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "engine/specgen.h"

#define S(text) ((char *)(text))
#define TIMES "\"Interval\":30000000000,\"Timeout\":30000000000,\"Retries\":3}"

struct health_case {
	struct run_health options;
	const char *image;    /* its Healthcheck; NULL: none */
	const char *expected; /* the check, or the beginning of the error after "!" */
};

static const struct health_case cases[] = {
	{{0}, NULL, "{}"},
	{{.command = S("")}, NULL, "{}"},
	{{.interval = S("10s")}, NULL, "{}"},
	{{.command = S("exit 1")}, NULL, "{\"Test\":[\"CMD-SHELL\",\"exit 1\"]," TIMES},
	{{.command = S("CMD-SHELL a b")}, NULL, "{\"Test\":[\"CMD-SHELL\",\"a b\"]," TIMES},
	{{.command = S("CMD a  b")}, NULL, "{\"Test\":[\"CMD\",\"a\",\"b\"]," TIMES},
	{{.command = S("[\"a\",\"b c\"]")}, NULL, "{\"Test\":[\"CMD\",\"a\",\"b c\"]," TIMES},
	{{.command = S("[\"CMD-SHELL\",\"a b\"]")}, NULL,
		"{\"Test\":[\"CMD-SHELL\",\"a b\"]," TIMES},
	{{.command = S("[ -e /x ]")}, NULL, "{\"Test\":[\"CMD-SHELL\",\"[ -e /x ]\"]," TIMES},
	{{.command = S("[1]")}, NULL, "!health-cmd: item 0 is not a string"},
	{{.command = S("[]")}, NULL, "!health-cmd: the list is empty"},
	{{.command = S("none")}, NULL, "{\"Test\":[\"NONE\"]," TIMES},
	{{.is_off = true}, "{\"Test\":[\"CMD\",\"i\"]}", "{\"Test\":[\"NONE\"]}"},
	{{.is_off = true, .command = S("x")}, NULL, "!cannot specify both --no-healthcheck"},
	{{.command = S("x"),
		 .interval = S("1m30s"),
		 .timeout = S("100ms"),
		 .start_period = S("2s"),
		 .has_retries = true,
		 .retries = 7},
		NULL,
		"{\"Test\":[\"CMD-SHELL\",\"x\"],\"StartPeriod\":2000000000,"
		"\"Interval\":90000000000,\"Timeout\":100000000,\"Retries\":7}"},
	{{.command = S("x"), .interval = S("disable")}, NULL,
		"{\"Test\":[\"CMD-SHELL\",\"x\"],\"Timeout\":30000000000,\"Retries\":3}"},
	{{.command = S("x"), .interval = S("5")}, NULL, "!invalid healthcheck-interval: missing"},
	{{.command = S("x"), .interval = S("-5s")}, NULL, "!invalid healthcheck-interval: inv"},
	{{.command = S("x"), .timeout = S("soon")}, NULL, "!invalid healthcheck-timeout"},
	{{.command = S("x"), .start_period = S("")}, NULL, "!invalid healthcheck-start-period"},
	{{.command = S("x"), .has_retries = true}, NULL, "!healthcheck-retries must be greater"},
	{{.on_failure = S("kill")}, NULL, "!cannot set on-failure action to kill without a"},
	{{.on_failure = S("shout"), .command = S("x")}, NULL,
		"!invalid on-failure action \"shout\""},
	/* Of the image, which may be anybody's. */
	{{0},
		"{\"Test\":[\"CMD\",\"i\"],\"Interval\":5,\"Timeout\":6,\"StartPeriod\":7,"
		"\"Retries\":8}",
		"{\"Test\":[\"CMD\",\"i\"],\"StartPeriod\":7,\"Interval\":5,\"Timeout\":6,"
		"\"Retries\":8}"},
	{{0}, "{\"Test\":[\"CMD\",\"i\"],\"Interval\":-5,\"Timeout\":0,\"Retries\":-8}",
		"{\"Test\":[\"CMD\",\"i\"]," TIMES},
	{{0}, "{\"Test\":\"CMD\"}", "{}"},
	{{0}, "[]", "{}"},
	{{0}, "{\"Test\":[]}", "{}"},
	{{.command = S("x")}, "{\"Test\":[\"CMD\",\"i\"],\"Interval\":5}",
		"{\"Test\":[\"CMD-SHELL\",\"x\"]," TIMES},
	{{.interval = S("1s"), .on_failure = S("stop")}, "{\"Test\":[\"CMD\",\"i\"],\"Retries\":9}",
		"{\"Test\":[\"CMD\",\"i\"],\"Interval\":1000000000,\"Timeout\":30000000000,"
		"\"Retries\":9}"},
};

static void flags_and_image_make_the_check(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const struct health_case *it = &cases[i];
		const struct run_request request = {.health = it->options};
		AUTO(json_free) struct json_object *image = NULL;
		struct image_config config = {0};
		const struct specgen_input input = {.request = &request, .config = &config};
		struct container_record *record = xnew(struct container_record);
		autofree char *text = NULL;
		struct error err = {0};
		int r;

		if (it->image)
			assert_int_equal(json_parse(it->image, strlen(it->image), &image, NULL), 0);
		config.config.healthcheck = image;
		r = specgen_health(&input, record, &err);
		text = json_write(health_check_fields, &record->health, false);
		if (*it->expected == '!') {
			assert_int_equal(r, -EINVAL);
			assert_memory_equal(
				error_text(&err), it->expected + 1, strlen(it->expected + 1));
		} else {
			assert_int_equal(r, 0);
			assert_string_equal(text, it->expected);
		}
		container_record_free(record);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(flags_and_image_make_the_check),
	};

	return cmocka_run_group_tests_name("health", tests, NULL, NULL);
}
