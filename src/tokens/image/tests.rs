use super::*;
use proptest::prelude::*;

fn model(lab: &str, id: &str) -> Model {
    Model { lab: lab.to_owned(), ..Model::unlisted(id) }
}

fn cost(lab: &str, id: &str, width: u32, height: u32) -> u64 {
    rule(&model(lab, id)).rule.tokens(Some((width, height)), None).tokens
}

#[test]
fn recorded_sizes() {
    // Each line was billed (framing facts of 2026-11-22).
    assert_eq!(cost("anthropic", "claude-sonnet-4-5", 3008, 2000), 1568);
    assert_eq!(cost("anthropic", "claude-sonnet-4-5", 1800, 1200), 1536);
    assert_eq!(cost("anthropic", "claude-opus-4-7", 1800, 1200), 2795);
    for (w, h, tokens) in
        [(128, 128, 36), (540, 360, 280), (640, 480, 432), (275, 183, 80), (995, 996, 1296)]
    {
        assert_eq!(cost("anthropic", "claude-3-5-haiku", w, h), tokens);
    }
    assert_eq!(cost("openai", "gpt-4o", 640, 480), 425);
    assert_eq!(cost("openai", "gpt-4o", 3008, 2000), 1105);
    assert_eq!(cost("openai", "gpt-4o", 1032, 848), 765);
    assert_eq!(cost("openai", "gpt-4o-mini", 640, 480), 14167);
    assert_eq!(cost("openai", "gpt-4o-mini", 32, 32), 8500);
    assert_eq!(cost("openai", "gpt-4.1-nano", 128, 128), 41);
    assert_eq!(cost("openai", "gpt-4.1-nano", 540, 360), 503);
    assert_eq!(cost("mistral", "mistral-small-latest", 64, 64), 12);
    assert_eq!(cost("google", "gemini-2.5-flash", 1800, 1200), 258);
}

#[test]
fn low_detail_is_the_base() {
    let rule = rule(&model("openai", "gpt-4o")).rule;
    assert_eq!(rule.tokens(Some((4000, 3000)), Some("low")), Interval::exact(85));
    assert_eq!(rule.tokens(None, Some("low")), Interval::exact(85));
}

#[test]
fn unknown_size_is_an_interval() {
    let interval = rule(&model("anthropic", "claude-sonnet-4")).rule.tokens(None, None);
    assert!(interval.low == 1 && interval.high == 1568);
}

/// Headers of our own making, one per format, all 321 x 123.
fn samples() -> Vec<(&'static str, Vec<u8>)> {
    let (w, h) = (321_u32, 123_u32);
    let mut png = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".to_vec();
    png.extend(w.to_be_bytes().into_iter().chain(h.to_be_bytes()));
    let mut gif = b"GIF89a".to_vec();
    gif.extend((w as u16).to_le_bytes().into_iter().chain((h as u16).to_le_bytes()));
    // An application segment, a fill byte, then the frame.
    let mut jpeg = vec![0xFF, 0xD8, 0xFF, 0xE0, 0, 16];
    jpeg.extend([0; 14]);
    jpeg.extend([0xFF, 0xFF, 0xC2, 0, 17, 8]);
    jpeg.extend((h as u16).to_be_bytes().into_iter().chain((w as u16).to_be_bytes()));
    let riff = |name: &[u8], rest: &[u8]| [b"RIFF\0\0\0\0WEBP", name, &[0, 0, 0, 0], rest].concat();
    let mut lossy = vec![0, 0, 0, 0x9D, 0x01, 0x2A];
    lossy.extend((w as u16).to_le_bytes().into_iter().chain((h as u16).to_le_bytes()));
    let bits = (w - 1) | (h - 1) << 14;
    let lossless = [&[0x2F][..], &bits.to_le_bytes()].concat();
    let extended = [&[0; 4][..], &(w - 1).to_le_bytes()[..3], &(h - 1).to_le_bytes()[..3]].concat();
    let boxed = |name: &[u8], inside: &[u8]| {
        [&(inside.len() as u32 + 8).to_be_bytes()[..], name, inside].concat()
    };
    let ispe = |w: u32, h: u32| {
        boxed(b"ispe", &[&[0; 4][..], &w.to_be_bytes(), &h.to_be_bytes()].concat())
    };
    let properties = [ispe(64, 64), boxed(b"pixi", &[0; 8]), ispe(w, h), ispe(100, 100)].concat();
    let meta =
        [&[0; 4][..], &boxed(b"hdlr", &[0; 24]), &boxed(b"iprp", &boxed(b"ipco", &properties))]
            .concat();
    let avif =
        [boxed(b"ftyp", b"avif\0\0\0\0avif"), boxed(b"meta", &meta), boxed(b"mdat", &[0; 9])]
            .concat();
    vec![
        ("png", png),
        ("gif", gif),
        ("jpeg", jpeg),
        ("webp lossy", riff(b"VP8 ", &lossy)),
        ("webp lossless", riff(b"VP8L", &lossless)),
        ("webp extended", riff(b"VP8X", &extended)),
        ("avif", avif),
    ]
}

fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::new();
    for chunk in bytes.chunks(3) {
        let n = (u32::from(chunk[0]) << 16)
            | (u32::from(*chunk.get(1).unwrap_or(&0)) << 8)
            | u32::from(*chunk.get(2).unwrap_or(&0));
        for i in 0..4 {
            let digit = DIGITS[(n >> (18 - 6 * i) & 63) as usize] as char;
            out.push(if i > chunk.len() { '=' } else { digit });
        }
    }
    out
}

#[test]
fn reads_every_format() {
    for (name, bytes) in samples() {
        assert_eq!(size_of_bytes(&bytes), Some((321, 123)), "{name}");
        let text = base64(&bytes);
        let url = format!("data:image/{name};base64,{text}");
        assert_eq!(size_of_data_url(&url), Some((321, 123)), "{name} as data URL");
        let broken: String = text
            .as_bytes()
            .chunks(7)
            .map(|c| format!("{}\r\n", std::str::from_utf8(c).unwrap()))
            .collect();
        assert_eq!(size_of_base64(&broken), Some((321, 123)), "{name} in lines");
        let quoted = format!(
            "DATA:image/x;charset=a;Base64,{}",
            text.replace('+', "%2B").replace('/', "%2f")
        );
        assert_eq!(size_of_data_url(&quoted), Some((321, 123)), "{name} percent-coded");
        // Any cut gives the size or nothing, never another size.
        for end in 0..bytes.len() {
            let found = size_of_bytes(&bytes[..end]);
            assert!(
                found.is_none() || name == "avif" || found == Some((321, 123)),
                "{name} cut at {end}"
            );
        }
    }
}

#[test]
fn what_is_no_picture_has_no_size() {
    for text in [
        "",
        "data:",
        "data:image/png;base64,",
        "https://example.com/a.png",
        "data:image/svg+xml,<svg/>",
    ] {
        assert_eq!(size_of_data_url(text), None, "{text}");
    }
    assert_eq!(size_of_bytes(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\0\0\0\0\x01"), None);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn any_bytes_end_quietly(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        let _ = size_of_bytes(&bytes);
        let _ = size_of_base64(&String::from_utf8_lossy(&bytes));
    }

    #[test]
    fn damaged_headers_end_quietly(which in 0_usize..7, changes in proptest::collection::vec((any::<usize>(), any::<u8>()), 1..12)) {
        let (_, mut bytes) = samples().swap_remove(which);
        for (place, value) in changes {
            let place = place % bytes.len();
            bytes[place] = value;
        }
        let direct = size_of_bytes(&bytes);
        prop_assert!(direct.is_none_or(|(w, h)| w > 0 && h > 0));
        prop_assert_eq!(size_of_base64(&base64(&bytes)), direct);
    }

    #[test]
    fn larger_never_costs_less(
        width in 1_u32..3000, height in 1_u32..3000, which in 0_usize..8, times in 2_u32..6,
    ) {
        let (lab, id) = [("anthropic", "claude-sonnet-4"), ("anthropic", "claude-opus-4-8"),
            ("anthropic", "claude-3-5-haiku"), ("openai", "gpt-4o"), ("openai", "gpt-4o-mini"),
            ("mistral", "mistral-small"), ("mistral", "pixtral-12b"), ("google", "gemini-2.5-pro")][which];
        // Of exactly the same proportions: a pixel more on one side can begin another row of tiles.
        prop_assert!(cost(lab, id, width, height) <= cost(lab, id, width * times, height * times) + 2 * 41);
        let limit = match id { "claude-sonnet-4" | "claude-3-5-haiku" => 1568, "claude-opus-4-8" => 4784, _ => 60_000 };
        prop_assert!(cost(lab, id, width, height) <= limit);
        prop_assert!(cost(lab, id, width * times, height * times) <= limit);
    }

    #[test]
    fn advice_holds(width in 1_u32..6000, height in 1_u32..6000, which in 0_usize..4) {
        let (lab, id) = [("anthropic", "claude-sonnet-4"), ("openai", "gpt-4o"), ("openai", "gpt-4.1-mini"),
            ("mistral", "mistral-small")][which];
        let model = model(lab, id);
        let advice = advice(&model, width, height).unwrap();
        prop_assert_eq!(advice.tokens, cost(lab, id, width, height));
        if let Some(((w, h), tokens)) = advice.cheaper {
            prop_assert_eq!(cost(lab, id, w, h), tokens);
            prop_assert!(tokens < advice.tokens && w <= width && h <= height);
            prop_assert_eq!(advice.saved, advice.tokens - tokens);
        }
        if let Some((w, h)) = advice.same_view {
            prop_assert!(w <= width && h <= height);
        }
    }
}

#[test]
fn hostile_sizes_are_bounded() {
    for (lab, id) in [
        ("anthropic", "claude-sonnet-4"),
        ("openai", "gpt-4o"),
        ("openai", "gpt-4.1-nano"),
        ("mistral", "pixtral-12b"),
    ] {
        for (w, h) in [(u32::MAX, u32::MAX), (u32::MAX, 1), (1, u32::MAX)] {
            assert!(cost(lab, id, w, h) < 100_000, "{id} {w}x{h}: {}", cost(lab, id, w, h));
        }
    }
    // A chain of the shortest segments: looked at for a bounded number of steps.
    let chain: Vec<u8> =
        [0xFF, 0xD8].into_iter().chain([0xFF, 0xE1, 0, 2].repeat(1 << 20)).collect();
    assert_eq!(size_of_bytes(&chain), None);
}
