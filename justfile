# What a developer does; `just` lists it.
_default:
    @just --list --unsorted

# The company, the providers and the four functions on this machine, until Ctrl-C
run *arguments:
    cargo run --locked -- {{ arguments }}

# The tests
test *arguments:
    cargo test --workspace --locked {{ arguments }}

# Put the code into the one form
fmt:
    cargo fmt --all

# What sam deploy uploads
build:
    env -u CARGO_TARGET_DIR sam build

# Everything that has to hold before a change is merged
check:
    .ci/run
