/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BASE_STR_H
#define BASE_STR_H

#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "base/mem.h"

static inline bool str_eq(const char *left, const char *right)
{
	return left == right || (left && right && strcmp(left, right) == 0);
}

static inline bool str_is_empty(const char *text)
{
	return !text || !*text;
}

/* Returns what follows @prefix in @text, or NULL when @text does not begin with it. */
const char *str_after(const char *text, const char *prefix);
bool str_has_suffix(const char *text, const char *suffix);

/* Whole text as a number; 0 or -EINVAL / -ERANGE. No sign, no blanks. @base as strtoull's. */
int str_to_u64(const char *text, int base, uint64_t *ret);
/* Whole text as a number with an optional sign. */
int str_to_i64(const char *text, int64_t *ret);
/* Size with b, k, m, g, t (x1024), optionally followed by "b" or "ib": "64m". */
int str_to_size(const char *text, uint64_t *ret_bytes);
/* Go duration ("1m30s", "300ms", "2h45m") or a bare number of seconds. */
int str_to_duration(const char *text, int64_t *ret_ns);
/* "true", "false", "1", "0", "t", "f" … as Go's ParseBool; -EINVAL else. */
int str_to_bool(const char *text, bool *ret);

/*
 * struct strbuf - a growing string, always NUL-terminated once anything was added.
 * STRBUF_INIT, add, then strbuf_take() or let AUTO(strbuf_release) free it:
 *         AUTO(strbuf_release) struct strbuf buf = STRBUF_INIT;
 */
struct strbuf {
	char *data; /* NULL while empty */
	size_t len;
	size_t size;
};
#define STRBUF_INIT                                                                                \
	{                                                                                          \
		0                                                                                  \
	}

void strbuf_add(struct strbuf *buf, const void *data, size_t len);
void strbuf_adds(struct strbuf *buf, const char *text);
void strbuf_addc(struct strbuf *buf, char byte);
void strbuf_addf(struct strbuf *buf, const char *format, ...) PRINTF_LIKE(2, 3);
void strbuf_vaddf(struct strbuf *buf, const char *format, va_list args);
/* The text so far; "" when empty. Borrowed. */
const char *strbuf_get(const struct strbuf *buf);
/* Hands the text over (never NULL) and leaves @buf empty. */
char *strbuf_take(struct strbuf *buf);
void strbuf_release(struct strbuf *buf);
static inline void auto_strbuf_release(struct strbuf *buf)
{
	strbuf_release(buf);
}

/* NULL-terminated string lists ("strv"). NULL is the empty list. Lists own their strings. */
size_t strv_len(char *const *list);
void strv_free(char **list);
DEFINE_AUTO(char **, strv_free);
char **strv_dup(char *const *list);
/* Appends a copy; *@list moves. */
void strv_add(char ***list, const char *text);
/* Appends @text itself, which the list then owns. */
void strv_take(char ***list, char *text);
void strv_add_all(char ***list, char *const *more);
bool strv_has(char *const *list, const char *text);
/* In the order of strcmp(). */
void strv_sort(char **list);
/* "a:b" split at each @separator; empty pieces are kept. "" gives one empty piece. */
char **strv_split(const char *text, char separator);
char *strv_join(char *const *list, const char *separator);
/* Environment lists: value of NAME in "NAME=value" items, or NULL. Borrowed. */
const char *strv_env_get(char *const *env, const char *name);
/* Sets NAME=value, replacing an earlier one. */
void strv_env_set(char ***env, const char *name, const char *value);

/* struct strmap - string to string, kept in order of insertion (labels, annotations, options). */
struct strmap_item {
	char *key;
	char *value;
};
struct strmap {
	struct strmap_item *items;
	size_t count;
};

/* Sets @key, replacing an earlier value. */
void strmap_set(struct strmap *map, const char *key, const char *value);
const char *strmap_get(const struct strmap *map, const char *key); /* borrowed, or NULL */
void strmap_copy(struct strmap *to, const struct strmap *from);    /* adds all of @from */
void strmap_release(struct strmap *map);
static inline void auto_strmap_release(struct strmap *map)
{
	strmap_release(map);
}

#endif
