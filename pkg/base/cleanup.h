/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BASE_CLEANUP_H
#define BASE_CLEANUP_H

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/*
 * Scope-bound ownership. AUTO(fn) declares a pointer that fn() frees when the variable leaves
 * scope; autofree and autoclose are the common two. Hand over with take_ptr() and take_fd().
 * "unused": what is declared for the sake of its end alone is used by that.
 */
#define AUTO(fn) __attribute__((cleanup(auto_##fn), unused))
#define autofree __attribute__((cleanup(cleanup_free), unused))
#define autoclose __attribute__((cleanup(cleanup_close), unused))
#define autofclose __attribute__((cleanup(cleanup_fclose)))

/* Gives TYPE *-taking @fn a form that AUTO() can use. Put it beside the declaration of @fn. */
#define DEFINE_AUTO(type, fn)                                                                      \
	static inline void auto_##fn(type *ptr)                                                    \
	{                                                                                          \
		if (*ptr)                                                                          \
			fn(*ptr);                                                                  \
	}                                                                                          \
	struct base_semicolon

static inline void cleanup_free(void *ptr)
{
	free(*(void **)ptr);
}

/* close() never changes what the caller is about to report. */
static inline void cleanup_close(const int *fd)
{
	if (*fd >= 0)
		close(*fd);
}

static inline void cleanup_fclose(FILE **file)
{
	if (*file)
		fclose(*file);
}

/* Takes the value out of a variable, so that its cleanup finds nothing. */
#define take_ptr(ptr)                                                                              \
	__extension__({                                                                            \
		__typeof__(ptr) *take_from = &(ptr);                                               \
		__typeof__(ptr) taken = *take_from;                                                \
		*take_from = NULL;                                                                 \
		taken;                                                                             \
	})

static inline int take_fd_from(int *fd)
{
	int taken = *fd;

	*fd = -1;
	return taken;
}
#define take_fd(fd) take_fd_from(&(fd))

/* Closes *@fd unless it is negative already, and marks it closed. */
static inline void close_fd(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

#define ARRAY_SIZE(array) (sizeof(array) / sizeof((array)[0]))
#define PRINTF_LIKE(index, first) __attribute__((format(printf, index, first)))

#endif
