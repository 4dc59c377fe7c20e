/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SYS_DIRS_H
#define SYS_DIRS_H

#include "base/error.h"

/*
 * Where things lie by default (XDG base directory specification). Owned by the caller.
 * Real root has no XDG directories of its own for this: /var/lib/coracle and /run/coracle.
 */
char *dirs_data_root(void);   /* $XDG_DATA_HOME/coracle, else ~/.local/share/coracle */
char *dirs_config_home(void); /* $XDG_CONFIG_HOME, else ~/.config */
char *dirs_home(void);        /* $HOME, else from /etc/passwd, else "/" */
/*
 * $XDG_RUNTIME_DIR/coracle, else /run/user/UID/coracle when that exists, else /tmp/coracle-UID.
 * Nothing is created; the caller checks owner and mode with dirs_make_private().
 */
char *dirs_run_root(void);

/*
 * dirs_make_private - make a directory with mode 0700 where it is missing.
 * -EPERM when it exists and belongs to somebody else: /tmp is open to all.
 */
int dirs_make_private(const char *path, struct error *err);

#endif
