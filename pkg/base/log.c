/* SPDX-License-Identifier: Apache-2.0 */
#include "base/log.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>

#include "base/str.h"

static enum log_level current_level = LOG_LEVEL_WARN;

static const struct {
	const char *name;
	enum log_level level;
} level_names[] = {
	{ "error", LOG_LEVEL_ERROR }, { "warn", LOG_LEVEL_WARN },   { "info", LOG_LEVEL_INFO },
	{ "debug", LOG_LEVEL_DEBUG }, { "fatal", LOG_LEVEL_ERROR }, { "panic", LOG_LEVEL_ERROR },
	{ "warning", LOG_LEVEL_WARN }, { "trace", LOG_LEVEL_DEBUG },
};

void log_set_level(enum log_level level)
{
	current_level = level;
}

enum log_level log_get_level(void)
{
	return current_level;
}

int log_level_parse(const char *text, enum log_level *ret)
{
	for (size_t i = 0; i < ARRAY_SIZE(level_names); i++) {
		if (str_eq(text, level_names[i].name)) {
			*ret = level_names[i].level;
			return 0;
		}
	}
	return -EINVAL;
}

const char *log_level_name(enum log_level level)
{
	return level_names[level].name;
}

static void log_line(enum log_level level, const char *label, const char *format, va_list args)
{
	AUTO(strbuf_release) struct strbuf line = STRBUF_INIT;

	if (level > current_level)
		return;
	/* One write, so that lines of processes that share standard error stay whole. */
	strbuf_adds(&line, label);
	strbuf_vaddf(&line, format, args);
	strbuf_addc(&line, '\n');
	if (write(STDERR_FILENO, line.data, line.len) < 0)
		return;
}

#define DEFINE_LOG(name, level, label)                                                             \
	void name(const char *format, ...)                                                         \
	{                                                                                          \
		va_list args;                                                                      \
                                                                                                   \
		va_start(args, format);                                                            \
		log_line(level, label, format, args);                                              \
		va_end(args);                                                                      \
	}

DEFINE_LOG(log_warn, LOG_LEVEL_WARN, "Warning: ")
DEFINE_LOG(log_info, LOG_LEVEL_INFO, "Info: ")
DEFINE_LOG(log_debug, LOG_LEVEL_DEBUG, "Debug: ")
