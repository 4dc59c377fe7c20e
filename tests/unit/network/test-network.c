/* SPDX-License-Identifier: Apache-2.0 */
/* Chains of plugins that are shell scripts; each writes what it was asked to a log. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>
#include <time.h>

#include <cmocka.h>

#include "base/log.h"
#include "network/network.h"
#include "sys/file.h"

struct fixture {
	char *dir;
	char *plugins, *config, *state, *log;
	char **plugin_dirs, **config_dirs;
	struct network_choice choice;
	struct network_request request;
};

#define RESULT \
	"{\"cniVersion\":\"1.1.0\",\"interfaces\":[{\"name\":\"br0\"},{\"name\":\"eth0\"," \
	"\"mac\":\"02:00:00:00:00:01\",\"sandbox\":\"/proc/1/ns/net\"}]," \
	"\"ips\":[{\"address\":\"10.1.0.5/16\",\"gateway\":\"10.1.0.1\",\"interface\":1}]," \
	"\"dns\":{\"nameservers\":[\"10.1.0.1\"],\"search\":[\"lan\"]}}"

static void write_file(const char *dir, const char *name, const char *text, mode_t mode)
{
	autoclose int dirfd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	assert_int_equal(file_write_at(dirfd, name, text, strlen(text), mode, 0, NULL), 0);
}

/* A plugin that logs "TYPE COMMAND" and its input, then runs @body. */
static void write_plugin(const struct fixture *fix, const char *name, const char *body)
{
	autofree char *text =
		xasprintf("#!/bin/sh\ninput=$(cat)\n"
			  "echo \"%s $CNI_COMMAND $CNI_CONTAINERID $CNI_IFNAME $input\""
			  " >> %s\n%s\n",
			name, fix->log, body);

	write_file(fix->plugins, name, text, 0755);
}

static char *read_log(const struct fixture *fix)
{
	char *text = NULL;

	if (file_read_at(AT_FDCWD, fix->log, 1 << 20, &text, NULL, NULL) < 0)
		return xstrdup("");
	return text;
}

/* Position of the line that begins with @begin, counted in lines; -1: none. */
static int line_of(const char *log, const char *begin)
{
	int line = 0;

	for (const char *at = log; at && *at; line++) {
		const char *end = strchr(at, '\n');

		if (str_after(at, begin))
			return line;
		at = end ? end + 1 : NULL;
	}
	return -1;
}

static int setup(void **state)
{
	struct fixture *fix = xnew(struct fixture);
	char template[] = "/tmp/test-network-XXXXXX";

	assert_non_null(mkdtemp(template));
	fix->dir = xstrdup(template);
	fix->plugins = xasprintf("%s/plugins", template);
	fix->config = xasprintf("%s/config", template);
	fix->state = xasprintf("%s/state", template);
	fix->log = xasprintf("%s/log", template);
	mkdir(fix->plugins, 0755);
	mkdir(fix->config, 0755);
	strv_add(&fix->plugin_dirs, fix->plugins);
	strv_add(&fix->config_dirs, fix->config);
	write_file(fix->config, "10-chain.conflist",
		"{\"cniVersion\":\"1.1.0\",\"name\":\"chain\",\"loadOnlyInlinedPlugins\":true,"
		"\"plugins\":[{\"type\":\"one\"},"
		"{\"type\":\"two\",\"capabilities\":{\"portMappings\":true}}]}",
		0644);
	write_file(fix->config, "00-broken.conflist", "{", 0644);
	network_choice_parse("chain", &fix->choice, NULL);
	fix->request = (struct network_request){.choice = &fix->choice,
		.container_id = "abc",
		.netns_path = "/proc/self/ns/net",
		.state_dir = fix->state,
		.plugin_dirs = fix->plugin_dirs,
		.config_dirs = fix->config_dirs,
		.timeout_ms = 10000};
	write_plugin(fix, "one", "[ $CNI_COMMAND = ADD ] && echo '" RESULT "'; exit 0");
	write_plugin(fix, "two", "[ $CNI_COMMAND = ADD ] && echo '" RESULT "'; exit 0");
	*state = fix;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *fix = *state;

	dir_remove_all_at(AT_FDCWD, fix->dir, NULL);
	free(fix->dir);
	free(fix->plugins);
	free(fix->config);
	free(fix->state);
	free(fix->log);
	strv_free(fix->plugin_dirs);
	strv_free(fix->config_dirs);
	network_choice_release(&fix->choice);
	free(fix);
	return 0;
}

