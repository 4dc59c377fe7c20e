/* SPDX-License-Identifier: Apache-2.0 */
#include "library.h"

#include <assert.h>
#include <dlfcn.h>
#include <errno.h>
#include <string.h>

#include "base/cleanup.h"

/* The soname of libslirp 4, whose headers we are compiled with. */
#define LIBRARY_NAME "libslirp.so.0"
static_assert(SLIRP_MAJOR_VERSION == 4, LIBRARY_NAME " has the functions of libslirp 4");

/* ISO C has no conversion from an object's to a function's address; POSIX gives them one size. */
union symbol {
	void *address;
	void (*function)(void);
};
static_assert(sizeof(void *) == sizeof(void (*)(void)), "dlsym() is good for functions");

int library_load(struct library *ret, struct error *err)
{
	void *handle = dlopen(LIBRARY_NAME, RTLD_LAZY | RTLD_LOCAL);
	const struct {
		const char *name;
		void *function;
	} table[] = {
		{"slirp_new", &ret->new},
		{"slirp_cleanup", &ret->cleanup},
		{"slirp_add_hostxfwd", &ret->add_hostxfwd},
		{"slirp_input", &ret->input},
		{"slirp_pollfds_fill", &ret->pollfds_fill},
		{"slirp_pollfds_poll", &ret->pollfds_poll},
		{"slirp_handle_timer", &ret->handle_timer},
	};

	if (!handle)
		return error_set(err, ELIBACC, "%s", dlerror());
	for (size_t i = 0; i < ARRAY_SIZE(table); i++) {
		union symbol symbol = {.address = dlsym(handle, table[i].name)};

		if (!symbol.address)
			return error_set(err, ELIBACC, "%s", dlerror());
		memcpy(table[i].function, &symbol.function, sizeof(symbol.function));
	}
	return 0;
}
