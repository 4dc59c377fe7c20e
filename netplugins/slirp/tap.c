/* SPDX-License-Identifier: Apache-2.0 */
#include "tap.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/str.h"

#define TUN_DEVICE "/dev/net/tun"

static int tun_error(int code, struct error *err)
{
	if (code == ENOENT || code == ENODEV || code == ENXIO)
		return error_set(err, ENODEV,
			TUN_DEVICE
			": missing: load the tun module (modprobe tun), or in a container "
			"give it the device (--device " TUN_DEVICE "), or use --network none "
			"or host");
	if (code == EACCES || code == EPERM)
		return error_set(err, ENODEV,
			TUN_DEVICE
			": no permission: make it mode 0666, or use --network none or host");
	return error_sys(err, code, "open " TUN_DEVICE);
}

int tap_probe(struct error *err)
{
	autoclose int fd = open(TUN_DEVICE, O_RDWR | O_CLOEXEC | O_NONBLOCK);

	return fd < 0 ? tun_error(errno, err) : 0;
}

/* The device is opened in the namespace: the interface is made where its file was opened. */
static int make_tap(const char *name, struct error *err)
{
	autoclose int fd = open(TUN_DEVICE, O_RDWR | O_CLOEXEC | O_NONBLOCK);
	struct ifreq request = {.ifr_flags = IFF_TAP | IFF_NO_PI | IFF_TUN_EXCL};

	if (fd < 0)
		return tun_error(errno, err);
	snprintf(request.ifr_name, sizeof(request.ifr_name), "%s", name);
	if (ioctl(fd, TUNSETIFF, &request) < 0) {
		if (errno == EBUSY)
			return error_set(err, EEXIST, "interface %s exists in the namespace", name);
		return error_sys(err, errno, "create interface %s", name);
	}
	return take_fd(fd);
}

/* Our addresses are fixed: what router advertisements would add is a second route and address. */
static void refuse_advertisements(const char *name)
{
	autofree char *path = xasprintf("/proc/sys/net/ipv6/conf/%s/accept_ra", name);
	autoclose int fd = open(path, O_WRONLY | O_CLOEXEC);

	/* Without it things work, with one more address. */
	if (fd >= 0 && write(fd, "0", 1) < 0)
		return;
}

static int set_ipv6(struct netlink *nl, int index, const struct slirp_config *config, bool *ret_has,
	struct error *err)
{
	struct error problem = {0};
	int r;

	if (!config->ipv6)
		return 0;
	r = address_add(nl, index, &config->guest6, &problem);
	if (r == 0)
		r = route_add(nl, index, &(struct route){.gateway = &config->gateway6}, &problem);
	if (r < 0 && config->ipv6_required) {
		error_set(err, -r, "IPv6: %s", error_text(&problem));
		return r;
	}
	/* A kernel without IPv6, or with it switched off, serves IPv4 just as well. */
	*ret_has = r == 0;
	return 0;
}

static int set_up(struct netlink *nl, const char *name, const struct slirp_config *config,
	struct tap *tap, struct error *err)
{
	struct link_change lo = {.up = true};
	struct link_change change = {
		.up = true, .mtu = config->mtu, .mac = config->has_mac ? config->mac : NULL};
	struct link_info info = {0};
	int index = link_get(nl, name, &info, err);
	int r = index;

	if (r >= 0)
		r = link_set(nl, 1, &lo, err);
	if (r >= 0 && config->ipv6)
		refuse_advertisements(name);
	if (r >= 0)
		r = link_set(nl, index, &change, err);
	if (r >= 0)
		r = address_add(nl, index, &config->guest, err);
	if (r >= 0)
		r = route_add(nl, index, &(struct route){.gateway = &config->gateway}, err);
	if (r >= 0)
		r = set_ipv6(nl, index, config, &tap->ipv6, err);
	memcpy(tap->mac, config->has_mac ? config->mac : info.mac, sizeof(tap->mac));
	return r < 0 ? r : 0;
}

int tap_create(const struct netns *netns, const char *name, const struct slirp_config *config,
	struct tap *ret, struct error *err)
{
	AUTO(netlink_close) struct netlink *nl = NULL;
	struct tap tap = {0};
	autoclose int fd = -1;
	int r = netns_enter(netns, err);

	if (r < 0)
		return r;
	fd = make_tap(name, err);
	if (fd < 0)
		return fd;
	r = netlink_open(&nl, err);
	if (r == 0)
		r = set_up(nl, name, config, &tap, err);
	if (r < 0)
		return r;
	tap.fd = take_fd(fd);
	*ret = tap;
	return 0;
}

int tap_check(const struct netns *netns, const char *name, const struct slirp_config *config,
	bool ipv6, struct error *err)
{
	AUTO(netlink_close) struct netlink *nl = NULL;
	struct link_info info;
	int index, r = netns_enter(netns, err);

	if (r == 0)
		r = netlink_open(&nl, err);
	if (r < 0)
		return r;
	index = link_get(nl, name, &info, err);
	if (index < 0)
		return index;
	if (!info.up)
		return error_set(err, ENETDOWN, "interface %s is down", name);
	r = address_find(nl, index, &config->guest, err);
	if (r == 1 && ipv6)
		r = address_find(nl, index, &config->guest6, err);
	if (r == 0)
		return error_set(err, EADDRNOTAVAIL, "interface %s lost its address", name);
	return r < 0 ? r : 0;
}
