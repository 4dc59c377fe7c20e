/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/etc-files.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>

/* resolv.conf(5): more nameservers are ignored by libc. */
#define RESOLV_MAX_SERVERS 3

static bool is_ip(const char *text)
{
	unsigned char raw[16];

	return inet_pton(AF_INET, text, raw) == 1 || inet_pton(AF_INET6, text, raw) == 1;
}

/* "name:ip", where the address may hold colons and the name may be a;b;c list in podman 5. */
static int add_host_line(
	struct strbuf *out, const char *item, const char *gateway_ip, struct error *err)
{
	const char *colon = strchr(item, ':');
	autofree char *name = NULL;
	autofree char *ip = NULL;
	size_t len;

	if (!colon || colon == item || !colon[1])
		return error_set(err, EINVAL, "add-host \"%s\": must be host:ip", item);
	name = xstrndup(item, (size_t)(colon - item));
	ip = xstrdup(colon + 1);
	len = strlen(ip);
	if (len > 2 && ip[0] == '[' && ip[len - 1] == ']') {
		memmove(ip, ip + 1, len - 2);
		ip[len - 2] = '\0';
	}
	if (str_eq(ip, "host-gateway")) {
		if (!gateway_ip)
			return error_set(err, EINVAL,
				"add-host \"%s\": this network has no way to the host", item);
		free(ip);
		ip = xstrdup(gateway_ip);
	}
	if (!is_ip(ip) || strpbrk(name, " \t\n#"))
		return error_set(err, EINVAL, "add-host \"%s\": invalid IP address or name", item);
	strbuf_addf(out, "%s\t%s\n", ip, name);
	return 0;
}

int etc_hosts_text(const struct etc_hosts_request *request, char **ret, struct error *err)
{
	AUTO(strbuf_release) struct strbuf out = STRBUF_INIT;

	/* Entries of the user come first: the first match wins in libc. */
	for (size_t i = 0; request->add_hosts && request->add_hosts[i]; i++) {
		int r = add_host_line(&out, request->add_hosts[i], request->gateway_ip, err);

		if (r < 0)
			return r;
	}
	if (request->base)
		strbuf_adds(&out, request->base);
	else
		strbuf_adds(&out, "127.0.0.1\tlocalhost\n::1\tlocalhost\n");
	if (out.len && out.data[out.len - 1] != '\n')
		strbuf_addc(&out, '\n');
	if (request->gateway_ip)
		strbuf_addf(&out, "%s\thost.containers.internal host.docker.internal\n",
			request->gateway_ip);
	strbuf_addf(&out, "%s\t%s", request->container_ip ? request->container_ip : "127.0.0.1",
		request->hostname);
	if (request->name && !str_eq(request->name, request->hostname))
		strbuf_addf(&out, " %s", request->name);
	strbuf_addc(&out, '\n');
	*ret = strbuf_take(&out);
	return 0;
}

static bool is_loopback(const char *server)
{
	return str_after(server, "127.") || str_eq(server, "::1");
}

/* The words of a resolv.conf line after its keyword; NULL for another keyword. */
static const char *line_value(const char *line, const char *keyword)
{
	const char *rest = str_after(line + strspn(line, " \t"), keyword);

	return rest && (*rest == ' ' || *rest == '\t') ? rest + strspn(rest, " \t") : NULL;
}

static void add_words(char ***list, const char *text)
{
	AUTO(strv_free) char **words = strv_split(text, ' ');

	for (size_t i = 0; words[i]; i++) {
		words[i][strcspn(words[i], "\t\r")] = '\0';
		if (*words[i])
			strv_add(list, words[i]);
	}
}

struct resolv_parts {
	char **servers;
	char **search;
	char **options;
};

static void parse_base(const char *text, struct resolv_parts *parts)
{
	AUTO(strv_free) char **lines = strv_split(text, '\n');

	for (size_t i = 0; lines[i]; i++) {
		const char *value;

		if ((value = line_value(lines[i], "nameserver"))) {
			add_words(&parts->servers, value);
		} else if ((value = line_value(lines[i], "search")) ||
			   (value = line_value(lines[i], "domain"))) {
			strv_free(parts->search);
			parts->search = NULL;
			add_words(&parts->search, value);
		} else if ((value = line_value(lines[i], "options"))) {
			add_words(&parts->options, value);
		}
	}
}

static void add_line(struct strbuf *out, const char *keyword, char *const *words)
{
	autofree char *text = strv_join(words, " ");

	if (*text)
		strbuf_addf(out, "%s %s\n", keyword, text);
}

char *etc_resolv_text(const struct etc_resolv_request *request)
{
	struct resolv_parts base = {0};
	struct strbuf out = STRBUF_INIT;
	bool no_search = request->search && str_eq(request->search[0], ".");
	char *const *servers = request->servers;
	size_t count = 0;

	parse_base(request->base, &base);
	if (!no_search)
		add_line(&out, "search", strv_len(request->search) ? request->search : base.search);
	if (!strv_len(servers))
		servers = base.servers;
	/* The network's own resolver forwards to whatever the host uses, loopback included. */
	if (!strv_len(request->servers) && request->own_netns && request->network_dns) {
		strbuf_addf(&out, "nameserver %s\n", request->network_dns);
		count++;
	}
	for (size_t i = 0; servers && servers[i] && count < RESOLV_MAX_SERVERS; i++) {
		if (servers == base.servers && request->own_netns && is_loopback(servers[i]))
			continue;
		strbuf_addf(&out, "nameserver %s\n", servers[i]);
		count++;
	}
	add_line(&out, "options", strv_len(request->options) ? request->options : base.options);
	strv_free(base.servers);
	strv_free(base.search);
	strv_free(base.options);
	return strbuf_take(&out);
}

char *etc_passwd_with_user(
	const char *passwd, uint32_t uid, uint32_t gid, const char *name, const char *home)
{
	AUTO(strv_free) char **lines = strv_split(passwd, '\n');
	size_t len = strlen(passwd);

	for (size_t i = 0; lines[i]; i++) {
		unsigned found;

		if (sscanf(lines[i], "%*[^:]:%*[^:]:%u:", &found) == 1 && found == uid)
			return NULL;
	}
	return xasprintf("%s%s%s:*:%u:%u:%s:%s:/bin/sh\n", passwd,
		len && passwd[len - 1] != '\n' ? "\n" : "", name ? name : "containeruser", uid, gid,
		name ? name : "container user", home);
}
