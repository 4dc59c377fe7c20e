/* SPDX-License-Identifier: Apache-2.0 */
#include <stdint.h>
#include <stdlib.h>

#include "cni/conflist.h"
#include "cni/failure.h"
#include "cni/result.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct error err = {0};
	struct cni_list list = {0};
	struct cni_failure failure = {0};
	struct cni_result result = {0};
	const char *text = (const char *)data;

	cni_list_parse(text, size, "input", &list, &err);
	cni_list_release(&list);
	cni_failure_parse(text, size, &failure, &err);
	cni_failure_release(&failure);
	cni_result_parse(text, size, &result, &err);
	cni_result_release(&result);
	return 0;
}
