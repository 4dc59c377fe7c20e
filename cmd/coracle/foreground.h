/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CORACLE_FOREGROUND_H
#define CORACLE_FOREGROUND_H

#include "engine/engine.h"

struct foreground {
	bool interactive;
	bool sig_proxy;
	const char *detach_keys; /* NULL: those of the container */
	char *const *streams;    /* --attach; NULL: all */
	int failure_code;        /* when it does not start; 0: what the monitor says */
};

/*
 * foreground_run - connect our standard streams with a started container.
 * @started: closed afterwards
 * Prints errors. Returns what the command should exit with.
 */
int foreground_run(struct engine_start_result *started, const struct foreground *options);

#endif
