/* SPDX-License-Identifier: Apache-2.0 */
#include <stdint.h>

#include "base/json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct inner {
	int64_t number;
	char *text;
};
struct outer {
	char *text;
	char **list;
	bool flag;
	int64_t number;
	uint32_t small;
	struct inner inner;
	struct inner *items;
	size_t item_count;
	struct strmap map;
};

static const struct json_field inner_fields[] = {
	JSON_I64(struct inner, number, "n", JSON_REQUIRED),
	JSON_STRING(struct inner, text, "t"),
	JSON_END,
};
static const struct json_field outer_fields[] = {
	JSON_STRING(struct outer, text, "t"),
	JSON_STRINGS(struct outer, list, "l"),
	JSON_BOOL(struct outer, flag, "f"),
	JSON_I64(struct outer, number, "n"),
	JSON_U32(struct outer, small, "s"),
	JSON_OBJECT(struct outer, inner, "i", inner_fields),
	JSON_OBJECTS(struct outer, items, item_count, "o", inner_fields),
	JSON_MAP(struct outer, map, "m"),
	JSON_END,
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	/* A copy without a byte behind it, so that reading too far is seen. */
	autofree char *text = xmemdup(data, size);
	struct outer ret = {0};
	struct error err = {0};

	(void)json_read_members(text, size, "fuzz", outer_fields, &ret, &err);
	json_release(outer_fields, &ret);
	return 0;
}
