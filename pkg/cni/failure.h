/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CNI_FAILURE_H
#define CNI_FAILURE_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/json.h"

/* CNI spec 1.1, section 5, "Error". */
enum cni_code {
	CNI_OK = 0,
	CNI_INCOMPATIBLE_VERSION = 1,
	CNI_UNSUPPORTED_FIELD = 2,
	CNI_UNKNOWN_CONTAINER = 3,
	CNI_BAD_ENVIRONMENT = 4,
	CNI_IO = 5,
	CNI_DECODE = 6,
	CNI_INVALID_CONFIG = 7,
	CNI_TRY_LATER = 11,
	CNI_NOT_AVAILABLE = 50,
	CNI_LIMITED = 51,
	/* 100 and above belong to the plugin; ours add an errno, so that -p says "in use" at once.
	 */
	CNI_ERRNO_BASE = 1000,
};

struct cni_failure {
	char *version;
	uint32_t code;
	char *msg;
	char *details;
};
extern const struct json_field cni_failure_fields[];

/* Reads an error object; 0; -EBADMSG when @text is none (it must have a code and a msg). */
int cni_failure_parse(const char *text, size_t len, struct cni_failure *ret, struct error *err);
/* The error object a plugin prints, owned by the caller. */
char *cni_failure_write(const char *version, unsigned code, const char *msg, const char *details);
/* Code of an error object for a negative errno, and back (-EIO where nothing fits better). */
unsigned cni_code_of_errno(int result);
int cni_errno_of_code(unsigned code);

void cni_failure_release(struct cni_failure *failure);
static inline void auto_cni_failure_release(struct cni_failure *failure)
{
	cni_failure_release(failure);
}

#endif
