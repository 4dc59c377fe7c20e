/* SPDX-License-Identifier: Apache-2.0 */
#include "nft.h"

#include <assert.h>
#include <dlfcn.h>
#include <errno.h>
#include <nftables/libnftables.h>
#include <string.h>

#include "base/str.h"

#define LIBRARY_NAME "libnftables.so.1"

struct nft_library {
	__typeof__(&nft_ctx_new) ctx_new;
	__typeof__(&nft_ctx_free) ctx_free;
	__typeof__(&nft_ctx_buffer_error) buffer_error;
	__typeof__(&nft_ctx_get_error_buffer) get_error_buffer;
	__typeof__(&nft_run_cmd_from_buffer) run_cmd_from_buffer;
};

/* ISO C has no conversion from an object's to a function's address; POSIX gives them one size. */
static_assert(sizeof(void *) == sizeof(void (*)(void)), "dlsym() is good for functions");

static int load(struct nft_library *ret, struct error *err)
{
	void *handle = dlopen(LIBRARY_NAME, RTLD_LAZY | RTLD_LOCAL);
	const struct {
		const char *name;
		void *function;
	} table[] = {
		{"nft_ctx_new", &ret->ctx_new},
		{"nft_ctx_free", &ret->ctx_free},
		{"nft_ctx_buffer_error", &ret->buffer_error},
		{"nft_ctx_get_error_buffer", &ret->get_error_buffer},
		{"nft_run_cmd_from_buffer", &ret->run_cmd_from_buffer},
	};

	if (!handle)
		return error_set(err, ELIBACC, "rules for the bridge: %s", dlerror());
	for (size_t i = 0; i < ARRAY_SIZE(table); i++) {
		void *symbol = dlsym(handle, table[i].name);

		if (!symbol)
			return error_set(err, ELIBACC, "rules for the bridge: %s", dlerror());
		memcpy(table[i].function, &symbol, sizeof(symbol));
	}
	return 0;
}

int nft_run(const char *commands, struct error *err)
{
	struct nft_library nft;
	struct nft_ctx *context;
	int r = load(&nft, err);

	if (r < 0)
		return r;
	context = nft.ctx_new(NFT_CTX_DEFAULT);
	if (!context)
		return error_set(err, ENOMEM, "rules for the bridge: nftables does not start");
	nft.buffer_error(context);
	if (nft.run_cmd_from_buffer(context, commands) != 0) {
		const char *words = nft.get_error_buffer(context);

		r = error_set(
			err, EIO, "rules for the bridge: %.*s", (int)strcspn(words, "\n"), words);
	}
	nft.ctx_free(context);
	return r;
}
