#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# images: names, ids, formats and filters.

load helpers

setup_file() {
  file_setup
  export CT_TREE=$CT_HOME/tree.tar
  small_tree "$CT_TREE"
}

teardown_file() {
  file_teardown
}

teardown() {
  coracle rm -fa -t 0 >/dev/null 2>&1 || :
  coracle rmi -fa >/dev/null 2>&1 || :
}

# bats test_tags=shared
@test "nothing, then a line for each name" {
  prints "REPOSITORY  TAG         IMAGE ID    CREATED     SIZE" coracle images
  prints "" coracle images -q
  prints "[]" coracle images --format json
  coracle import -q "$CT_TREE" one >/dev/null
  coracle tag one reg.example/two:3
  id=$(coracle image inspect --format '{{.Id}}' one)
  prints_lines $'localhost/one latest\nreg.example/two 3' coracle images --format '{{.Repository}} {{.Tag}}'
  prints "${id:0:12}" coracle images -q
  prints "sha256:$id" coracle image ls -q --no-trunc
  # A name selects the image, and then all names of it are shown.
  prints_lines "${id:0:12} localhost/one latest"$'\n'"${id:0:12} reg.example/two 3" \
    coracle images --format '{{.ID}} {{.Repository}} {{.Tag}}' one
  prints "" coracle images -q nothing
  prints "REPOSITORY  TAG         IMAGE ID    CREATED     SIZE" coracle images nothing
  coracle untag one reg.example/two:3
  run --separate-stderr coracle images --noheading one
  assert_status 0
  assert_match "$output" "^localhost/one +latest +${id:0:12} +.*ago +[0-9.]+ k?B$"
  assert_stderr ""
}

# bats test_tags=shared
@test "--format json" {
  coracle import -q -c 'LABEL a=b' "$CT_TREE" one >/dev/null
  id=$(coracle image inspect --format '{{.Id}}' one)
  run --separate-stderr coracle images --format json
  assert_status 0
  assert_equal "$(jq -r '.[] | [.Id, .Names[0], .Labels.a, .Containers, .Dangling // false] | map(tostring) | join(" ")' <<<"$output")" \
    "$id localhost/one:latest b 0 false"
}

# bats test_tags=shared
@test "--filter" {
  coracle import -q -c 'LABEL kind=first' "$CT_TREE" one >/dev/null
  coracle import -q -c 'LABEL kind=second' "$CT_TREE" two:tag >/dev/null
  coracle import -q -c 'LABEL kind=third' "$CT_TREE" >/dev/null
  prints localhost/one coracle images --filter label=kind=first --format '{{.Repository}}'
  prints_lines $'localhost/one\nlocalhost/two\n<none>' coracle images -f label=kind --format '{{.Repository}}'
  prints localhost/two coracle images -f reference=two:tag --format '{{.Repository}}'
  prints third coracle images -f dangling=true --format '{{.Labels.kind}}'
  prints_lines $'localhost/one\nlocalhost/two' coracle images -f dangling=false --format '{{.Repository}}'
  run --separate-stderr coracle images -f color=red
  assert_status 125
  assert_output ""
  fails 125 "accepts at most 1 arg(s), received 2" coracle images one two
}
