#!/bin/sh
# Stands before rustc while fuzz targets are built: our crates count which branches an input takes, all others compile as ever.
# The options are those of cargo-fuzz without a sanitizer, and are known to the stable compiler.
case " $* " in
*" --crate-name amends_"* | *" --crate-name fuzz_"* | *" --crate-name quick_xml "*)
    exec "$@" -Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 \
        -Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table \
        -Cllvm-args=-sanitizer-coverage-trace-compares
    ;;
*) exec "$@" ;;
esac
