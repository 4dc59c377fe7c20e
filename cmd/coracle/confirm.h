/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CORACLE_CONFIRM_H
#define CORACLE_CONFIRM_H

#include <stdbool.h>

/*
 * confirm - ask a yes-or-no question on standard error and read the answer.
 * Only "y" and "yes" mean yes; the end of standard input means no.
 */
bool confirm(const char *question);

#endif