static void chain_runs_in_order_and_backwards(void **state)
{
	struct fixture *fix = *state;
	AUTO(network_result_release) struct network_result result = {0};
	AUTO(port_list_release) struct port_list ports = {0};
	struct error err = {0};
	autofree char *added = NULL, *log = NULL;

	port_parse("127.0.0.1:8080:80", &ports, NULL);
	fix->request.ports = &ports;
	assert_int_equal(network_attach(&fix->request, &result, &err), 0);
	assert_string_equal(result.ips[0], "10.1.0.5/16");
	assert_string_equal(result.gateway, "10.1.0.1");
	assert_string_equal(result.nameservers[0], "10.1.0.1");
	assert_string_equal(result.dns_search[0], "lan");
	assert_string_equal(result.ifname, "eth0");
	assert_string_equal(result.mac, "02:00:00:00:00:01");
	assert_int_equal(result.ports.items[0].host_port, 8080);
	added = read_log(fix);
	assert_int_equal(line_of(added, "one ADD abc eth0"), 0);
	assert_int_equal(line_of(added, "two ADD abc eth0"), 1);
	assert_null(strstr(added, "one ADD abc eth0 {\"prevResult"));
	assert_non_null(strstr(strstr(added, "two ADD"), "prevResult"));
	assert_non_null(strstr(strstr(added, "two ADD"), "\"hostPort\":8080"));
	assert_int_equal(network_check(&fix->request, &err), 0);
	assert_int_equal(network_detach(&fix->request, &err), 0);
	log = read_log(fix);
	assert_int_equal(line_of(log, "two DEL abc eth0"), 4);
	assert_int_equal(line_of(log, "one DEL abc eth0"), 5);
}

static void detach_uses_what_was_kept_and_may_be_repeated(void **state)
{
	struct fixture *fix = *state;
	AUTO(network_result_release) struct network_result result = {0};
	AUTO(network_result_release) struct network_result loaded = {0};
	struct network_request bare = {
		.container_id = "abc", .state_dir = fix->state, .plugin_dirs = fix->plugin_dirs};
	struct error err = {0};
	autofree char *log = NULL;

	assert_int_equal(network_attach(&fix->request, &result, &err), 0);
	assert_int_equal(network_result_load(fix->state, "abc", &loaded, &err), 0);
	assert_string_equal(loaded.json, result.json);
	write_file(fix->config, "10-chain.conflist", "{}", 0644);
	assert_int_equal(network_detach(&bare, &err), 0);
	assert_int_equal(network_detach(&bare, &err), 0);
	log = read_log(fix);
	assert_true(line_of(log, "one DEL") > 0);
	assert_int_equal(network_result_load(fix->state, "abc", &loaded, &err), -ENOENT);
	assert_int_equal(network_check(&fix->request, &err), -ENOENT);
}

static void failing_plugin_is_quoted_and_all_is_undone(void **state)
{
	struct fixture *fix = *state;
	struct network_result result = {0};
	struct error err = {0};
	autofree char *log = NULL;

	write_plugin(fix, "two",
		"[ $CNI_COMMAND = ADD ] || exit 0\n"
		"echo '{\"cniVersion\":\"1.1.0\",\"code\":1098,\"msg\":\"port is\\ntaken\"}'; exit "
		"1");
	assert_int_equal(network_attach(&fix->request, &result, &err), -EADDRINUSE);
	assert_string_equal(err.text, "network plugin two: port is taken");
	log = read_log(fix);
	assert_true(line_of(log, "two DEL") > line_of(log, "two ADD"));
	assert_true(line_of(log, "one DEL") > line_of(log, "two DEL"));
	assert_int_equal(network_result_load(fix->state, "abc", &result, &err), -ENOENT);
}

