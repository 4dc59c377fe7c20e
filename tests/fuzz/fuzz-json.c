/* SPDX-License-Identifier: Apache-2.0 */
#include <stdint.h>

#include <json-c/json.h>

#include "base/json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct error err = {0};
	struct json_object *object = NULL;

	if (json_parse((const char *)data, size, &object, &err) == 0)
		json_object_put(object);
	return 0;
}
