/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "cgroup/flat.h"
#include "cgroup/limits.h"
#include "sys/file.h"

/* "file=value" for each setting, with "?" behind optional ones and "|file=value" for another way.
 */
static char *text_of(const struct cgroup_limits *limits)
{
	struct strbuf buf = STRBUF_INIT;

	for (size_t i = 0; i < limits->count; i++) {
		const struct cgroup_setting *item = &limits->items[i];

		strbuf_addf(&buf, "%s%s=%s%s", i ? "; " : "", item->file, item->value,
			item->optional ? "?" : "");
		if (item->alt_file)
			strbuf_addf(&buf, "|%s=%s", item->alt_file, item->alt_value);
	}
	return strbuf_take(&buf);
}

static const struct {
	const char *resources; /* linux.resources */
	const char *plan;
} plans[] = {
	{"{}", ""},
	{"{'memory':{'limit':67108864}}", "memory.max=67108864"},
	{"{'memory':{'limit':100,'swap':300,'reservation':50}}",
		"memory.swap.max=200; memory.max=100; memory.low=50"},
	{"{'memory':{'limit':100,'swap':100}}", "memory.swap.max=0; memory.max=100"},
	{"{'memory':{'limit':100,'swap':-1}}", "memory.swap.max=max?; memory.max=100"},
	{"{'memory':{'limit':-1}}", "memory.swap.max=max?; memory.max=max?"},
	{"{'memory':{'limit':0,'swap':0,'reservation':-1}}", "memory.low=max?"},
	{"{'memory':{'limit':100,'kernel':5,'kernelTCP':5}}", "memory.max=100"},
	{"{'cpu':{'shares':1024}}", "cpu.weight=39"},
	{"{'cpu':{'shares':2}}", "cpu.weight=1"},
	{"{'cpu':{'shares':262144}}", "cpu.weight=10000"},
	{"{'cpu':{'shares':0}}", ""},
	{"{'cpu':{'shares':1024,'idle':1}}", "cpu.idle=1"},
	{"{'cpu':{'quota':50000}}", "cpu.max=50000 100000"},
	{"{'cpu':{'quota':50000,'period':200000,'burst':1000}}",
		"cpu.max=50000 200000; cpu.max.burst=1000"},
	{"{'cpu':{'quota':-1}}", "cpu.max=max 100000?"},
	{"{'cpu':{'period':50000}}", "cpu.max=max 50000?"},
	{"{'cpu':{'cpus':'0-1','mems':'0'}}", "cpuset.cpus=0-1; cpuset.mems=0"},
	{"{'pids':{'limit':100}}", "pids.max=100"},
	{"{'pids':{'limit':-1}}", "pids.max=max?"},
	{"{'pids':{'limit':0}}", "pids.max=max?"},
	{"{'blockIO':{'weight':10}}", "io.bfq.weight=10|io.weight=default 1"},
	{"{'blockIO':{'weight':1000}}", "io.bfq.weight=1000|io.weight=default 10000"},
	{"{'blockIO':{'weightDevice':[{'major':8,'minor':0,'weight':500}]}}",
		"io.bfq.weight=8:0 500|io.weight=8:0 4950"},
	{"{'blockIO':{'throttleReadBpsDevice':[{'major':8,'minor':0,'rate':1000}],"
	 "'throttleWriteBpsDevice':[{'major':8,'minor':16,'rate':0}],"
	 "'throttleReadIOPSDevice':[{'major':8,'minor':0,'rate':5}],"
	 "'throttleWriteIOPSDevice':[{'major':8,'minor':0,'rate':6}]}}",
		"io.max=8:0 rbps=1000; io.max=8:16 wbps=max?; io.max=8:0 riops=5; "
		"io.max=8:0 wiops=6"},
	{"{'hugepageLimits':[{'pageSize':'2MB','limit':4194304}]}", "hugetlb.2MB.max=4194304"},
	{"{'unified':{'memory.high':'1000','cgroup.max.depth':'3'}}",
		"memory.high=1000; cgroup.max.depth=3"},
};

/* Single quotes, so that the tables can be read. */
static void parse(const char *text, struct spec_resources *ret)
{
	char *json = xstrdup(text);
	struct error err = {0};

	for (char *at = json; *at; at++)
		if (*at == '\'')
			*at = '"';
	if (json_read(json, strlen(json), "resources", spec_resources_fields, ret, &err) < 0)
		fail_msg("%s: %s", text, err.text);
	free(json);
}

static void resources_become_files(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(plans); i++) {
		struct spec_resources resources = {0};
		struct cgroup_limits limits = {0};
		char *text;

		parse(plans[i].resources, &resources);
		assert_int_equal(cgroup_limits_plan(&resources, false, &limits, NULL), 0);
		text = text_of(&limits);
		assert_string_equal(text, plans[i].plan);
		assert_int_equal(cgroup_limits_are_needed(&limits),
			*plans[i].plan && !str_has_suffix(plans[i].plan, "?"));
		free(text);
		cgroup_limits_release(&limits);
		json_release(spec_resources_fields, &resources);
	}
}

