//! Writes the generated files of the exact OpenAI counts, or checks that they are as it would write
//! them, and holds the counts to tiktoken.
//!
//! ```text
//! cargo run --release --manifest-path tools/vocabulary/Cargo.toml -- generate [--check]
//! cargo run --release --manifest-path tools/vocabulary/Cargo.toml -- compare TEXTS [FOLDER...]
//! cargo run --release --manifest-path tools/vocabulary/Cargo.toml -- ranks FOLDER
//! cargo run --release --manifest-path tools/vocabulary/Cargo.toml -- fuzz SECONDS
//! ```
//!
//! `compare` counts at least `TEXTS` texts with the files of this repository and with the crate
//! tiktoken-rs, which vendors tiktoken's own encoder and split patterns: half of them parts of the
//! files in the folders, whatever these are, the others made up. With the environment's `TEXTS_TO`
//! it writes texts and counts there, one JSON array `[text, cl100k_base, o200k_base]` a line, for
//! `scripts/compare_tiktoken.py`, which needs the files that `ranks` writes.

mod compare;
mod fuzz;
mod generate;
mod texts;

use std::process::ExitCode;

type Failure = Box<dyn std::error::Error>;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let done = match arguments.as_slice() {
        ["generate"] => generate::run(false),
        ["generate", "--check"] => generate::run(true),
        ["fuzz", seconds] => match seconds.parse() {
            Ok(seconds) => fuzz::run(seconds),
            Err(_) => Err(format!("{seconds} is not a number of seconds").into()),
        },
        ["ranks", folder] => generate::write_ranks(folder.as_ref()),
        ["compare", count, folders @ ..] => match count.parse() {
            Ok(count) => compare::run(count, folders),
            Err(_) => Err(format!("{count} is not a number of texts").into()),
        },
        _ => Err("usage: vocabulary generate [--check] | compare TEXTS [FOLDER...] | ranks FOLDER | fuzz SECONDS"
            .into()),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("error: {failure}");
            ExitCode::FAILURE
        }
    }
}
