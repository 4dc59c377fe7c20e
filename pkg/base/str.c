/* SPDX-License-Identifier: Apache-2.0 */
#include "base/str.h"

#include <ctype.h>
#include <errno.h>
#include <limits.h>

const char *str_after(const char *text, const char *prefix)
{
	size_t len = strlen(prefix);

	return strncmp(text, prefix, len) == 0 ? text + len : NULL;
}

bool str_has_suffix(const char *text, const char *suffix)
{
	size_t len = strlen(text), suffix_len = strlen(suffix);

	return len >= suffix_len && strcmp(text + len - suffix_len, suffix) == 0;
}

int str_to_u64(const char *text, int base, uint64_t *ret)
{
	unsigned long long value;
	char *end;

	/* strtoull() takes blanks and a sign; neither belongs in our formats. */
	if (!text || !isxdigit((unsigned char)*text))
		return -EINVAL;
	errno = 0;
	value = strtoull(text, &end, base);
	if (errno)
		return -errno;
	if (*end || end == text)
		return -EINVAL;
	*ret = value;
	return 0;
}

int str_to_i64(const char *text, int64_t *ret)
{
	bool negative = text && *text == '-';
	uint64_t value;
	int r = str_to_u64(text ? text + (*text == '-' || *text == '+') : NULL, 10, &value);

	if (r < 0)
		return r;
	if (value > (uint64_t)INT64_MAX)
		return -ERANGE;
	*ret = negative ? -(int64_t)value : (int64_t)value;
	return 0;
}

int str_to_size(const char *text, uint64_t *ret_bytes)
{
	static const char units[] = "bkmgtp";
	unsigned long long value;
	const char *unit;
	char *end;
	int shift;

	if (!text || !isdigit((unsigned char)*text))
		return -EINVAL;
	errno = 0;
	value = strtoull(text, &end, 10);
	if (errno)
		return -errno;
	if (*end == '\0') {
		*ret_bytes = value;
		return 0;
	}
	unit = strchr(units, tolower((unsigned char)*end));
	if (!unit || !*unit)
		return -EINVAL;
	shift = 10 * (int)(unit - units);
	end++;
	if (shift && tolower((unsigned char)*end) == 'i')
		end++;
	if (shift && tolower((unsigned char)*end) == 'b')
		end++;
	if (*end)
		return -EINVAL;
	if (shift && value > (UINT64_MAX >> shift))
		return -ERANGE;
	*ret_bytes = (uint64_t)value << shift;
	return 0;
}

