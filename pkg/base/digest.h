/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BASE_DIGEST_H
#define BASE_DIGEST_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

/* A digest is text: "sha256:" and 64 lower-case hex digits, or sha512 and 128 (IS descriptor.md). */
#define DIGEST_MAX_LEN (7 + 128)
#define DIGEST_SHA256_HEX_LEN 64

/* True for a digest whose algorithm we can verify and whose length is right. */
bool digest_is_valid(const char *text);
/* The hex part of a valid digest; borrowed from @digest. */
const char *digest_hex(const char *digest);

/* struct hasher - a digest in the making (OpenSSL). One hasher belongs to one thread. */
struct hasher;

/* @algorithm: "sha256" or "sha512", or a digest that begins so. Aborts on others. */
struct hasher *hasher_new(const char *algorithm);
void hasher_update(struct hasher *hasher, const void *data, size_t len);
/* Ends the computation: "sha256:hex", owned by the caller. */
char *hasher_finish(struct hasher *hasher);
void hasher_free(struct hasher *hasher);
DEFINE_AUTO(struct hasher *, hasher_free);

/* sha256 of a buffer, as a digest owned by the caller. */
char *digest_of(const void *data, size_t len);

/* @len random bytes from the kernel as hex text of 2 * @len digits, owned by the caller. */
char *random_hex(size_t len);

#endif