static void failing_del_is_told_and_can_be_repeated(void **state)
{
	struct fixture *fix = *state;
	AUTO(network_result_release) struct network_result result = {0};
	struct error err = {0};

	assert_int_equal(network_attach(&fix->request, &result, &err), 0);
	write_plugin(fix, "two", "echo no luck >&2; exit 3");
	assert_true(network_detach(&fix->request, &err) < 0);
	assert_non_null(strstr(err.text, "DEL failed with status 3: no luck"));
	write_plugin(fix, "two", "exit 0");
	assert_int_equal(network_detach(&fix->request, &err), 0);
}

static void missing_plugin_names_itself_and_the_directories(void **state)
{
	struct fixture *fix = *state;
	struct network_result result = {0};
	struct error err = {0};
	autofree char *one = xasprintf("%s/one", fix->plugins);

	unlink(one);
	assert_int_equal(network_attach(&fix->request, &result, &err), -ENOENT);
	assert_non_null(strstr(err.text, "one: not found in"));
	assert_non_null(strstr(err.text, fix->plugins));
}

static void unknown_network_is_named(void **state)
{
	struct fixture *fix = *state;
	struct network_result result = {0};
	struct error err = {0};

	network_choice_release(&fix->choice);
	network_choice_parse("nowhere", &fix->choice, NULL);
	assert_int_equal(network_attach(&fix->request, &result, &err), -ENOENT);
	assert_non_null(strstr(err.text, "no network named nowhere"));
}

static void garbage_is_not_taken_for_a_result(void **state)
{
	static const char *const bodies[] = {"echo hello", "exit 0", "echo '[]'",
		"echo '{\"ips\":[{\"address\":\"x\"}]}'", "head -c 3000000 /dev/zero",
		"printf '{\"ips\":'"};
	struct fixture *fix = *state;

	for (size_t i = 0; i < ARRAY_SIZE(bodies); i++) {
		struct network_result result = {0};
		struct error err = {0};
		autofree char *body = xasprintf("[ $CNI_COMMAND = ADD ] || exit 0\n%s", bodies[i]);

		write_plugin(fix, "one", body);
		assert_int_equal(network_attach(&fix->request, &result, &err), -EBADMSG);
		assert_true(err.text[0] != '\0');
	}
}

static void hanging_plugin_is_killed(void **state)
{
	struct fixture *fix = *state;
	struct network_result result = {0};
	struct error err = {0};
	time_t begin = time(NULL);

	write_plugin(fix, "one", "[ $CNI_COMMAND = ADD ] || exit 0\nsleep 60");
	fix->request.timeout_ms = 300;
	assert_int_equal(network_attach(&fix->request, &result, &err), -ETIME);
	assert_true(time(NULL) - begin < 10);
	assert_non_null(strstr(err.text, "one: ADD did not end"));
}

static void daemon_of_a_plugin_is_not_waited_for(void **state)
{
	struct fixture *fix = *state;
	AUTO(network_result_release) struct network_result result = {0};
	struct error err = {0};
	time_t begin = time(NULL);

	/* It keeps standard output open, as careless daemons do. */
	write_plugin(fix, "one", "[ $CNI_COMMAND = ADD ] || exit 0\nsleep 20 &\necho '" RESULT "'");
	assert_int_equal(network_attach(&fix->request, &result, &err), 0);
	assert_true(time(NULL) - begin < 10);
	assert_int_equal(network_detach(&fix->request, &err), 0);
}

static void cancelled_attachment_is_undone(void **state)
{
	struct fixture *fix = *state;
	struct network_attachment *attachment = NULL;
	struct error err = {0};
	autofree char *log = NULL;

	write_plugin(fix, "one", "[ $CNI_COMMAND = ADD ] && sleep 60; exit 0");
	assert_int_equal(network_attach_begin(&fix->request, &attachment, &err), 0);
	network_attach_cancel(attachment);
	log = read_log(fix);
	assert_true(line_of(log, "one DEL") >= 0);
}

