/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../../../netplugins/host-local/allocate.h"
#include "sys/file.h"

static char dir[] = "/tmp/host-local.XXXXXX";

static int set_up(void **state)
{
	(void)state;
	strcpy(dir + sizeof(dir) - 7, "XXXXXX");
	return mkdtemp(dir) ? 0 : -1;
}

static int tear_down(void **state)
{
	(void)state;
	return dir_remove_all_at(AT_FDCWD, dir, NULL);
}

/* The configuration with @ipam, or the error. */
static int parse(
	const char *ipam, const char *args, struct host_local_config *ret, struct error *err)
{
	autofree char *text =
		xasprintf("{\"name\":\"net\",\"ipam\":{\"dataDir\":\"%s\",%s}}", dir, ipam);
	AUTO(json_free) struct json_object *conf = NULL;
	struct cni_request request = {.name = (char *)"net", .args = (char *)args};

	assert_int_equal(json_parse(text, strlen(text), &conf, NULL), 0);
	request.conf = conf;
	return host_local_config_parse(&request, ret, err);
}

/* Leases for container @id: the addresses joined with blanks, or NULL. Owned by the caller. */
static char *lease(const char *ipam, const char *args, const char *id, int *ret_error)
{
	AUTO(host_local_config_release) struct host_local_config config = {0};
	AUTO(cni_result_release) struct cni_result result = {0};
	AUTO(leases_close) struct leases leases = LEASES_CLOSED;
	AUTO(strv_free) char **texts = NULL;
	int r;

	assert_int_equal(parse(ipam, args, &config, NULL), 0);
	assert_int_equal(leases_open(config.data_dir, config.network, &leases, NULL), 0);
	r = allocate(&leases, &config, id, "eth0", &result, NULL);
	if (ret_error)
		*ret_error = r;
	if (r < 0)
		return NULL;
	for (size_t i = 0; i < result.ip_count; i++)
		strv_add(&texts, result.ips[i].address);
	return strv_join(texts, " ");
}

static void assert_leased(const char *ipam, const char *args, const char *id, const char *expected)
{
	autofree char *got = lease(ipam, args, id, NULL);

	assert_non_null(got);
	assert_string_equal(got, expected);
}

static void assert_refused(const char *ipam, const char *args, const char *id, int error)
{
	int r;

	assert_null(lease(ipam, args, id, &r));
	assert_int_equal(r, error);
}

static void end(const char *id)
{
	AUTO(leases_close) struct leases leases = LEASES_CLOSED;

	assert_int_equal(leases_open(dir, "net", &leases, NULL), 0);
	assert_int_equal(leases_end(&leases, id, "eth0", NULL), 0);
}

#define FOUR "\"ranges\":[[{\"subnet\":\"10.1.0.0/29\",\"rangeEnd\":\"10.1.0.5\"}]]"

static void addresses_rest_before_they_are_used_again(void **state)
{
	(void)state;
	assert_leased(FOUR, NULL, "a", "10.1.0.2/29");
	end("a");
	assert_leased(FOUR, NULL, "b", "10.1.0.3/29");
	assert_leased(FOUR, NULL, "c", "10.1.0.4/29");
	assert_leased(FOUR, NULL, "d", "10.1.0.5/29");
	assert_leased(FOUR, NULL, "e", "10.1.0.2/29");
	assert_refused(FOUR, NULL, "f", -ENOSPC);
	end("c");
	assert_leased(FOUR, NULL, "f", "10.1.0.4/29");
}

static void an_interface_has_one_lease_of_each_set(void **state)
{
	const char *two = "\"ranges\":[[{\"subnet\":\"10.1.0.0/24\"}],"
			  "[{\"subnet\":\"fd00::/"
			  "64\",\"rangeStart\":\"fd00::10\",\"rangeEnd\":\"fd00::10\"}]]";

	(void)state;
	assert_leased(two, NULL, "a", "10.1.0.2/24 fd00::10/64");
	assert_refused(two, NULL, "a", -EEXIST);
	/* The second set is empty: what was taken of the first is given back. */
	assert_refused(two, NULL, "b", -ENOSPC);
	assert_leased(
		"\"ranges\":[[{\"subnet\":\"10.1.0.0/24\"}]]", "IP=10.1.0.3", "b", "10.1.0.3/24");
}

