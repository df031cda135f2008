#!/bin/bash -eu
# OSS-Fuzz and ClusterFuzzLite: every target with the engine and the sanitizer they ask for, and its corpus.
# Tried here as: CC=clang CFLAGS="…" LIB_FUZZING_ENGINE=-fsanitize=fuzzer SRC=… OUT=… .clusterfuzzlite/build.sh
# What reads traces needs libbabeltrace2, its plugin and what they need, none of which is where the targets run: they
# lie beside it. Of the two kinds of run path only the older is asked for what libraries need in their turn.
make -j"$(nproc)" BUILD="$SRC/build" CLANG="$CC" FUZZ_ENGINE_CFLAGS="$CFLAGS" \
    FUZZ_ENGINE="$LIB_FUZZING_ENGINE '-Wl,-rpath,\$\$ORIGIN/lib' -Wl,--disable-new-dtags" fuzz-build-engine
for target in $(make -s fuzz-targets); do
    cp "$SRC/build/fuzz/engine/$target" "$OUT/"
    (cd "fuzz/corpus/$target" && zip -q -r "$OUT/${target}_seed_corpus.zip" . -x INDEX)
done
printf '[libfuzzer]\nmax_len = 384\nrss_limit_mb = 0\nmalloc_limit_mb = 512\n' >"$OUT/stateful.options"
printf '[libfuzzer]\nmax_len = 512\nrss_limit_mb = 0\nmalloc_limit_mb = 512\n' >"$OUT/rules.options"
if [ -e "$OUT/trace" ]; then
    plugins=$(pkg-config --variable=libdir babeltrace2)/babeltrace2/plugins
    mkdir -p "$OUT/lib"
    cp "$plugins/babeltrace-plugin-ctf.so" "$OUT/lib/"
    # those of the C library are the system's, and the loader's must fit it
    for program in "$OUT/trace" "$OUT/lib/babeltrace-plugin-ctf.so"; do
        ldd "$program" | awk '$2 == "=>" && $1 !~ /^lib(c|m|dl|rt|pthread|gcc_s|resolv)\.so/ { print $3 }'
    done | sort -u | xargs cp -n -t "$OUT/lib"
    printf '[libfuzzer]\nmax_len = 4096\nrss_limit_mb = 0\nmalloc_limit_mb = 512\n' >"$OUT/trace.options"
fi
