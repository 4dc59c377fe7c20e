/* SPDX-License-Identifier: Apache-2.0 */
#include "resolv.h"

#include <fcntl.h>

#include "sys/file.h"

#define RESOLV_MAX_BYTES 65536
#define BLANKS " \t\r"

/* What follows @keyword at the beginning of a line, in words; NULL: nothing. Owned by the caller.
 */
static char **words_after(const char *line, const char *keyword)
{
	const char *rest = str_after(line, keyword);
	char **words = NULL;

	if (!rest || !strchr(BLANKS, *rest))
		return NULL;
	for (rest += strspn(rest, BLANKS); *rest; rest += strspn(rest, BLANKS)) {
		size_t len = strcspn(rest, BLANKS);

		strv_take(&words, xstrndup(rest, len));
		rest += len;
	}
	return words;
}

static void read_line(const char *line, struct cni_dns *dns)
{
	AUTO(strv_free) char **servers = words_after(line, "nameserver");
	AUTO(strv_free) char **domain = words_after(line, "domain");
	AUTO(strv_free) char **search = words_after(line, "search");
	AUTO(strv_free) char **options = words_after(line, "options");

	if (servers && cni_is_address(servers[0]))
		strv_add(&dns->nameservers, servers[0]);
	if (domain) {
		free(dns->domain);
		dns->domain = xstrdup(domain[0]);
	}
	/* The last search line counts, options add up. */
	if (search) {
		strv_free(dns->search);
		dns->search = take_ptr(search);
	}
	for (size_t i = 0; options && options[i]; i++)
		strv_add(&dns->options, options[i]);
}

int resolv_read(const char *path, struct cni_dns *ret, struct error *err)
{
	AUTO(strv_free) char **lines = NULL;
	autofree char *text = NULL;
	size_t len;
	int r = file_read_at(AT_FDCWD, path, RESOLV_MAX_BYTES, &text, &len, err);

	if (r < 0)
		return r;
	lines = strv_split(text, '\n');
	for (size_t i = 0; lines[i]; i++)
		read_line(lines[i], ret);
	return 0;
}
