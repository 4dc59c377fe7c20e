/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FORMAT_HEADER_H
#define FORMAT_HEADER_H

#include "base/str.h"

/* "CreatedAt" as "CREATED AT", "ImageID" as "IMAGE ID", "IPAddress" as "IP ADDRESS". */
void header_add(struct strbuf *ret, const char *name);

#endif
