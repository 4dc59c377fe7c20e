/* SPDX-License-Identifier: Apache-2.0 */
#include "sys/program-file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/str.h"
#include "sys/file.h"

#define OWN_FILE "/proc/self/exe"
/* The copy has no path of its own. */
#define PATH_VARIABLE "CORACLE_PROGRAM_FILE"
#define SEALS (F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE)

#ifndef MFD_EXEC
#define MFD_EXEC 0x0010U
#endif

/* Ids of the machine itself, where root's containers have others. */
static bool is_real_root(void)
{
	autofree char *map = NULL;
	unsigned inside = 1, outside = 1, count = 0;

	return geteuid() == 0 &&
	       file_read_at(AT_FDCWD, "/proc/self/uid_map", 4096, &map, NULL, NULL) == 0 &&
	       sscanf(map, "%u %u %u", &inside, &outside, &count) == 3 && inside == 0 &&
	       outside == 0 && count == UINT_MAX;
}

/* Opened for reading, and a file that a container could write to, or get the right to. */
static bool is_exposed(int fd)
{
	struct stat st;

	if (fcntl(fd, F_GET_SEALS) == SEALS)
		return false;
	return fstat(fd, &st) == 0 &&
	       (st.st_uid == geteuid() || faccessat(AT_FDCWD, OWN_FILE, W_OK, AT_EACCESS) == 0) &&
	       !is_real_root();
}

static int make_copy(int source, struct error *err)
{
	autoclose int fd = memfd_create("coracle", MFD_CLOEXEC | MFD_ALLOW_SEALING | MFD_EXEC);
	ssize_t sent;

	/* Before Linux 6.3 it is executable without being asked. */
	if (fd < 0 && errno == EINVAL)
		fd = memfd_create("coracle", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	if (fd < 0)
		return error_sys(err, errno, "copy the program");
	while ((sent = sendfile(fd, source, NULL, 64 << 20)) > 0)
		continue;
	if (sent < 0 || fcntl(fd, F_ADD_SEALS, SEALS) < 0)
		return error_sys(err, errno, "copy the program");
	return take_fd(fd);
}

static int execute(int fd, char *const *argv, struct error *err)
{
	char path[PATH_MAX];
	ssize_t len = readlink(OWN_FILE, path, sizeof(path) - 1);

	if (len > 0) {
		path[len] = '\0';
		setenv(PATH_VARIABLE, path, 1);
	}
	fexecve(fd, argv, environ);
	unsetenv(PATH_VARIABLE);
	return error_sys(err, errno, "execute a copy of the program");
}

static char *copied_from; /* set once, at the start */

int program_file_protect(char *const *argv, struct error *err)
{
	autoclose int own = open(OWN_FILE, O_RDONLY | O_CLOEXEC);
	autoclose int copy = -1;
	const char *name = strrchr(argv[0], '/');

	if (own < 0)
		return 0;
	if (is_exposed(own)) {
		copy = make_copy(own, err);
		return copy < 0 ? copy : execute(copy, argv, err);
	}
	if (getenv(PATH_VARIABLE) && !copied_from) {
		copied_from = xstrdup(getenv(PATH_VARIABLE));
		/* The kernel took the number of a descriptor for it. */
		prctl(PR_SET_NAME, name ? name + 1 : argv[0]);
	}
	/* Nothing for containers and plugins. */
	unsetenv(PATH_VARIABLE);
	return 0;
}

char *program_file_path(void)
{
	char path[PATH_MAX];
	ssize_t len;

	if (copied_from)
		return xstrdup(copied_from);
	len = readlink(OWN_FILE, path, sizeof(path) - 1);
	return len > 0 ? xstrndup(path, (size_t)len) : NULL;
}
