//! How fast OpenAI's vocabularies load and count, natively: `cargo bench --bench openai_counts`.
//!
//! Figures are the best of several rounds. "fresh" counts texts that were never seen, one after the
//! other; "repeat" counts one text again. The texts are made of a few sentences of our own, shuffled,
//! and of noise; the last ones are made to resist, and say how long a megabyte takes compared with a
//! megabyte of English.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, missing_docs)]

use promptfare::tokens::bpe::{Bpe, Encoding};
use promptfare::tokens::live::LiveCounter;
use std::time::Instant;

const ENGLISH: &str = "The fare is told before the ride and the bill is held against it after; whoever \
    writes a long letter wants to know what it costs, which coach is fast enough, and whether a \
    cheaper one would bring it there as well without losing anything of importance on the way";
const RUSSIAN: &str = "Стоимость поездки известна заранее, а счёт сверяется после; кто пишет длинное \
    письмо, хочет знать его цену, подходящую скорость и то, не довезёт ли его другой экипаж дешевле";
const CHINESE: &str = "票价 在 出发 之前 告知 账单 在 到达 之后 核对 写 长信 的 人 想 知道 要 花费 多少 钱 哪 一辆 马车 \
    足够 快 更 便宜 的 是否 也 能够 送到";
const HINDI: &str = "किराया सफ़र से पहले बताया जाता है और बिल बाद में मिलाया जाता है जो लंबा पत्र लिखता है वह दाम \
    जानना चाहता है";
const ARABIC: &str =
    "تُعرف الأجرة قبل الرحلة ويُراجع الحساب بعدها ومن يكتب رسالة طويلة يريد أن يعرف ثمنها";
const CODE: &str = "fn fare(&self, ride: Ride) -> Result<u64> {\n|    let rate = self.rates.get(ride.class)?;\n\
    |    Ok(rate * ride.miles)\n|}\n|\n|    if (total > limit) { return None; }\n|    for (i, item) in items.iter().enumerate() {\n\
    |        // comment, why it is so\n|        sum += item.count as u64;\n|    }\n";

struct Chance(u64);

impl Chance {
    fn below(&mut self, end: usize) -> usize {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % end
    }
}

fn shuffled(
    chance: &mut Chance,
    text: &str,
    separator: char,
    joint: &str,
    length: usize,
) -> String {
    let words: Vec<&str> =
        text.split(separator).map(|w| if joint == " " { w.trim() } else { w }).collect();
    let mut out = String::new();
    while out.len() < length {
        out.push_str(words[chance.below(words.len())]);
        out.push_str(if joint == " " && chance.below(12) == 0 { ".\n" } else { joint });
    }
    out
}

fn noise(chance: &mut Chance, characters: &str, length: usize) -> String {
    let characters: Vec<char> = characters.chars().collect();
    let mut out = String::new();
    while out.len() < length {
        out.push(characters[chance.below(characters.len())]);
    }
    out
}

const KINDS: [&str; 10] =
    ["english", "russian", "chinese", "hindi", "arabic", "code", "json", "base64", "hex", "emoji"];

fn text(kind: &str, chance: &mut Chance, length: usize) -> String {
    match kind {
        "english" => shuffled(chance, ENGLISH, ' ', " ", length),
        "russian" => shuffled(chance, RUSSIAN, ' ', " ", length),
        "chinese" => {
            let mut text = shuffled(chance, CHINESE, ' ', "", length);
            text.retain(|c| !c.is_whitespace());
            text
        }
        "hindi" => shuffled(chance, HINDI, ' ', " ", length),
        "arabic" => shuffled(chance, ARABIC, ' ', " ", length),
        "code" => shuffled(chance, CODE, '|', "", length),
        "json" => {
            let mut out = String::new();
            while out.len() < length {
                let (id, value) = (chance.below(100_000), chance.below(1 << 30));
                out += &format!(
                    "{{\"id\":{id},\"name\":\"user{}\",\"value\":0.{value},\"ok\":true}},",
                    id % 77
                );
            }
            out
        }
        "base64" => noise(
            chance,
            "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/",
            length,
        ),
        "hex" => noise(chance, "0123456789abcdef", length),
        _ => noise(chance, "😀🎉🚀👍🏽❤️👩‍👧 ", length),
    }
}

