/* SPDX-License-Identifier: Apache-2.0 */
#include <openssl/evp.h>

#include "base/digest.h"
#include "base/str.h"

struct hasher {
	EVP_MD_CTX *ctx;
	const char *name;
};

struct hasher *hasher_new(const char *algorithm)
{
	struct hasher *hasher = xnew(struct hasher);
	bool is_sha512 = str_after(algorithm, "sha512") != NULL;

	hasher->name = is_sha512 ? "sha512" : "sha256";
	hasher->ctx = EVP_MD_CTX_new();
	if (!hasher->ctx ||
		!EVP_DigestInit_ex(hasher->ctx, is_sha512 ? EVP_sha512() : EVP_sha256(), NULL))
		abort();
	return hasher;
}

void hasher_update(struct hasher *hasher, const void *data, size_t len)
{
	if (!EVP_DigestUpdate(hasher->ctx, data, len))
		abort();
}

char *hasher_finish(struct hasher *hasher)
{
	unsigned char md[EVP_MAX_MD_SIZE];
	struct strbuf text = STRBUF_INIT;
	unsigned len;

	if (!EVP_DigestFinal_ex(hasher->ctx, md, &len))
		abort();
	strbuf_addf(&text, "%s:", hasher->name);
	for (unsigned i = 0; i < len; i++)
		strbuf_addf(&text, "%02x", md[i]);
	return strbuf_take(&text);
}

void hasher_free(struct hasher *hasher)
{
	if (!hasher)
		return;
	EVP_MD_CTX_free(hasher->ctx);
	free(hasher);
}

char *digest_of(const void *data, size_t len)
{
	AUTO(hasher_free) struct hasher *hasher = hasher_new("sha256");

	hasher_update(hasher, data, len);
	return hasher_finish(hasher);
}
