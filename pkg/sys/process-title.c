/* SPDX-License-Identifier: Apache-2.0 */
#include "sys/process-title.h"

#include <stddef.h>
#include <string.h>
#include <sys/prctl.h>

#include "base/str.h"

extern char **environ;

/* The strings of argv and of the environment follow each other without a gap. */
static struct {
	char *start;
	char *end; /* behind the last byte */
} area;

/* How far @words go on exactly where the area ends so far. */
static void extend_area(char *const *words)
{
	for (size_t i = 0; words[i] && words[i] == area.end; i++)
		area.end = words[i] + strlen(words[i]) + 1;
}

void process_title_init(int argc, char **argv)
{
	if (argc < 1)
		return;
	area.start = area.end = argv[0];
	extend_area(argv);
	extend_area(environ);
}

static void move_environment(void)
{
	char **copy = NULL;

	for (size_t i = 0; environ[i]; i++)
		strv_add(&copy, environ[i]);
	if (copy)
		environ = copy;
}

void process_title_set(char *const *title)
{
	char *at = area.start;

	prctl(PR_SET_NAME, title[0]);
	if (!at || !title[0])
		return;
	move_environment();
	for (size_t i = 0; title[i] && at < area.end; i++) {
		size_t room = (size_t)(area.end - at);
		size_t len = strnlen(title[i], room - 1);

		memcpy(at, title[i], len);
		/* Not NUL: where the title overwrites the environment ps(1) reads one string only. */
		at[len] = title[i + 1] ? ' ' : '\0';
		at += len + 1;
	}
	at[-1] = '\0';
	memset(at, 0, (size_t)(area.end - at));
}
