/* SPDX-License-Identifier: Apache-2.0 */
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/random.h>
#include <sys/stat.h>

#include "container/container.h"
#include "sys/file.h"

#define NAME_MAX_LEN 128

static const char *const adjectives[] = { "agile", "amber", "ample", "brave", "brisk", "calm",
	"clever", "crisp", "eager", "early", "fair", "fleet", "frank", "gentle", "glad", "grand",
	"happy", "hardy", "humble", "jolly", "keen", "kind", "lively", "loyal", "lucid", "mellow",
	"merry", "nimble", "noble", "patient", "plain", "polite", "proud", "quick", "quiet", "rapid",
	"ready", "sharp", "silent", "steady", "sunny", "swift", "tidy", "trusty", "vivid", "warm",
	"wise", "witty" };
static const char *const surnames[] = { "abel", "backus", "banach", "boole", "bohr", "cantor",
	"cerf", "church", "cray", "curie", "darwin", "dijkstra", "engelbart", "erdos", "euler",
	"faraday", "fermat", "feynman", "franklin", "galileo", "gauss", "goedel", "hamilton",
	"hopper", "hypatia", "johnson", "kepler", "kernighan", "knuth", "lamarr", "lamport",
	"liskov", "lovelace", "maxwell", "meitner", "mendel", "neumann", "newton", "noether",
	"pascal", "perlman", "planck", "ramanujan", "ritchie", "shannon", "stallman", "thompson",
	"torvalds", "turing", "volta", "wiles", "wilkes", "wirth", "wu" };

int container_check_name(const char *name, struct error *err)
{
	bool good = isalnum((unsigned char)name[0]) && strlen(name) <= NAME_MAX_LEN;

	for (size_t i = 0; good && name[i]; i++)
		good = isalnum((unsigned char)name[i]) || strchr("_.-", name[i]);
	if (good)
		return 0;
	return error_set(err, EINVAL,
		"container name \"%s\": names must match [a-zA-Z0-9][a-zA-Z0-9_.-]*", name);
}

char *container_random_name(struct store *store)
{
	for (unsigned attempt = 0;; attempt++) {
		uint32_t dice[3];
		autofree char *name = NULL;
		autofree char *path = NULL;
		struct stat st;

		if (getrandom(dice, sizeof(dice), 0) != sizeof(dice))
			abort();
		name = xasprintf("%s_%s", adjectives[dice[0] % ARRAY_SIZE(adjectives)],
			surnames[dice[1] % ARRAY_SIZE(surnames)]);
		/* Many containers at once: a number keeps the race for a name short. */
		if (attempt > 2) {
			char *longer = xasprintf("%s%u", name, dice[2] % 100000);

			free(name);
			name = longer;
		}
		path = xasprintf("container-names/%s", name);
		if (fstatat(store->rootfd, path, &st, AT_SYMLINK_NOFOLLOW) < 0)
			return take_ptr(name);
	}
}
