/* SPDX-License-Identifier: Apache-2.0 */
#include "support.h"

#include "storage/layer-unpack.h"

int support_commit(const struct support_entry *entries, char ***chain, struct error *err)
{
	AUTO(layer_unpacked_free) struct layer_unpacked *layer = NULL;
	AUTO(strbuf_release) struct strbuf tar = support_tar(entries);
	autoclose int fd = support_input(tar.data, tar.len);
	char *id;
	int r = layer_unpack_fd(support_store(), fd, NULL, &layer, err);

	if (r == 0)
		r = layer_commit(layer, *chain, layer->info.diff_id, &id, err);
	if (r < 0)
		return r;
	close(r);
	strv_take(chain, id);
	return 0;
}
