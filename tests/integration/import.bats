#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# import: an image of a tar.

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
@test "the id comes back; the image has one layer, and what is in the tar" {
  run --separate-stderr coracle import -q "$CT_TREE" made
  assert_status 0
  assert_match "$output" '^sha256:[0-9a-f]{64}$'
  assert_stderr ""
  id=${output#sha256:}
  prints "$id [localhost/made:latest] linux 1 1" coracle image inspect \
    --format '{{.Id}} {{.RepoTags}} {{.Os}} {{len .RootFS.Layers}} {{len .History}}' made
  prints "sha256:$(sha256sum <"$CT_TREE" | cut -c1-64)" coracle image inspect \
    --format '{{index .RootFS.Layers 0}}' made
  prints_id coracle create --name c --network none made x
  run --separate-stderr bash -c "'$CORACLE' cp c:/file - | tar -xO"
  assert_status 0
  assert_output data
}

# bats test_tags=shared
@test "every kind of --change, and --message" {
  run -0 coracle import -q -m 'a word' -c 'CMD ["a", "b c"]' -c 'ENTRYPOINT ["e"]' -c ENV=A=1 \
    -c 'ENV B=2' -c 'LABEL k=v' -c 'USER 5:6' -c 'WORKDIR /w' -c 'EXPOSE 80' -c 'VOLUME /v' \
    -c 'STOPSIGNAL 9' \
    "$CT_TREE" reg.example/made:1
  prints '["e"] ["a","b c"]' coracle image inspect --format '{{json .Config.Entrypoint}} {{json .Config.Cmd}}' \
    reg.example/made:1
  prints '["A=1","B=2"]' coracle image inspect --format '{{json .Config.Env}}' reg.example/made:1
  prints '{"k":"v"} 5:6 /w 9' coracle image inspect \
    --format '{{json .Config.Labels}} {{.Config.User}} {{.Config.WorkingDir}} {{.Config.StopSignal}}' \
    reg.example/made:1
  prints '{"80/tcp":{}} {"/v":{}}' coracle image inspect \
    --format '{{json .Config.ExposedPorts}} {{json .Config.Volumes}}' reg.example/made:1
  prints "a word" coracle image inspect --format '{{.Comment}}' reg.example/made:1
}

# bats test_tags=shared
@test "from standard input, with and without gzip" {
  gzip -c "$CT_TREE" >"$CT_HOME/tree.gz"
  for file in "$CT_TREE" "$CT_HOME/tree.gz"; do
    run -0 --separate-stderr bash -c "'$CORACLE' import -q - made <'$file'"
    assert_match "$output" '^sha256:[0-9a-f]{64}$'
    assert_stderr ""
    prints "[localhost/made:latest] sha256:$(sha256sum <"$CT_TREE" | cut -c1-64)" \
      coracle image inspect --format '{{.RepoTags}} {{index .RootFS.Layers 0}}' made
  done
}

# podman 4.3 gives such an image the digest of the compressed layer for a DiffID.
@test "compressed with other tools" {
  for tool in xz zstd bzip2; do
    $tool -c "$CT_TREE" >"$CT_HOME/packed"
    run -0 --separate-stderr bash -c "'$CORACLE' import -q - made-$tool <'$CT_HOME/packed'"
    prints "sha256:$(sha256sum <"$CT_TREE" | cut -c1-64)" coracle image inspect \
      --format '{{index .RootFS.Layers 0}}' "made-$tool"
  done
}

# bats test_tags=shared
@test "what is imported runs" {
  {
    echo "dir bin/"
    echo "file bin/busybox mode=0755 from=/bin/busybox"
  } | "$CT_SUPPORT/mktar" >"$CT_HOME/busybox.tar"
  run -0 coracle import -q -c 'ENTRYPOINT ["/bin/busybox"]' -c 'CMD ["echo", "default"]' "$CT_HOME/busybox.tar" made
  prints default coracle run --rm --network none made
  prints given coracle run --rm --network none made echo given
}

# bats test_tags=shared
@test "what is wrong leaves no image" {
  fails 125 "accepts between 1 and 2 arg(s), received 0" coracle import
  fails 125 "accepts between 1 and 2 arg(s), received 3" coracle import "$CT_TREE" a b
  fails 125 "/not/there" coracle import -q /not/there made
  fails 125 "FROB" coracle import -q -c 'FROB x' "$CT_TREE" made
  run --separate-stderr coracle import -q /etc/passwd made
  assert_status 125
  assert_output ""
  prints "" coracle images -q
}

# podman 4.3 has made the image before it looks at the name.
@test "a bad name leaves no image" {
  run --separate-stderr coracle import -q "$CT_TREE" 'Bad name'
  failed_with 125 "invalid reference"
  prints "" coracle images -q
}