/// The best of `rounds` runs, in seconds.
fn best(rounds: usize, mut run: impl FnMut(usize)) -> f64 {
    (0..rounds)
        .map(|round| {
            let start = Instant::now();
            run(round);
            start.elapsed().as_secs_f64()
        })
        .fold(f64::MAX, f64::min)
}

fn main() {
    for encoding in [Encoding::O200kBase, Encoding::Cl100kBase] {
        let name = encoding.name();
        let path = format!("{}/vocabularies/{name}.bin", env!("CARGO_MANIFEST_DIR"));
        let file = std::fs::read(path).unwrap();
        let load = best(5, |_| assert!(Bpe::from_bytes(encoding, &file).is_ok()));
        println!("\n{name}: {} bytes, loaded in {:.1} ms", file.len(), load * 1e3);
        let bpe = Bpe::from_bytes(encoding, &file).unwrap();

        println!("{:<10} {:>9} {:>12} {:>12}", "text", "bytes", "fresh MB/s", "repeat MB/s");
        for kind in KINDS {
            for length in [200, 10_000, 1_000_000] {
                let mut chance = Chance(length as u64);
                let many = (2_000_000 / length).clamp(2, 500);
                let texts: Vec<String> =
                    (0..many).map(|_| text(kind, &mut chance, length)).collect();
                let bytes: usize = texts.iter().map(String::len).sum();
                let fresh = best(1, |_| texts.iter().for_each(|t| assert!(bpe.count(t) > 0)));
                let repeat = best(3, |_| (0..many).for_each(|_| assert!(bpe.count(&texts[0]) > 0)));
                println!(
                    "{kind:<10} {length:>9} {:>12.1} {:>12.1}",
                    bytes as f64 / fresh / 1e6,
                    (many * texts[0].len()) as f64 / repeat / 1e6
                );
            }
        }

        let mut chance = Chance(7);
        let english = text("english", &mut chance, 1_000_000);
        let base = best(3, |_| assert!(bpe.count(&english) > 0)) / english.len() as f64;
        println!("\n{:<10} {:>12} {:>20}", "1 MB of", "MB/s", "times English");
        let alphabets = [
            "a",
            " ",
            "=",
            "\n",
            "漢",
            "7",
            "ab",
            " \n",
            "\u{301}",
            "🎉",
            "abcdefghijklmnopqrstuvwxyz",
            "=-*/#_.",
        ];
        for alphabet in alphabets {
            let text = noise(&mut chance, alphabet, 1_000_000);
            let time = best(3, |_| assert!(bpe.count(&text) > 0)) / text.len() as f64;
            println!(
                "{:<10} {:>12.1} {:>20.2}",
                format!("{alphabet:?}").chars().take(9).collect::<String>(),
                1e-6 / time,
                time / base
            );
        }

        println!("\n{:<10} {:>9} {:>12} {:>12}", "typing", "units", "p50 ms", "p95 ms");
        for (kind, alphabet) in [
            ("english", None),
            ("chinese", None),
            ("spaces", Some(" ")),
            ("letters", Some("abcdefghijklmnopqrstuvwxyz")),
        ] {
            for length in [50_000, 500_000, 4_000_000] {
                let text = match alphabet {
                    Some(alphabet) => noise(&mut chance, alphabet, length),
                    None => text(kind, &mut chance, length),
                };
                let units: Vec<u16> = text.encode_utf16().collect();
                let mut live = LiveCounter::new(&bpe, &units);
                let typed: Vec<u16> = text.encode_utf16().take(40).collect();
                let mut times = Vec::new();
                for _ in 0..20 {
                    let at = chance.below(live.length());
                    for (i, unit) in typed.iter().enumerate() {
                        let start = Instant::now();
                        assert!(live.splice(at + i, 0, &[*unit]).is_ok());
                        times.push(start.elapsed().as_secs_f64() * 1e3);
                    }
                }
                times.sort_by(f64::total_cmp);
                println!(
                    "{kind:<10} {length:>9} {:>12.4} {:>12.4}",
                    times[times.len() / 2],
                    times[times.len() * 95 / 100]
                );
            }
        }
    }
}
