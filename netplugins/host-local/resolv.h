/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HOST_LOCAL_RESOLV_H
#define HOST_LOCAL_RESOLV_H

#include "cni/result.h"

/*
 * resolv_read - what a file in the manner of resolv.conf(5) says, as the DNS part of a result.
 * Lines that cannot be understood are passed over, as resolvers do.
 * Returns 0; -ENOENT and the like when the file cannot be read.
 */
int resolv_read(const char *path, struct cni_dns *ret, struct error *err);

#endif
