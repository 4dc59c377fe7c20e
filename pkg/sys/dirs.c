/* SPDX-License-Identifier: Apache-2.0 */
#include "sys/dirs.h"

#include <errno.h>
#include <pwd.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/str.h"
#include "sys/file.h"

static const char *absolute_env(const char *name)
{
	const char *value = getenv(name);

	/* The specification says that relative values are to be ignored. */
	return value && *value == '/' ? value : NULL;
}

/* Not getpwuid(): the programs that ask are static and must not load NSS modules. */
static char *home_from_passwd(uid_t uid)
{
	autofclose FILE *file = fopen("/etc/passwd", "re");
	struct passwd *entry;

	while (file && (entry = fgetpwent(file))) {
		if (entry->pw_uid == uid)
			return xstrdup(entry->pw_dir);
	}
	return NULL;
}

char *dirs_home(void)
{
	const char *home = absolute_env("HOME");
	char *found = home ? xstrdup(home) : home_from_passwd(getuid());

	return found ? found : xstrdup("/");
}

char *dirs_config_home(void)
{
	const char *config = absolute_env("XDG_CONFIG_HOME");
	autofree char *home = dirs_home();

	return config ? xstrdup(config) : xasprintf("%s/.config", home);
}

char *dirs_data_root(void)
{
	const char *data = absolute_env("XDG_DATA_HOME");
	autofree char *home = NULL;

	if (data)
		return xasprintf("%s/coracle", data);
	if (geteuid() == 0)
		return xstrdup("/var/lib/coracle");
	home = dirs_home();
	return xasprintf("%s/.local/share/coracle", home);
}

char *dirs_run_root(void)
{
	const char *run = absolute_env("XDG_RUNTIME_DIR");
	autofree char *user = NULL;

	if (run)
		return xasprintf("%s/coracle", run);
	if (geteuid() == 0)
		return xstrdup("/run/coracle");
	user = xasprintf("/run/user/%u", (unsigned)getuid());
	if (access(user, W_OK) == 0)
		return xasprintf("%s/coracle", user);
	return xasprintf("/tmp/coracle-%u", (unsigned)getuid());
}

int dirs_make_private(const char *path, struct error *err)
{
	struct stat st;
	int r = dir_make_all(path, 0700, err);

	if (r < 0)
		return r;
	if (lstat(path, &st) < 0)
		return error_sys(err, errno, "%s", path);
	if (!S_ISDIR(st.st_mode) || st.st_uid != geteuid())
		return error_set(err, EPERM, "%s: not a directory of this user", path);
	if ((st.st_mode & 077) && chmod(path, 0700) < 0)
		return error_sys(err, errno, "%s", path);
	return 0;
}
