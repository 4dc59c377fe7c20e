/* SPDX-License-Identifier: Apache-2.0 */
/*
 * interleave - times commands turn by turn, so that a busy moment hits all of them alike.
 *
 *   interleave ROUNDS -- NAME COMMAND [ARG...] -- NAME COMMAND [ARG...] ...
 *
 * The first round is not counted. Prints a line for each: NAME MEDIAN MINIMUM MAXIMUM FAILURES, in
 * microseconds of wall time from fork to wait. Standard input and output of the commands are
 * /dev/null. A pause comes before each. A command that is named "-" is run between the others and
 * not timed.
 */
#include <err.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define SETTLE_MS 2

struct contender {
	const char *name;
	char **argv;
	uint64_t *times_us;
	unsigned int failures;
};

static uint64_t now_us(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
}

static void run_child(char **argv)
{
	int fd = open("/dev/null", O_RDWR);

	dup2(fd, 0);
	dup2(fd, 1);
	execvp(argv[0], argv);
	_exit(127);
}

/* What the one before has left to do is not for the next. */
static void settle(void)
{
	nanosleep(&(struct timespec){.tv_nsec = SETTLE_MS * 1000000L}, NULL);
}

/* Returns the microseconds; counts a status other than 0. */
static uint64_t run_once(struct contender *one)
{
	uint64_t start = now_us();
	int status;
	pid_t pid = vfork();

	if (pid == 0)
		run_child(one->argv);
	if (pid < 0 || waitpid(pid, &status, 0) < 0)
		err(1, "%s", one->name);
	if (status)
		one->failures++;
	return now_us() - start;
}

static int compare_times(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

static size_t parse(char **argv, struct contender *ret, size_t max, size_t rounds)
{
	size_t count = 0;

	for (char **at = argv; *at; at++) {
		if (strcmp(*at, "--"))
			continue;
		*at = NULL;
		if (!at[1] || !at[2] || count == max)
			errx(2, "a name and a command is expected after --");
		ret[count].name = at[1];
		ret[count].argv = at + 2;
		ret[count].failures = 0;
		ret[count++].times_us = calloc(rounds, sizeof(uint64_t));
		at++;
	}
	return count;
}

int main(int argc, char **argv)
{
	struct contender all[16];
	size_t count, rounds = argc > 1 ? strtoul(argv[1], NULL, 10) : 0;

	if (!rounds)
		errx(2, "usage: interleave ROUNDS -- NAME COMMAND [ARG...] ...");
	count = parse(argv + 2, all, 16, rounds);
	for (size_t round = 0; round <= rounds; round++)
		for (size_t i = 0; i < count; i++) {
			uint64_t used;

			settle();
			used = run_once(&all[i]);
			if (round)
				all[i].times_us[round - 1] = used;
		}
	for (size_t i = 0; i < count; i++) {
		uint64_t *times = all[i].times_us;

		if (!strcmp(all[i].name, "-"))
			continue;
		qsort(times, rounds, sizeof(*times), compare_times);
		printf("%s %llu %llu %llu %u\n", all[i].name, (unsigned long long)times[rounds / 2],
			(unsigned long long)times[0], (unsigned long long)times[rounds - 1],
			all[i].failures);
	}
	return 0;
}
