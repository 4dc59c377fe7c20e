/* SPDX-License-Identifier: Apache-2.0 */
/*
 * coracle-init [--] PROGRAM [ARGUMENT...]
 *
 * Process 1 of a container started with --init: starts the program, passes signals on to it,
 * reaps what is orphaned and ends as the program did. Static and without libraries, because it
 * is executed inside any image.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* These report faults of this process itself, or are about its own children and terminal. */
static const int kept_signals[] = {
	SIGFPE, SIGILL, SIGSEGV, SIGBUS, SIGABRT, SIGTRAP, SIGSYS, SIGTTIN, SIGTTOU};

static void fail(const char *name, int code)
{
	fprintf(stderr, "coracle-init: %s: %s\n", name, strerror(code));
}

static _Noreturn void become_program(char **argv, const sigset_t *mask)
{
	/* In the foreground, so that ^C and ^Z reach the program alone. ENOTTY: no terminal. */
	setpgid(0, 0);
	(void)tcsetpgrp(STDIN_FILENO, getpid());
	signal(SIGTTIN, SIG_DFL);
	signal(SIGTTOU, SIG_DFL);
	sigprocmask(SIG_SETMASK, mask, NULL);
	execvp(argv[0], argv);
	fail(argv[0], errno);
	_exit(errno == ENOENT ? 127 : 126);
}

/* Reaps all that have ended; the program's status once it is among them, else -1. */
static int reap(pid_t program)
{
	int status, result = -1;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
		if (pid == program)
			result = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
	return result;
}

static int look_after(pid_t program, const sigset_t *signals)
{
	for (;;) {
		int sig, status;

		if (sigwait(signals, &sig) != 0)
			continue;
		if (sig != SIGCHLD) {
			kill(program, sig);
			continue;
		}
		status = reap(program);
		if (status >= 0)
			return status;
	}
}

int main(int argc, char **argv)
{
	sigset_t signals, old;
	pid_t program;

	if (argc > 1 && strcmp(argv[1], "--") == 0)
		argv++;
	if (argc < 2 || !argv[1]) {
		fputs("usage: coracle-init [--] PROGRAM [ARGUMENT...]\n", stderr);
		return 125;
	}
	sigfillset(&signals);
	for (size_t i = 0; i < sizeof(kept_signals) / sizeof(kept_signals[0]); i++)
		sigdelset(&signals, kept_signals[i]);
	/* Blocked before the fork: nothing is lost, and the child cannot end unseen. */
	sigprocmask(SIG_SETMASK, &signals, &old);
	/* tcsetpgrp() by a process in the background would stop it. */
	signal(SIGTTIN, SIG_IGN);
	signal(SIGTTOU, SIG_IGN);
	program = fork();
	if (program < 0) {
		fail("fork", errno);
		return 125;
	}
	if (program == 0)
		become_program(argv + 1, &old);
	return look_after(program, &signals);
}
