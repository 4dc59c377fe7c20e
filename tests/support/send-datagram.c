/* SPDX-License-Identifier: Apache-2.0 */
/*
 * send-datagram - send one message to $NOTIFY_SOCKET, as a service would.
 *
 *   send-datagram [-f] TEXT      TEXT has \n for line ends; -f: a descriptor goes with it
 */
#include <err.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

static size_t unescape(char *text)
{
	char *to = text;

	for (const char *from = text; *from; from++) {
		if (from[0] == '\\' && from[1] == 'n') {
			*to++ = '\n';
			from++;
		} else {
			*to++ = *from;
		}
	}
	return (size_t)(to - text);
}

int main(int argc, char **argv)
{
	const char *path = getenv("NOTIFY_SOCKET");
	int with_fd = argc == 3 && strcmp(argv[1], "-f") == 0;
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	union {
		char bytes[CMSG_SPACE(sizeof(int))];
		struct cmsghdr align;
	} control = {0};
	struct iovec part;
	struct msghdr message = {
		.msg_name = &address,
		.msg_namelen = sizeof(address),
		.msg_iov = &part,
		.msg_iovlen = 1,
	};
	int fd = socket(AF_UNIX, SOCK_DGRAM, 0), standard_output = 1;

	if (!path || strlen(path) >= sizeof(address.sun_path) || argc != 2 + with_fd)
		errx(2, "usage: NOTIFY_SOCKET=PATH send-datagram [-f] TEXT");
	strcpy(address.sun_path, path);
	part.iov_base = argv[argc - 1];
	part.iov_len = unescape(argv[argc - 1]);
	if (with_fd) {
		struct cmsghdr *header;

		message.msg_control = control.bytes;
		message.msg_controllen = sizeof(control.bytes);
		header = CMSG_FIRSTHDR(&message);
		header->cmsg_level = SOL_SOCKET;
		header->cmsg_type = SCM_RIGHTS;
		header->cmsg_len = CMSG_LEN(sizeof(int));
		memcpy(CMSG_DATA(header), &standard_output, sizeof(int));
	}
	if (fd < 0 || sendmsg(fd, &message, 0) < 0)
		err(1, "%s", path);
	return 0;
}
