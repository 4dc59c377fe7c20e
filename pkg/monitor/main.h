/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MONITOR_MAIN_H
#define MONITOR_MAIN_H

/*
 * monitor_main - what the program coracle-monitor does.
 * @argv: coracle-monitor ID ROOT RUNROOT DRIVER ATTACHES ROWS COLUMNS NO-EVENTS; every argument
 *        is always there ("" for the default)
 * The caller is in the rootless user namespace and has the first client's connection as
 * descriptor 3. Returns the exit code, 0 or 125.
 */
int monitor_main(char *const *argv);

#endif
