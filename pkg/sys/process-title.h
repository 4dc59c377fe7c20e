/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SYS_PROCESS_TITLE_H
#define SYS_PROCESS_TITLE_H

/*
 * What ps(1) shows of a forked role: without this, the command line of the command that forked.
 *
 * process_title_init - remember where the kernel laid main()'s arguments; @argv must stay.
 * process_title_set - write the words of @title there, and the first of them as the thread's
 * name (15 bytes are shown). Words that find no room are cut off; nothing happens without init.
 * The environment is moved away from behind the arguments, so that getenv() goes on to work.
 */
void process_title_init(int argc, char **argv);
void process_title_set(char *const *title);

#endif
