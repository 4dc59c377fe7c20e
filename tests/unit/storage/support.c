/* SPDX-License-Identifier: Apache-2.0 */
#include "support.h"

#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sys/file.h"

static bool has_namespace, has_ids;
static struct store *the_store;
static char the_dir[64];

static bool find_range(const char *path, char *ret_first, char *ret_size)
{
	struct passwd *user = getpwuid(getuid());
	FILE *file = fopen(path, "re");
	char line[256], name[64];
	bool found = false;

	while (user && file && !found && fgets(line, sizeof(line), file))
		found = sscanf(line, "%63[^:]:%15[0-9]:%15[0-9]", name, ret_first, ret_size) == 3 &&
			str_eq(name, user->pw_name);
	if (file)
		fclose(file);
	return found;
}

/* In a child, outside: newuidmap PID 0 UID 1 1 FIRST SIZE. */
static bool run_helper(const char *program, const char *range_file, unsigned own, pid_t pid)
{
	char first[16], size[16], pid_text[16], own_text[16];
	int status;
	pid_t child;

	if (!find_range(range_file, first, size))
		return false;
	snprintf(pid_text, sizeof(pid_text), "%d", (int)pid);
	snprintf(own_text, sizeof(own_text), "%u", own);
	child = fork();
	if (child == 0) {
		execlp(program, program, pid_text, "0", own_text, "1", "1", first, size,
			(char *)NULL);
		_exit(127);
	}
	return waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

static void write_text(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	if (fd < 0 || write(fd, text, strlen(text)) < 0)
		fprintf(stderr, "# %s: %s\n", path, strerror(errno));
	if (fd >= 0)
		close(fd);
}

static void map_one(unsigned uid, unsigned gid)
{
	char text[64];

	snprintf(text, sizeof(text), "0 %u 1\n", uid);
	write_text("/proc/self/uid_map", text);
	write_text("/proc/self/setgroups", "deny");
	snprintf(text, sizeof(text), "0 %u 1\n", gid);
	write_text("/proc/self/gid_map", text);
}

static void enter(unsigned uid, unsigned gid)
{
	int go[2], done[2];
	pid_t self = getpid();
	char result = 0;
	pid_t helper;

	if (pipe2(go, O_CLOEXEC) < 0 || pipe2(done, O_CLOEXEC) < 0)
		return;
	helper = fork();
	if (helper == 0) {
		/* Otherwise it would wait for itself when the namespace cannot be made. */
		close(go[1]);
		if (read(go[0], &result, 1) == 1)
			result = run_helper("newuidmap", "/etc/subuid", uid, self) &&
				 run_helper("newgidmap", "/etc/subgid", gid, self);
		_exit(write(done[1], &result, 1) == 1 ? 0 : 1);
	}
	has_namespace = unshare(CLONE_NEWUSER) == 0;
	if (has_namespace && write(go[1], "g", 1) == 1 && read(done[0], &result, 1) == 1)
		has_ids = result == 1;
	if (has_namespace && !has_ids)
		map_one(uid, gid);
	close(go[0]);
	close(go[1]);
	close(done[0]);
	close(done[1]);
	waitpid(helper, NULL, 0);
}

int support_enter_userns(void **state)
{
	(void)state;
	signal(SIGPIPE, SIG_IGN);
	if (getuid() == 0)
		has_namespace = has_ids = true;
	else
		enter(getuid(), getgid());
	if (has_namespace && (setgid(0) < 0 || setuid(0) < 0))
		has_namespace = false;
	return 0;
}

void support_need_ids(void)
{
	if (!has_ids) {
		print_message("# skipped: no subordinate ids\n");
		skip();
	}
}

int support_store_setup(void **state)
{
	const char *tmp = getenv("TMPDIR");
	struct error err = {0};
	autofree char *root = NULL, *run = NULL;

	(void)state;
	if (!has_namespace) {
		print_message("# skipped: no user namespaces\n");
		skip();
	}
	snprintf(the_dir, sizeof(the_dir), "%.40s/storage-XXXXXX", tmp ? tmp : "/var/tmp");
	if (!mkdtemp(the_dir))
		return -1;
	root = support_path("root");
	run = support_path("run");
	if (store_open(&(struct store_options){.root = root, .runroot = run}, &the_store, &err) <
		0) {
		print_message("# %s\n", error_text(&err));
		return -1;
	}
	return 0;
}

int support_store_teardown(void **state)
{
	(void)state;
	store_close(take_ptr(the_store));
	return dir_remove_all_at(AT_FDCWD, the_dir, NULL);
}

struct store *support_store(void)
{
	return the_store;
}

char *support_path(const char *name)
{
	return xasprintf("%s/%s", the_dir, name);
}

bool support_exists(const char *name)
{
	struct stat st;

	return fstatat(the_store->rootfd, name, &st, AT_SYMLINK_NOFOLLOW) == 0;
}

size_t support_count(const char *name)
{
	AUTO(strv_free) char **names = NULL;

	return dir_list_at(the_store->rootfd, name, &names, NULL) < 0 ? 0 : strv_len(names);
}

int support_input(const void *data, size_t len)
{
	int fd = memfd_create("input", MFD_CLOEXEC);

	assert_int_equal(fd_write_all(fd, data, len), 0);
	assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
	return fd;
}

static void add_header(struct strbuf *tar, const struct support_entry *entry, const char *name,
	char type, size_t size)
{
	unsigned char block[512] = {0};
	char *at = (char *)block;
	unsigned sum = 0;

	snprintf(at, 100, "%s", name);
	snprintf(at + 100, 8, "%07o", (entry->mode ? entry->mode : 0644) & 07777);
	snprintf(at + 108, 8, "%07o", entry->uid & 0777777);
	snprintf(at + 116, 8, "%07o", entry->gid & 0777777);
	snprintf(at + 124, 12, "%011zo", size & 0777777777);
	snprintf(at + 136, 12, "%011o", 1700000000);
	memset(at + 148, ' ', 8);
	at[156] = type;
	if (entry->link)
		snprintf(at + 157, 100, "%s", entry->link);
	memcpy(at + 257, "ustar\00000", 8);
	snprintf(at + 329, 8, "%07o", type == '3' ? 1 : 0);
	snprintf(at + 337, 8, "%07o", type == '3' ? 3 : 0);
	for (size_t i = 0; i < sizeof(block); i++)
		sum += block[i];
	snprintf(at + 148, 8, "%06o", sum & 0777777);
	strbuf_add(tar, block, sizeof(block));
}

static void add_data(struct strbuf *tar, const char *data, size_t size)
{
	static const char zeros[512];

	strbuf_add(tar, data, size);
	strbuf_add(tar, zeros, (512 - size % 512) % 512);
}

void support_tar_add(struct strbuf *tar, const struct support_entry *entry)
{
	size_t size = entry->data ? strlen(entry->data) : 0;

	if (entry->xattr) {
		autofree char *record = NULL;
		size_t len = strlen(entry->xattr) + strlen(" SCHILY.xattr.\n") + 2;

		len += len >= 100;
		record = xasprintf("%zu SCHILY.xattr.%s\n", len, entry->xattr);
		add_header(tar, entry, "pax", 'x', strlen(record));
		add_data(tar, record, strlen(record));
	}
	add_header(tar, entry, entry->name, entry->type ? entry->type : '0', size);
	add_data(tar, entry->data ? entry->data : "", size);
}

void support_tar_end(struct strbuf *tar)
{
	static const char zeros[1024];

	strbuf_add(tar, zeros, sizeof(zeros));
}

struct strbuf support_tar(const struct support_entry *entries)
{
	struct strbuf tar = STRBUF_INIT;

	for (; entries->name; entries++)
		support_tar_add(&tar, entries);
	support_tar_end(&tar);
	return tar;
}
