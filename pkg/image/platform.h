/* SPDX-License-Identifier: Apache-2.0 */
#ifndef IMAGE_PLATFORM_H
#define IMAGE_PLATFORM_H

#include <stdbool.h>

#include "base/error.h"
#include "base/json.h"

/* struct platform - what an image runs on (image-spec, image-index.md, "platform"). */
struct platform {
	char *os;           /* GOOS: "linux" */
	char *architecture; /* GOARCH: "amd64" */
	char *variant;      /* "v8"; NULL when it has none */
	char *os_version;   /* as in the index; not compared */
	char **os_features; /* strv; not compared */
};
extern const struct json_field platform_fields[];

void platform_release(struct platform *platform);
static inline void auto_platform_release(struct platform *platform)
{
	platform_release(platform);
}
void platform_copy(struct platform *to, const struct platform *from); /* @to is overwritten */

/* This machine's, from uname(2): linux, GOARCH and, on arm, the variant. */
void platform_host(struct platform *ret);

/*
 * platform_parse - "linux/arm64/v8", "linux/arm64", "arm64" (os of the host) or "linux"
 * (architecture of the host), with the usual other names (x86_64, aarch64, i386) replaced.
 * Returns 0; -EINVAL.
 */
int platform_parse(const char *text, struct platform *ret, struct error *err);

/* Other names to GOARCH and its implied variant: x86_64 -> amd64, armhf -> arm/v7, arm64/v8 ->
 * arm64. */
void platform_normalize(struct platform *platform);

/*
 * platform_rank - how well @have serves @want: 0 not at all, higher is better.
 * Same os and architecture are a must. A machine runs its own variant and older ones: arm v7 takes
 * v7, then v6; an entry without variant serves whoever asks for the baseline.
 */
int platform_rank(const struct platform *want, const struct platform *have);
static inline bool platform_matches(const struct platform *want, const struct platform *have)
{
	return platform_rank(want, have) > 0;
}

/* "linux/arm64/v8"; owned by the caller. */
char *platform_format(const struct platform *platform);

#endif
