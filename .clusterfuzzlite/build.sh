#!/bin/bash -eu
# OSS-Fuzz and ClusterFuzzLite: every target with the engine and the sanitizer they ask for, and its corpus.
# Tried here as: CC=clang CFLAGS="…" LIB_FUZZING_ENGINE=-fsanitize=fuzzer SRC=… OUT=… .clusterfuzzlite/build.sh
make -j"$(nproc)" BUILD="$SRC/build" CLANG="$CC" FUZZ_ENGINE_CFLAGS="$CFLAGS" FUZZ_ENGINE="$LIB_FUZZING_ENGINE" \
    fuzz-build-engine
for target in $(make -s fuzz-targets); do
    cp "$SRC/build/fuzz/engine/$target" "$OUT/"
    (cd "fuzz/corpus/$target" && zip -q -r "$OUT/${target}_seed_corpus.zip" . -x INDEX)
done
printf '[libfuzzer]\nmax_len = 384\nrss_limit_mb = 0\nmalloc_limit_mb = 512\n' >"$OUT/stateful.options"