static const struct {
	const char *resources;
	int code;
	const char *text;
} refusals[] = {
	{"{'memory':{'limit':200,'swap':100}}", EINVAL, "less than that of memory"},
	{"{'memory':{'swap':100}}", EINVAL, "needs a limit of memory"},
	{"{'memory':{'limit':-1,'swap':100}}", EINVAL, "needs a limit of memory"},
	{"{'memory':{'swappiness':10}}", ENOTSUP, "swappiness"},
	{"{'memory':{'disableOOMKiller':true}}", ENOTSUP, "OOM killer"},
	{"{'cpu':{'realtimeRuntime':10}}", ENOTSUP, "real-time"},
	{"{'blockIO':{'weight':5}}", EINVAL, "between 10 and 1000"},
	{"{'blockIO':{'weight':1001}}", EINVAL, "between 10 and 1000"},
	{"{'hugepageLimits':[{'pageSize':'../x','limit':1}]}", EINVAL, "huge page size"},
	{"{'unified':{'../memory.max':'1'}}", EINVAL, "CONTROLLER.NAME"},
	{"{'unified':{'memory':'1'}}", EINVAL, "CONTROLLER.NAME"},
	{"{'unified':{'cgroup.procs':'1'}}", EINVAL, "not a resource"},
	{"{'unified':{'cgroup.freeze':'1'}}", EINVAL, "not a resource"},
	{"{'rdma':{'mlx':{}}}", ENOTSUP, "rdma"},
};

static void what_cannot_be_had_is_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(refusals); i++) {
		struct spec_resources resources = {0};
		struct cgroup_limits limits = {0};
		struct error err = {0};

		parse(refusals[i].resources, &resources);
		assert_int_equal(
			cgroup_limits_plan(&resources, false, &limits, &err), -refusals[i].code);
		if (!strstr(err.text, refusals[i].text))
			fail_msg("%s: %s", refusals[i].resources, err.text);
		assert_int_equal(limits.count, 0);
		json_release(spec_resources_fields, &resources);
	}
}

static void controllers_are_named_once(void **state)
{
	struct spec_resources resources = {0};
	struct cgroup_limits limits = {0};
	char **names;
	char *text;

	(void)state;
	parse("{'memory':{'limit':1,'reservation':1},'pids':{'limit':5},'cpu':{'cpus':'0'},"
	      "'unified':{'cgroup.max.depth':'3'}}",
		&resources);
	assert_int_equal(cgroup_limits_plan(&resources, true, &limits, NULL), 0);
	names = cgroup_limits_controllers(&limits, false);
	text = strv_join(names, " ");
	assert_string_equal(text, "memory cpuset pids");
	strv_free(names);
	free(text);
	names = cgroup_limits_controllers(&limits, true);
	text = strv_join(names, " ");
	assert_string_equal(text, "memory cpuset");
	strv_free(names);
	free(text);
	cgroup_limits_release(&limits);
	json_release(spec_resources_fields, &resources);
}

/* A directory of empty files in place of a cgroup. */
static int fake_cgroup(char *const *files)
{
	char path[] = "/tmp/cgroup-limits.XXXXXX";
	int fd;

	assert_non_null(mkdtemp(path));
	fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_true(fd >= 0);
	for (size_t i = 0; files[i]; i++)
		assert_int_equal(file_write_at(fd, files[i], "", 0, 0600, 0, NULL), 0);
	return fd;
}

static void remove_fake(int fd)
{
	char *link = xasprintf("/proc/self/fd/%d", fd);
	char *path = NULL;

	assert_int_equal(link_read_at(AT_FDCWD, link, &path), 0);
	close(fd);
	assert_int_equal(dir_remove_all_at(AT_FDCWD, path, NULL), 0);
	free(path);
	free(link);
}

static void settings_are_written_in_order(void **state)
{
	char *files[] = {(char *)"memory.max", (char *)"io.weight", NULL};
	int fd = fake_cgroup(files);
	struct spec_resources resources = {0};
	struct cgroup_limits limits = {0};
	struct error err = {0};
	char *text = NULL;

	(void)state;
	parse("{'memory':{'limit':4096},'pids':{'limit':7},'blockIO':{'weight':500}}", &resources);
	/* The default of pids has no file here, and bfq none either. */
	assert_int_equal(cgroup_limits_plan(&resources, true, &limits, NULL), 0);
	assert_int_equal(cgroup_limits_write(&limits, fd, NULL), 0);
	assert_int_equal(flat_read(fd, "memory.max", &text), 0);
	assert_string_equal(text, "4096");
	free(text);
	assert_int_equal(flat_read(fd, "io.weight", &text), 0);
	assert_string_equal(text, "default 4950");
	free(text);
	cgroup_limits_release(&limits);

	assert_int_equal(cgroup_limits_plan(&resources, false, &limits, NULL), 0);
	assert_int_equal(cgroup_limits_write(&limits, fd, &err), -ENOENT);
	assert_string_equal(err.text, "set pids.max to 7: No such file or directory");
	cgroup_limits_release(&limits);
	json_release(spec_resources_fields, &resources);
	remove_fake(fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(resources_become_files),
		cmocka_unit_test(what_cannot_be_had_is_refused),
		cmocka_unit_test(controllers_are_named_once),
		cmocka_unit_test(settings_are_written_in_order),
	};

	return cmocka_run_group_tests_name("cgroup-limits", tests, NULL, NULL);
}
