/* SPDX-License-Identifier: Apache-2.0 */
/* A file of --security-opt seccomp=FILE, which is often somebody else's, and its compilation. */
#include <assert.h>
#include <linux/filter.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "compile.h"
#include "profile.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* With no capability, and with all of them. */
static void compile(const struct profile *profile, uint64_t caps)
{
	autoclose int fd = memfd_create("filter", MFD_CLOEXEC);
	struct error err = {0};
	struct stat st;
	int r;

	if (fd < 0)
		abort();
	r = compile_profile(profile, caps, fd, &err);
	assert(r == 0 || err.text[0]);
	if (r == 0) {
		assert(fstat(fd, &st) == 0 && st.st_size > 0);
		assert(st.st_size % (off_t)sizeof(struct sock_filter) == 0);
		assert(st.st_size <= (off_t)sizeof(struct sock_filter) * BPF_MAXINSNS);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTO(profile_release) struct profile profile = {0};

	if (profile_parse((const char *)data, size, &profile, NULL) < 0)
		return 0;
	compile(&profile, 0);
	compile(&profile, UINT64_MAX);
	return 0;
}
