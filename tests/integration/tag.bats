#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# tag and untag: names of an image.

load helpers

setup_file() {
  file_setup busybox:latest
  export CT_TREE=$CT_HOME/tree.tar
  small_tree "$CT_TREE"
}

teardown_file() {
  file_teardown
}

teardown() {
  coracle rmi localhost/one other.example/a/b:2 localhost/three >/dev/null 2>&1 || :
}

# bats test_tags=shared
@test "a name without a host is local, without a tag the latest; several at once" {
  prints "" coracle tag "$BB" one other.example/a/b:2
  prints "" coracle image exists localhost/one:latest
  prints "" coracle image exists other.example/a/b:2
  prints "" coracle image tag one three
  id=$(coracle image inspect --format '{{.Id}}' "$BB")
  for name in one localhost/one:latest other.example/a/b:2 three; do
    prints "$id" coracle image inspect --format '{{.Id}}' "$name"
  done
  prints_lines $'localhost/one:latest\nlocalhost/three:latest\nother.example/a/b:2\n'"$BB" \
    coracle image inspect --format '{{range .RepoTags}}{{println .}}{{end}}' "$BB"
}

# bats test_tags=shared
@test "untag takes one name, or all, and leaves the image" {
  prints "" coracle tag "$BB" one three
  id=$(coracle image inspect --format '{{.Id}}' "$BB")
  prints "" coracle untag "$BB" one
  run --separate-stderr coracle image exists one
  assert_status 1
  prints "" coracle image exists three
  prints "" coracle image untag "$BB"
  prints "[]" coracle image inspect --format '{{.RepoTags}}' "$id"
  prints "" coracle tag "$id" "$BB"
  prints "[$BB]" coracle image inspect --format '{{.RepoTags}}' "$id"
}

# bats test_tags=shared
@test "a name that is taken moves" {
  prints "" coracle tag "$BB" one
  run -0 coracle import -q "$CT_TREE" three
  prints "" coracle tag three one
  prints "$(coracle image inspect --format '{{.Id}}' three)" coracle image inspect --format '{{.Id}}' one
  prints "" coracle image exists "$BB"
}

# bats test_tags=shared
@test "unknown images, bad names, missing arguments" {
  fails 125 "nobody: image not known" coracle tag nobody one
  fails 125 "nobody: image not known" coracle untag nobody
  fails 125 "nobody:latest: tag not known" coracle untag "$BB" nobody
  fails 125 "requires at least 2 arg(s), only received 1" coracle tag "$BB"
  fails 125 "requires at least 1 arg(s), only received 0" coracle untag
  run --separate-stderr coracle tag "$BB" 'BAD name'
  assert_status 125
  assert_output ""
}