static int duration_unit(const char **text, int64_t *ret_ns)
{
	static const struct {
		const char *name;
		int64_t ns;
	} units[] = {
		{ "ns", 1 }, { "us", 1000 }, { "µs", 1000 }, { "ms", 1000000 },
		{ "s", 1000000000 }, { "m", 60000000000 }, { "h", 3600000000000 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(units); i++) {
		const char *rest = str_after(*text, units[i].name);

		if (rest) {
			*text = rest;
			*ret_ns = units[i].ns;
			return 0;
		}
	}
	return -EINVAL;
}

int str_to_duration(const char *text, int64_t *ret_ns)
{
	double total = 0;
	uint64_t seconds;

	if (str_to_u64(text, 10, &seconds) == 0) {
		if (seconds > INT64_MAX / 1000000000)
			return -ERANGE;
		*ret_ns = (int64_t)seconds * 1000000000;
		return 0;
	}
	if (str_is_empty(text))
		return -EINVAL;
	while (*text) {
		int64_t unit;
		double value;
		char *end;

		if (!isdigit((unsigned char)*text) && *text != '.')
			return -EINVAL;
		value = strtod(text, &end);
		if (end == text)
			return -EINVAL;
		text = end;
		if (duration_unit(&text, &unit) < 0)
			return -EINVAL;
		total += value * (double)unit;
	}
	if (total > (double)(INT64_MAX / 2))
		return -ERANGE;
	*ret_ns = (int64_t)total;
	return 0;
}

int str_to_bool(const char *text, bool *ret)
{
	static const char *const words[2][6] = {
		{ "false", "0", "f", "F", "FALSE", "False" },
		{ "true", "1", "t", "T", "TRUE", "True" },
	};

	for (size_t value = 0; value < 2; value++) {
		for (size_t i = 0; i < ARRAY_SIZE(words[value]); i++) {
			if (str_eq(text, words[value][i])) {
				*ret = value == 1;
				return 0;
			}
		}
	}
	return -EINVAL;
}

static void strbuf_reserve(struct strbuf *buf, size_t more)
{
	size_t needed = buf->len + more + 1;

	if (needed <= buf->size)
		return;
	buf->size = needed < 64 ? 64 : needed + needed / 2;
	buf->data = xrealloc(buf->data, buf->size, 1);
}

void strbuf_add(struct strbuf *buf, const void *data, size_t len)
{
	strbuf_reserve(buf, len);
	if (len)
		memcpy(buf->data + buf->len, data, len);
	buf->len += len;
	buf->data[buf->len] = '\0';
}

void strbuf_adds(struct strbuf *buf, const char *text)
{
	strbuf_add(buf, text, strlen(text));
}

void strbuf_addc(struct strbuf *buf, char byte)
{
	strbuf_add(buf, &byte, 1);
}

void strbuf_vaddf(struct strbuf *buf, const char *format, va_list args)
{
	autofree char *text = NULL;

	if (vasprintf(&text, format, args) < 0)
		abort();
	strbuf_adds(buf, text);
}

void strbuf_addf(struct strbuf *buf, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	strbuf_vaddf(buf, format, args);
	va_end(args);
}

const char *strbuf_get(const struct strbuf *buf)
{
	return buf->data ? buf->data : "";
}

char *strbuf_take(struct strbuf *buf)
{
	char *text = buf->data ? buf->data : xstrdup("");

	*buf = (struct strbuf)STRBUF_INIT;
	return text;
}

void strbuf_release(struct strbuf *buf)
{
	free(buf->data);
	*buf = (struct strbuf)STRBUF_INIT;
}

size_t strv_len(char *const *list)
{
	size_t count = 0;

	while (list && list[count])
		count++;
	return count;
}

void strv_free(char **list)
{
	for (size_t i = 0; list && list[i]; i++)
		free(list[i]);
	free(list);
}

void strv_take(char ***list, char *text)
{
	size_t count = strv_len(*list);

	*list = xrealloc(*list, count + 2, sizeof(char *));
	(*list)[count] = text;
	(*list)[count + 1] = NULL;
}

void strv_add(char ***list, const char *text)
{
	strv_take(list, xstrdup(text));
}

void strv_add_all(char ***list, char *const *more)
{
	for (size_t i = 0; more && more[i]; i++)
		strv_add(list, more[i]);
}

char **strv_dup(char *const *list)
{
	char **copy = NULL;

	strv_add_all(&copy, list);
	return copy;
}

bool strv_has(char *const *list, const char *text)
{
	for (size_t i = 0; list && list[i]; i++) {
		if (strcmp(list[i], text) == 0)
			return true;
	}
	return false;
}

static int compare_text(const void *left, const void *right)
{
	return strcmp(*(char *const *)left, *(char *const *)right);
}

void strv_sort(char **list)
{
	if (list)
		qsort(list, strv_len(list), sizeof(*list), compare_text);
}

char **strv_split(const char *text, char separator)
{
	char **list = NULL;

	for (;;) {
		const char *end = strchrnul(text, separator);

		strv_take(&list, xstrndup(text, (size_t)(end - text)));
		if (!*end)
			return list;
		text = end + 1;
	}
}

char *strv_join(char *const *list, const char *separator)
{
	struct strbuf buf = STRBUF_INIT;

	for (size_t i = 0; list && list[i]; i++) {
		if (i)
			strbuf_adds(&buf, separator);
		strbuf_adds(&buf, list[i]);
	}
	return strbuf_take(&buf);
}

static ssize_t env_find(char *const *env, const char *name)
{
	size_t len = strlen(name);

	for (ssize_t i = 0; env && env[i]; i++) {
		if (strncmp(env[i], name, len) == 0 && env[i][len] == '=')
			return i;
	}
	return -1;
}

const char *strv_env_get(char *const *env, const char *name)
{
	ssize_t i = env_find(env, name);

	return i < 0 ? NULL : env[i] + strlen(name) + 1;
}

void strv_env_set(char ***env, const char *name, const char *value)
{
	ssize_t i = env_find(*env, name);
	char *item = xasprintf("%s=%s", name, value);

	if (i < 0) {
		strv_take(env, item);
	} else {
		free((*env)[i]);
		(*env)[i] = item;
	}
}

void strmap_set(struct strmap *map, const char *key, const char *value)
{
	for (size_t i = 0; i < map->count; i++) {
		if (strcmp(map->items[i].key, key) == 0) {
			char *copy = xstrdup(value);

			free(map->items[i].value);
			map->items[i].value = copy;
			return;
		}
	}
	map->items = list_grow(map->items, map->count, sizeof(*map->items));
	map->items[map->count++] =
		(struct strmap_item){ .key = xstrdup(key), .value = xstrdup(value) };
}

const char *strmap_get(const struct strmap *map, const char *key)
{
	for (size_t i = 0; i < map->count; i++) {
		if (strcmp(map->items[i].key, key) == 0)
			return map->items[i].value;
	}
	return NULL;
}

void strmap_copy(struct strmap *to, const struct strmap *from)
{
	for (size_t i = 0; i < from->count; i++)
		strmap_set(to, from->items[i].key, from->items[i].value);
}

void strmap_release(struct strmap *map)
{
	for (size_t i = 0; i < map->count; i++) {
		free(map->items[i].key);
		free(map->items[i].value);
	}
	free(map->items);
	*map = (struct strmap){ 0 };
}
