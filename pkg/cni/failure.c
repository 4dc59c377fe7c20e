/* SPDX-License-Identifier: Apache-2.0 */
#include "cni/failure.h"

#include <errno.h>

#include "cni/result.h"

const struct json_field cni_failure_fields[] = {
	JSON_STRING(struct cni_failure, version, "cniVersion"),
	JSON_U32(struct cni_failure, code, "code", JSON_REQUIRED),
	JSON_STRING(struct cni_failure, msg, "msg", JSON_REQUIRED),
	JSON_STRING(struct cni_failure, details, "details"),
	JSON_END,
};

static const struct {
	int number;
	unsigned code;
} code_table[] = {
	{EADDRINUSE, CNI_ERRNO_BASE + EADDRINUSE},
	{EADDRNOTAVAIL, CNI_ERRNO_BASE + EADDRNOTAVAIL},
	{EACCES, CNI_ERRNO_BASE + EACCES},
	{EPERM, CNI_ERRNO_BASE + EPERM},
	{EEXIST, CNI_ERRNO_BASE + EEXIST},
	{ENODEV, CNI_NOT_AVAILABLE},
	{EOPNOTSUPP, CNI_UNSUPPORTED_FIELD},
	{ENOENT, CNI_UNKNOWN_CONTAINER},
	{EBADMSG, CNI_DECODE},
	{EINVAL, CNI_INVALID_CONFIG},
	{EAGAIN, CNI_TRY_LATER},
	{EPROTONOSUPPORT, CNI_INCOMPATIBLE_VERSION},
	{EINVAL, CNI_BAD_ENVIRONMENT},
	{ENODEV, CNI_LIMITED},
};

unsigned cni_code_of_errno(int result)
{
	for (size_t i = 0; i < ARRAY_SIZE(code_table); i++) {
		if (code_table[i].number == -result)
			return code_table[i].code;
	}
	return CNI_IO;
}

int cni_errno_of_code(unsigned code)
{
	for (size_t i = 0; i < ARRAY_SIZE(code_table); i++) {
		if (code_table[i].code == code)
			return -code_table[i].number;
	}
	return -EIO;
}

int cni_failure_parse(const char *text, size_t len, struct cni_failure *ret, struct error *err)
{
	AUTO(cni_failure_release) struct cni_failure failure = {0};
	int r = json_read(text, len, "plugin error", cni_failure_fields, &failure, err);

	if (r < 0)
		return r;
	*ret = failure;
	failure = (struct cni_failure){0};
	return 0;
}

char *cni_failure_write(const char *version, unsigned code, const char *msg, const char *details)
{
	struct cni_failure failure = {.code = code};
	char *text;

	failure.version = xstrdup(version ? version : CNI_VERSION);
	failure.msg = xstrdup(msg);
	failure.details = xstrdup(details);
	text = json_write(cni_failure_fields, &failure, true);
	cni_failure_release(&failure);
	return text;
}

void cni_failure_release(struct cni_failure *failure)
{
	json_release(cni_failure_fields, failure);
	*failure = (struct cni_failure){0};
}
