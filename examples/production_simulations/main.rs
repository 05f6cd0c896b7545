//! Simulations behind `docs/statistics.md`: whether what is promised of production traffic holds.
//!
//! ```text
//! cargo run --release --example production_simulations -- coverage|drift|aa|power [--seeds N]
//! ```
//!
//! Prints Markdown tables. Every number is drawn from a seed of its own, so that the same command prints
//! the same table.

#![allow(clippy::indexing_slicing, clippy::unwrap_used)] // Tables of fixed size, and our own records.

mod coverage;
mod draw;
mod drift;
mod trials;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let seeds = arguments.iter().position(|argument| argument == "--seeds");
    let seeds = seeds.and_then(|place| arguments.get(place + 1)).map(|number| number.parse());
    let seeds = |usual: u64| seeds.clone().unwrap_or(Ok(usual));
    match arguments.first().map(String::as_str) {
        Some("coverage") => coverage::run(seeds(400)?),
        Some("drift") => drift::run(seeds(200)?),
        Some("aa") => trials::alike(seeds(10_000)?),
        Some("power") => trials::power(seeds(1000)?),
        _ => return Err("wanted coverage, drift, aa or power".into()),
    }
    Ok(())
}