static void crash_before_is_undone_first(void **state)
{
	struct fixture *fix = *state;
	AUTO(network_result_release) struct network_result first = {0};
	AUTO(network_result_release) struct network_result second = {0};
	struct error err = {0};
	autofree char *log = NULL;

	assert_int_equal(network_attach(&fix->request, &first, &err), 0);
	assert_int_equal(network_attach(&fix->request, &second, &err), 0);
	log = read_log(fix);
	assert_int_equal(line_of(log, "two DEL"), 2);
	assert_int_equal(network_detach(&fix->request, &err), 0);
}

static void garbage_of_dead_containers_is_collected(void **state)
{
	struct fixture *fix = *state;
	AUTO(network_result_release) struct network_result one = {0};
	AUTO(network_result_release) struct network_result two = {0};
	AUTO(network_result_release) struct network_result left = {0};
	char alive_id[] = "def";
	char *alive[] = {alive_id, NULL};
	struct error err = {0};
	autofree char *log = NULL;

	write_plugin(fix, "slirp", "exit 0");
	assert_int_equal(network_attach(&fix->request, &one, &err), 0);
	fix->request.container_id = "def";
	assert_int_equal(network_attach(&fix->request, &two, &err), 0);
	assert_int_equal(network_collect_garbage(fix->state, alive, fix->plugin_dirs, &err), 0);
	log = read_log(fix);
	assert_true(line_of(log, "one DEL abc") > 0);
	assert_int_equal(line_of(log, "one DEL def"), -1);
	assert_non_null(strstr(strstr(log, "slirp GC"), "\"containerID\":\"def\""));
	assert_int_equal(network_result_load(fix->state, "def", &left, &err), 0);
}

static void ports_need_a_plugin_that_publishes(void **state)
{
	struct fixture *fix = *state;
	AUTO(port_list_release) struct port_list ports = {0};
	struct network_result result = {0};
	struct error err = {0};

	write_file(fix->config, "10-chain.conflist",
		"{\"cniVersion\":\"1.1.0\",\"name\":\"chain\",\"plugins\":[{\"type\":\"one\"}]}",
		0644);
	port_parse("8080:80", &ports, NULL);
	fix->request.ports = &ports;
	assert_int_equal(network_attach(&fix->request, &result, &err), -EOPNOTSUPP);
}

static void modes_without_plugins_do_nothing(void **state)
{
	static const char *const modes[] = {"none", "host", "container:x", "ns:/x"};
	struct fixture *fix = *state;

	for (size_t i = 0; i < ARRAY_SIZE(modes); i++) {
		struct network_result result = {0};

		network_choice_release(&fix->choice);
		assert_int_equal(network_choice_parse(modes[i], &fix->choice, NULL), 0);
		assert_int_equal(network_attach(&fix->request, &result, NULL), 0);
		assert_null(result.json);
		assert_int_equal(network_detach(&fix->request, NULL), 0);
		assert_int_equal(network_status(&fix->request, NULL), 0);
	}
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(chain_runs_in_order_and_backwards),
		CASE(detach_uses_what_was_kept_and_may_be_repeated),
		CASE(failing_plugin_is_quoted_and_all_is_undone),
		CASE(failing_del_is_told_and_can_be_repeated),
		CASE(missing_plugin_names_itself_and_the_directories),
		CASE(unknown_network_is_named),
		CASE(garbage_is_not_taken_for_a_result),
		CASE(hanging_plugin_is_killed),
		CASE(daemon_of_a_plugin_is_not_waited_for),
		CASE(cancelled_attachment_is_undone),
		CASE(crash_before_is_undone_first),
		CASE(garbage_of_dead_containers_is_collected),
		CASE(ports_need_a_plugin_that_publishes),
		CASE(modes_without_plugins_do_nothing),
	};

	/* Warnings about the broken file are meant. */
	log_set_level(LOG_LEVEL_ERROR);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
