//! Holds the counts of this repository's files to tiktoken's.

use crate::Failure;
use crate::texts::{Chance, files, made_up, part};
use promptfare::tokens::bpe::{Bpe, Encoding};
use std::io::Write;
use std::path::Path;

/// Counts at least `wanted` texts both ways.
pub fn run(wanted: usize, folders: &[&str]) -> Result<(), Failure> {
    let load = |encoding: Encoding| -> Result<Bpe, Failure> {
        let path =
            format!("{}/../../vocabularies/{}.bin", env!("CARGO_MANIFEST_DIR"), encoding.name());
        Ok(Bpe::from_bytes(encoding, &std::fs::read(path)?)?)
    };
    let ours = [load(Encoding::Cl100kBase)?, load(Encoding::O200kBase)?];
    let theirs = [tiktoken_rs::cl100k_base()?, tiktoken_rs::o200k_base()?];
    let mut output = match std::env::var_os("TEXTS_TO") {
        Some(path) => Some(std::io::BufWriter::new(std::fs::File::create(path)?)),
        None => None,
    };
    let (mut texts, mut bytes, mut tokens, mut wrong) = (0u64, 0u64, 0u64, 0u64);
    let mut check = |text: &str| -> Result<(), Failure> {
        let mut counts = [0; 2];
        for ((ours, theirs), count) in ours.iter().zip(&theirs).zip(&mut counts) {
            let encoded = theirs.encode_ordinary(text);
            *count = ours.count(text);
            let right = *count == encoded.len() as u64
                && ours.encode(text) == encoded
                && ours.count_till_limit(text, *count) == Some(*count)
                && (*count == 0 || ours.count_till_limit(text, *count - 1).is_none());
            if !right {
                wrong += 1;
                if wrong <= 20 {
                    let name = ours.encoding().name();
                    println!("{name}: {count}, wanted {}: {text:?}", encoded.len());
                }
            }
            tokens += encoded.len() as u64;
        }
        texts += 1;
        bytes += text.len() as u64;
        if let Some(output) = &mut output {
            serde_json::to_writer(&mut *output, &(text, counts[0], counts[1]))?;
            output.write_all(b"\n")?;
        }
        Ok(())
    };

    let mut chance = Chance(0x9e37_79b9_7f4a_7c15);
    for length in [1 << 12, 1 << 16] {
        for unit in ["a", " ", "=", "\n", "漢", "0", "ab", " \n", "Aa", "\u{301}", "🎉", "é", "the"]
        {
            check(&unit.repeat(length / unit.len()))?;
        }
    }
    for character in ('\0'..=char::MAX).step_by(7) {
        check(&format!("a{character}B{character} {character}"))?;
        if character as usize > 7 * wanted {
            break;
        }
    }

    let mut found = Vec::new();
    for folder in folders {
        files(Path::new(folder), &mut found)?;
    }
    if !found.is_empty() {
        let each = (wanted / 2).div_ceil(found.len());
        for path in &found {
            let Ok(content) = std::fs::read(path) else { continue };
            let content = String::from_utf8_lossy(&content);
            if content.is_empty() {
                continue;
            }
            for _ in 0..each {
                check(&part(&content, &mut chance))?;
            }
        }
        println!("parts of {} files were among them", found.len());
    }
    for _ in 0..wanted / 2 {
        check(&made_up(&mut chance))?;
    }
    println!("{texts} texts, {bytes} bytes, {tokens} tokens in two vocabularies, {wrong} wrong");
    if wrong == 0 { Ok(()) } else { Err(format!("{wrong} counts differ from tiktoken's").into()) }
}
