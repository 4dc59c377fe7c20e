/* SPDX-License-Identifier: Apache-2.0 */
/* What the store and run directories hold. Read once, it can be written, and read back the same. */
#include <assert.h>
#include <stdint.h>

#include "container/container.h"
#include "container/exec-session.h"
#include "network/record.h"
#include "storage/image-store.h"
#include "storage/layer.h"
#include "storage/volume.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct {
	const struct json_field *fields;
	size_t size;
} kinds[] = {
	{container_record_fields, sizeof(struct container_record)},
	{container_state_fields, sizeof(struct container_state)},
	{exec_session_fields, sizeof(struct exec_session)},
	{network_record_fields, sizeof(struct network_record)},
	{image_record_fields, sizeof(struct image_record)},
	{layer_info_fields, sizeof(struct layer_info)},
	{volume_fields, sizeof(struct volume)},
};

/* Of what we write, the reader of a few members says the same. */
static void read_members(const struct json_field *fields, size_t size, const char *text, size_t len,
	const char *wanted)
{
	autofree void *record = xcalloc(1, size);
	autofree char *got = NULL;
	int r = json_read_members(text, len, "record", fields, record, NULL);

	if (wanted) {
		assert(r == 0);
		got = json_write(fields, record, true);
		assert(strcmp(got, wanted) == 0);
	}
	json_release(fields, record);
}

/* True when the text is a record. */
static bool read_all(const struct json_field *fields, size_t size, const char *text, size_t len,
	char **ret_written)
{
	autofree void *record = xcalloc(1, size);
	int r = json_read_bytes(text, len, "record", fields, record, NULL);

	if (r == 0)
		*ret_written = json_write(fields, record, true);
	json_release(fields, record);
	return r == 0;
}

/* The first byte says which: '0' is a container's record. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t kind = size > 0 ? (size_t)(data[0] - '0') : 0;
	const struct json_field *fields;
	autofree char *first = NULL;
	autofree char *second = NULL;
	const char *text = (const char *)data + 1;

	if (size == 0 || data[0] < '0' || kind >= ARRAY_SIZE(kinds))
		return 0;
	fields = kinds[kind].fields;
	read_members(fields, kinds[kind].size, text, size - 1, NULL);
	if (!read_all(fields, kinds[kind].size, text, size - 1, &first))
		return 0;
	/* What is kept as it is can be deeper than the limit in another layout. */
	if (!read_all(fields, kinds[kind].size, first, strlen(first), &second))
		return 0;
	assert(strcmp(first, second) == 0);
	read_members(fields, kinds[kind].size, first, strlen(first), first);
	return 0;
}
