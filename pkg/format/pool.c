/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>

#include "format/value.h"

#define OBJECT_BYTES 256 /* what an object is counted as, whatever is in it */

static int use(struct pool *pool, size_t size, struct error *err)
{
	if (size > FORMAT_MAX_MEMORY - pool->used_bytes)
		return error_set(err, E2BIG, "values of more than %d bytes", FORMAT_MAX_MEMORY);
	pool->used_bytes += size;
	return 0;
}

int pool_take_text(struct pool *pool, struct strbuf *text, const char **ret, struct error *err)
{
	int r = use(pool, text->size + sizeof(*text), err);

	if (r < 0)
		return r;
	pool->texts = list_grow(pool->texts, pool->text_count, sizeof(*pool->texts));
	pool->texts[pool->text_count++] = *text;
	*ret = strbuf_get(text);
	*text = (struct strbuf)STRBUF_INIT;
	return 0;
}

int pool_take_json(struct pool *pool, struct json_object *obj, struct error *err)
{
	int r = use(pool, OBJECT_BYTES, err);

	if (r < 0) {
		json_object_put(obj);
		return r;
	}
	pool->objects = list_grow(pool->objects, pool->object_count, sizeof(void *));
	pool->objects[pool->object_count++] = obj;
	return 0;
}

void pool_clear(struct pool *pool)
{
	for (size_t i = 0; i < pool->text_count; i++)
		strbuf_release(&pool->texts[i]);
	for (size_t i = 0; i < pool->object_count; i++)
		json_object_put(pool->objects[i]);
	free(pool->texts);
	free(pool->objects);
	*pool = (struct pool){0};
}