static void sets_may_have_several_ranges(void **state)
{
	const char *set = "\"ranges\":[[{\"subnet\":\"10.1.0.0/30\"},"
			  "{\"subnet\":\"10.2.0.0/30\",\"gateway\":\"10.2.0.2\"}]]";

	(void)state;
	assert_leased(set, NULL, "a", "10.1.0.2/30");
	assert_leased(set, NULL, "b", "10.2.0.1/30");
	assert_refused(set, NULL, "c", -ENOSPC);
	end("a");
	assert_leased(set, NULL, "c", "10.1.0.2/30");
}

static void addresses_can_be_asked_for(void **state)
{
	(void)state;
	assert_leased(FOUR, "IgnoreUnknown=1;IP=10.1.0.4", "a", "10.1.0.4/29");
	assert_refused(FOUR, "IP=10.1.0.4/29", "b", -EEXIST);
	assert_refused(FOUR, "IP=10.1.0.1", "b", -EINVAL);
	/* That was not leased in turn. */
	assert_leased(FOUR, NULL, "b", "10.1.0.2/29");
}

static void what_a_crash_left_is_no_lease(void **state)
{
	AUTO(leases_close) struct leases leases = LEASES_CLOSED;

	(void)state;
	assert_int_equal(leases_open(dir, "net", &leases, NULL), 0);
	assert_int_equal(file_write_at(leases.dirfd, "10.1.0.2", "", 0, 0600, 0, NULL), 0);
	assert_int_equal(
		file_write_at(leases.dirfd, "last_reserved_ip.0", "junk", 4, 0600, 0, NULL), 0);
	leases_close(&leases);
	assert_leased(FOUR, NULL, "a", "10.1.0.2/29");
}

static void leases_of_the_dead_are_collected(void **state)
{
	AUTO(leases_close) struct leases leases = LEASES_CLOSED;
	struct cni_attachment alive = {(char *)"b", (char *)"eth0"};
	struct cni_attachments valid = {&alive, 1};

	(void)state;
	assert_leased(FOUR, NULL, "a", "10.1.0.2/29");
	assert_leased(FOUR, NULL, "b", "10.1.0.3/29");
	assert_int_equal(leases_open(dir, "net", &leases, NULL), 0);
	/* Of another's manner, and so nobody's. */
	assert_int_equal(file_write_at(leases.dirfd, "10.1.0.5", "c", 1, 0600, 0, NULL), 0);
	assert_int_equal(leases_collect(&leases, &valid, NULL), 0);
	assert_int_equal(leases_count(&leases, "a", "eth0"), 0);
	assert_int_equal(leases_count(&leases, "b", "eth0"), 1);
	assert_int_equal(faccessat(leases.dirfd, "10.1.0.5", F_OK, 0), -1);
}

static void what_cannot_be_is_refused(void **state)
{
	static const char *const cases[][2] = {
		{"\"x\":1", "ipam: no ranges"},
		{"\"ranges\":{}", "ipam.ranges: not a list"},
		{"\"ranges\":[{}]", "ipam.ranges[0]: not a list of ranges"},
		{"\"ranges\":[[]]", "ipam.ranges[0]: not a list of ranges"},
		{"\"ranges\":[[{}]]", "ipam: a range has no subnet"},
		{"\"subnet\":\"10.1.0.0/31\"", "too small"},
		{"\"subnet\":\"10.1.0.0\"", "is not a network"},
		{"\"subnet\":\"10.1.0.0/24\",\"gateway\":\"10.1.1.1\"", "gateway 10.1.1.1 is not"},
		{"\"subnet\":\"10.1.0.0/24\",\"rangeStart\":\"fd00::1\"",
			"rangeStart fd00::1 is not"},
		{"\"subnet\":\"10.1.0.0/24\",\"rangeStart\":\"10.1.0.9\",\"rangeEnd\":\"10.1.0.8\"",
			"is behind rangeEnd"},
		{"\"ranges\":[[{\"subnet\":\"10.1.0.0/24\"}],[{\"subnet\":\"10.1.0.0/16\"}]]",
			"overlaps another"},
		{"\"ranges\":[[{\"subnet\":\"10.1.0.0/24\"},{\"subnet\":\"fd00::/64\"}]]",
			"both IPv4 and IPv6"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct host_local_config config = {0};
		struct error err = {0};

		assert_int_equal(parse(cases[i][0], NULL, &config, &err), -EINVAL);
		assert_non_null(strstr(error_text(&err), cases[i][1]));
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(addresses_rest_before_they_are_used_again),
		TEST(an_interface_has_one_lease_of_each_set),
		TEST(sets_may_have_several_ranges),
		TEST(addresses_can_be_asked_for),
		TEST(what_a_crash_left_is_no_lease),
		TEST(leases_of_the_dead_are_collected),
		TEST(what_cannot_be_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
