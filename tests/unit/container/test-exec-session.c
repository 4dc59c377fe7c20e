/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "container/exec-session.h"
#include "sys/file.h"

#define CONTAINER "c1"

struct place {
	char path[32];
	struct store store;
	int run_dirfd;
};

static int make_place(void **state)
{
	struct place *place = xnew(struct place);

	strcpy(place->path, "/tmp/test-exec-XXXXXX");
	*state = place;
	if (!mkdtemp(place->path))
		return -1;
	place->store.runfd = dir_open_at(AT_FDCWD, place->path, NULL);
	if (mkdirat(place->store.runfd, "containers", 0700) < 0 ||
		mkdirat(place->store.runfd, "containers/" CONTAINER, 0700) < 0)
		return -1;
	place->run_dirfd = dir_open_at(place->store.runfd, "containers/" CONTAINER, NULL);
	return place->run_dirfd < 0 ? -1 : 0;
}

static int remove_place(void **state)
{
	struct place *place = *state;

	close(place->run_dirfd);
	close(place->store.runfd);
	dir_remove_all_at(AT_FDCWD, place->path, NULL);
	free(place);
	return 0;
}

/* A session whose monitor is @monitor; 0: one that is gone. */
static void add(struct place *place, const char *id, pid_t monitor, pid_t process,
	int64_t started_ns, int64_t finished_ns)
{
	struct exec_session session = {.id = xstrdup(id),
		.started_ns = started_ns,
		.finished_ns = finished_ns,
		.exit_code = 3};
	autoclose int dirfd = exec_session_make(place->run_dirfd, id, NULL);

	assert_true(dirfd >= 0);
	strv_add(&session.command, "true");
	if (monitor)
		assert_int_equal(process_id_get(monitor, &session.monitor, NULL), 0);
	else
		session.monitor = (struct process_id){1, 1, xstrdup(boot_id_short())};
	if (process)
		assert_int_equal(process_id_get(process, &session.process, NULL), 0);
	assert_int_equal(exec_session_write(dirfd, &session, NULL), 0);
	exec_session_release(&session);
}

static char *listed(struct place *place)
{
	AUTO(exec_sessions_release) struct exec_sessions list = {0};
	struct strbuf ids = STRBUF_INIT;

	assert_int_equal(exec_session_list(&place->store, CONTAINER, &list, NULL), 0);
	for (size_t i = 0; i < list.count; i++)
		strbuf_addf(&ids, "%s%s", i ? " " : "", list.items[i].id);
	return strbuf_take(&ids);
}

static bool exists(struct place *place, const char *id)
{
	autofree char *path = xasprintf("execs/%s", id);

	return faccessat(place->run_dirfd, path, F_OK, 0) == 0;
}

static void those_that_run_are_listed_oldest_first(void **state)
{
	autofree char *none = listed(*state);
	autofree char *two = NULL;

	assert_string_equal(none, "");
	add(*state, "bb", getpid(), 0, 20, 0);
	add(*state, "aa", getpid(), 0, 30, 0);
	add(*state, "cc", getpid(), 0, 10, 40);
	two = listed(*state);
	assert_string_equal(two, "bb aa");
	assert_true(exists(*state, "cc"));
}

static void a_container_that_does_not_run_has_none(void **state)
{
	struct place *place = *state;
	AUTO(exec_sessions_release) struct exec_sessions list = {0};

	assert_int_equal(exec_session_list(&place->store, "c2", &list, NULL), 0);
	assert_int_equal(list.count, 0);
}

static void what_a_lost_monitor_left_is_ended(void **state)
{
	autofree char *ids = NULL;
	pid_t pid = fork();
	siginfo_t info;

	if (pid == 0) {
		pause();
		_exit(0);
	}
	add(*state, "aa", 0, pid, 10, 0);
	ids = listed(*state);
	assert_string_equal(ids, "");
	assert_false(exists(*state, "aa"));
	assert_int_equal(waitid(P_PID, (id_t)pid, &info, WEXITED), 0);
	assert_int_equal(info.si_status, SIGKILL);
}

static void half_written_ones_are_passed_over(void **state)
{
	struct place *place = *state;
	autofree char *ids = NULL;
	autoclose int dirfd = exec_session_make(place->run_dirfd, "aa", NULL);

	assert_true(dirfd >= 0);
	assert_int_equal(file_write_at(dirfd, "session.json", "{\"id\":", 6, 0600, 0, NULL), 0);
	ids = listed(place);
	assert_string_equal(ids, "");
	assert_true(exists(place, "aa"));
}

static void ended_ones_are_kept_for_a_while(void **state)
{
	struct place *place = *state;
	int64_t now = clock_now_ns();

	add(place, "aa", getpid(), 0, 10, now - EXEC_SESSION_KEEP_NS - 1);
	add(place, "bb", getpid(), 0, 10, now);
	add(place, "cc", getpid(), 0, 10, 0);
	exec_session_collect(place->run_dirfd);
	assert_false(exists(place, "aa"));
	assert_true(exists(place, "bb"));
	assert_true(exists(place, "cc"));
	assert_int_equal(exec_session_remove(place->run_dirfd, "bb", NULL), 0);
	assert_int_equal(exec_session_remove(place->run_dirfd, "bb", NULL), 0);
	assert_false(exists(place, "bb"));
}

static void none_is_made_for_a_container_that_has_gone(void **state)
{
	struct place *place = *state;

	assert_int_equal(unlinkat(place->store.runfd, "containers/" CONTAINER, AT_REMOVEDIR), 0);
	assert_int_equal(exec_session_make(place->run_dirfd, "aa", NULL), -ENOENT);
}

#define IN_PLACE(test) cmocka_unit_test_setup_teardown(test, make_place, remove_place)

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_PLACE(those_that_run_are_listed_oldest_first),
		IN_PLACE(a_container_that_does_not_run_has_none),
		IN_PLACE(what_a_lost_monitor_left_is_ended),
		IN_PLACE(half_written_ones_are_passed_over),
		IN_PLACE(ended_ones_are_kept_for_a_while),
		IN_PLACE(none_is_made_for_a_container_that_has_gone),
	};

	return cmocka_run_group_tests_name("container/exec-session", tests, NULL, NULL);
}
