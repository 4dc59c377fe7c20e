/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SLIRP_COMMANDS_H
#define SLIRP_COMMANDS_H

#include "cni/request.h"

/*
 * One function per command of CNI spec 1.1, section 2. *@ret_output is what goes to standard
 * output, owned by the caller, or NULL. Returns 0; negative errno, see cni_code_of_errno().
 */
int command_add(const struct cni_request *request, char **ret_output, struct error *err);
int command_del(const struct cni_request *request, char **ret_output, struct error *err);
int command_check(const struct cni_request *request, char **ret_output, struct error *err);
int command_gc(const struct cni_request *request, char **ret_output, struct error *err);
int command_status(const struct cni_request *request, char **ret_output, struct error *err);
int command_version(const struct cni_request *request, char **ret_output, struct error *err);

#endif
