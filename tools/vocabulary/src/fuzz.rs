//! Damaged vocabularies, with and without a hash that fits: an error or a vocabulary, nothing else.

use crate::Failure;
use crate::texts::{Chance, made_up};
use promptfare::tokens::bpe::{Bpe, Encoding};
use promptfare::tokens::vocabulary;
use std::time::{Duration, Instant};

/// Loads damaged files for so many seconds, and counts with those that load.
pub fn run(seconds: u64) -> Result<(), Failure> {
    let mut chance = Chance(Instant::now().elapsed().subsec_nanos().into());
    chance.0 |= 0x9e37_79b9_7f4a_7c15;
    let end = Instant::now() + Duration::from_secs(seconds);
    let (mut files, mut loaded, mut slowest) = (0u64, 0u64, Duration::ZERO);
    while Instant::now() < end {
        for encoding in Encoding::ALL {
            let path = format!(
                "{}/../../vocabularies/{}.bin",
                env!("CARGO_MANIFEST_DIR"),
                encoding.name()
            );
            let file = std::fs::read(path)?;
            let (name, payload) = vocabulary::read(&file)?;
            let mut payload = payload.to_vec();
            // Early bytes are worth most: the alphabet, the length, the first merges.
            let reach = [300, 2000, payload.len()][chance.below(3)].min(payload.len());
            for _ in 0..1 + chance.below(4) {
                let at = chance.below(reach);
                match chance.below(5) {
                    0 => payload[at] ^= 1 << chance.below(8),
                    1 => payload[at] = chance.below(256) as u8,
                    2 => payload[at..].iter_mut().for_each(|byte| *byte = chance.below(256) as u8),
                    3 => payload.swap(at, chance.below(reach)),
                    _ => payload.truncate(at.max(1)),
                }
                if payload.len() <= reach {
                    break;
                }
            }
            let file = match chance.below(8) {
                0 => [&file[..chance.below(60)], &payload[..]].concat(),
                _ => vocabulary::write(name, &payload)?,
            };
            let start = Instant::now();
            files += 1;
            if let Ok(bpe) = Bpe::from_bytes(encoding, &file) {
                loaded += 1;
                for _ in 0..20 {
                    let text = made_up(&mut chance);
                    // Merges that no training makes need not be the same in every way of merging.
                    let (count, encoded) = (bpe.count(&text), bpe.encode(&text).len());
                    if (count == 0 || encoded == 0) && !text.is_empty() {
                        return Err(format!("lost tokens of {text:?}").into());
                    }
                }
            }
            slowest = slowest.max(start.elapsed());
        }
    }
    println!(
        "{files} damaged files in {seconds} s: {loaded} loaded and counted, the others were refused, no panic; the slowest took {slowest:?}"
    );
    Ok(())
}
