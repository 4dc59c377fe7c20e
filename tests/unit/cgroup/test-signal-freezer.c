/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>

#include <cmocka.h>

#include "cgroup/signal-freezer.h"
#include "sys/clone.h"
#include "sys/process.h"

static void nap(long ms)
{
	const struct timespec time = {ms / 1000, ms % 1000 * 1000000};

	nanosleep(&time, NULL);
}

/* Counts for as long as it runs; a chain of short-lived children of it does so as well. */
static void busy(volatile uint64_t *counter)
{
	for (;;) {
		pid_t pid = fork();

		if (pid == 0) {
			for (int i = 0; i < 1000; i++)
				++*counter;
			_exit(0);
		}
		waitpid(pid, NULL, 0);
	}
}

struct world {
	pid_t pid;
	int pidfd;
	volatile uint64_t *counter;
	struct pidns ns;
};

/* A pid namespace with a few processes that fork all the time, one of them in another below. */
static bool world_start(struct world *world)
{
	struct error err = {0};

	world->counter =
		mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	world->pid = process_clone(CLONE_NEWUSER | CLONE_NEWPID, -1, &world->pidfd, &err);
	if (world->pid == 0) {
		int pidfd;

		if (fork() == 0)
			busy(world->counter);
		if (process_clone(CLONE_NEWPID, -1, &pidfd, NULL) == 0)
			busy(world->counter);
		busy(world->counter);
	}
	if (world->pid < 0)
		return false;
	nap(50);
	assert_int_equal(pidns_of(world->pid, world->pidfd, &world->ns, &err), 0);
	return true;
}

static void world_end(struct world *world)
{
	pidfd_signal(world->pidfd, SIGKILL);
	waitpid(world->pid, NULL, 0);
	close(world->pidfd);
	munmap((void *)world->counter, 4096);
}

static void processes_stop_and_go_on(void **state)
{
	struct world world = {0};
	struct error err = {0};
	uint64_t before;

	(void)state;
	if (!world_start(&world))
		skip();
	for (int i = 0; i < 5; i++) {
		if (signal_freeze(&world.ns, 10000, &err) < 0)
			fail_msg("%s", err.text);
		assert_true(signal_is_frozen(&world.ns));
		before = *world.counter;
		nap(30);
		assert_int_equal(*world.counter, before);
		assert_int_equal(signal_thaw(&world.ns, &err), 0);
		for (int j = 0; j < 500 && *world.counter == before; j++)
			nap(10);
		assert_true(*world.counter > before);
		assert_false(signal_is_frozen(&world.ns));
	}
	world_end(&world);
}

static void others_are_not_touched(void **state)
{
	struct world world = {0};
	struct pidns own;
	int pidfd = pidfd_open_pid(getpid());

	(void)state;
	if (!world_start(&world))
		skip();
	assert_int_equal(pidns_of(getpid(), pidfd, &own, NULL), 0);
	assert_true(pidns_has(&world.ns, world.pid));
	assert_false(pidns_has(&world.ns, getpid()));
	assert_true(pidns_has(&own, world.pid));
	close(pidfd);
	world_end(&world);
}

static void an_ended_container_says_so(void **state)
{
	struct world world = {0};
	struct error err = {0};

	(void)state;
	if (!world_start(&world))
		skip();
	pidfd_signal(world.pidfd, SIGKILL);
	waitpid(world.pid, NULL, 0);
	assert_int_equal(signal_freeze(&world.ns, 1000, &err), -ESRCH);
	assert_false(signal_is_frozen(&world.ns));
	assert_int_equal(pidns_of(world.pid, world.pidfd, &world.ns, &err), -ESRCH);
	world_end(&world);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(processes_stop_and_go_on),
		cmocka_unit_test(others_are_not_touched),
		cmocka_unit_test(an_ended_container_says_so),
	};

	return cmocka_run_group_tests_name("cgroup-signal-freezer", tests, NULL, NULL);
}
