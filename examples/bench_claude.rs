//! Speed of Claude's counts, native: `cargo run --release --example bench_claude`.
//!
//! Prints, by kind of text, MB/s at 10 kB and at 1 MB, the best of several rounds, for both
//! vocabularies; and how long a vocabulary takes to load.

#![allow(clippy::indexing_slicing)] // a list of words is not empty

use promptfare::tokens::claude::{Claude, Frame};
use std::hint::black_box;
use std::time::{Duration, Instant};

/// Words in the order of a pseudo-random sequence, so that no sentence comes twice.
fn shuffled(passage: &str, separator: &str, bytes: usize) -> String {
    let words: Vec<&str> = passage.split_whitespace().collect();
    let mut state = 0x2545_F491_4F6C_DD1Du64;
    let mut out = String::with_capacity(bytes + 32);
    while out.len() < bytes {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        out.push_str(words[(state % words.len() as u64) as usize]);
        out.push_str(separator);
    }
    out
}

const ENGLISH: &str = "The ferry leaves at half past seven, and whoever is late must wait until the \
    evening tide has turned. Nobody on the quay complains about that: people who live on islands \
    know how little a timetable means when the wind comes from the north. In the waiting room an \
    old poster shows the price of a crossing forty years ago, which was less than what a cup of \
    coffee costs today. Marta reads it every time she travels, although she has known it by heart \
    since she was a child; she likes the drawing of the ship, whose captain seems to look at her \
    kindly. Suddenly the loudspeaker crackles and announces something that nobody understands. \
    Engineers have tried to repair it twice, without success, because the salt gets everywhere.";
const RUSSIAN: &str = "Паром отходит в половине восьмого, и опоздавшим приходится ждать до вечера. \
    Никто на причале не жалуется: жители островов знают, как мало значит расписание, когда ветер \
    дует с севера. Марта читает старый плакат каждый раз, хотя помнит его наизусть с самого детства.";
const CHINESE: &str = "渡轮 七点半 出发， 迟到 的人 只好 等到 傍晚 潮水 转向 。 码头上 没有 人 抱怨： 住在 岛上 \
    的 人 都 知道， 北风 一 吹， 时刻表 就 没有 多少 意义 了。";
const JAPANESE: &str = "フェリーは 七時半に 出発し、 遅れた 人は 夕方の 潮が 変わるまで 待たなければ なりません。 \
    桟橋では 誰も 不平を 言いません。";
const HINDI: &str = "नौका साढ़े सात बजे निकलती है, और जो देर से आता है उसे शाम के ज्वार तक रुकना पड़ता है। घाट पर कोई शिकायत नहीं करता।";
const RUST: &str = "fn main() { let mut total = 0; for (index, value) in values.iter().enumerate() { \
    if value.is_some() && index % 2 == 0 { total += value.unwrap_or(0) * 16; } } \
    println!(\"{total:>8}\"); } pub struct Ferry<'a> { name: &'a str, leaves_at: u32 } // the tide";

fn kinds(bytes: usize) -> Vec<(&'static str, String)> {
    let mut state = 88_172_645_463_325_252u64;
    let mut letter = move |alphabet: &str| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        char::from(alphabet.as_bytes()[(state >> 11) as usize % alphabet.len()])
    };
    let base64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let lower = "abcdefghijklmnopqrstuvwxyz";
    let repeat = |text: &str| text.repeat(bytes / text.len());
    vec![
        ("English", shuffled(ENGLISH, " ", bytes)),
        ("English, curly", shuffled(&ENGLISH.replace("she", "“she’s”"), " ", bytes)),
        ("Russian", shuffled(RUSSIAN, " ", bytes)),
        ("Chinese", shuffled(CHINESE, "", bytes)),
        ("Japanese", shuffled(JAPANESE, "", bytes)),
        ("Hindi", shuffled(HINDI, " ", bytes)),
        ("Rust", shuffled(RUST, " ", bytes)),
        ("JSON", repeat("{\"id\":10482,\"name\":\"ferry\",\"open\":true,\"at\":[59.12,10.4]},")),
        ("base64", (0..bytes).map(|_| letter(base64)).collect()),
        ("random letters", (0..bytes).map(|_| letter(lower)).collect()),
        ("capitals", (0..bytes).map(|_| letter("ABCDEFGHIJKLMNOPQRSTUVWXYZ")).collect()),
        ("emoji", repeat("👩\u{200d}💻🇩🇪⚖️👍🏽")),
        ("aaaa", repeat("a")),
        ("spaces", repeat(" ")),
        ("newlines", repeat("\n")),
        ("====", repeat("=")),
        ("....", repeat(".")),
        ("runs of 100", repeat(&format!("{}{}", "=".repeat(100), ".".repeat(100)))),
        ("-=-=", repeat("-=")),
        ("nationation", repeat("nation")),
        ("marks", repeat("\u{301}\u{323}")),
        ("NFD", repeat("e\u{301}u\u{308}a\u{323}\u{302} ")),
        ("jamo", repeat("\u{1112}\u{1161}\u{11ab}")),
        ("one ideograph", repeat("字")),
    ]
}

fn speed(claude: &Claude, text: &str) -> f64 {
    let mut best = Duration::MAX;
    let start = Instant::now();
    for _ in 0..1000 {
        let begin = Instant::now();
        black_box(claude.count(black_box(text), Frame::Transcript));
        best = best.min(begin.elapsed());
        if start.elapsed() > Duration::from_millis(150) {
            break;
        }
    }
    text.len() as f64 / 1e6 / best.as_secs_f64()
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut loaded = Vec::new();
    for name in ["claude-3", "claude-4.7"] {
        let path = format!("{}/vocabularies/{name}.bin", env!("CARGO_MANIFEST_DIR"));
        let file = std::fs::read(path)?;
        let mut best = Duration::MAX;
        for _ in 0..9 {
            let begin = Instant::now();
            black_box(Claude::from_bytes(&file)?);
            best = best.min(begin.elapsed());
        }
        println!("{name}: {} bytes, loaded in {:.1} ms", file.len(), best.as_secs_f64() * 1e3);
        loaded.push(Claude::from_bytes(&file)?);
    }
    println!(
        "\n| MB/s | claude-3, 10 kB | 1 MB | claude-4.7, 10 kB | 1 MB |\n| --- | --- | --- | --- | --- |"
    );
    for ((name, small), (_, large)) in kinds(10_000).into_iter().zip(kinds(1_000_000)) {
        let figures: Vec<String> = loaded
            .iter()
            .flat_map(|claude| [speed(claude, &small), speed(claude, &large)])
            .map(|figure| format!("{figure:.0}"))
            .collect();
        println!("| {name} | {} |", figures.join(" | "));
    }
    Ok(())
}
