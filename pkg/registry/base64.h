/* SPDX-License-Identifier: Apache-2.0 */
#ifndef REGISTRY_BASE64_H
#define REGISTRY_BASE64_H

#include <stddef.h>

/* RFC 4648, standard alphabet, padded; owned by the caller. */
char *base64_encode(const void *data, size_t len);
/*
 * Padding may be missing; nothing else is forgiven. The result is NUL-terminated.
 * Returns 0; -EBADMSG.
 */
int base64_decode(const char *text, char **ret, size_t *ret_len);

#endif
