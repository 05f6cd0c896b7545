//! Width and height of a picture, from its first bytes or from a `data:` URL. No pixel is decoded,
//! and of a `data:` URL only the base64 groups that are looked at.
//!
//! Formats, by their public specifications: PNG (ISO/IEC 15948), JPEG (ITU T.81), GIF89a, WebP
//! (RFC 9649: VP8, VP8L, VP8X), AVIF and HEIF (ISO/IEC 23008-12 `ispe` in ISO/IEC 14496-12 boxes).
//! What is not one of them, or is cut or damaged before its size, has no size: `None`.

use std::cell::Cell;

/// Width and height in pixels, both above zero.
pub type Size = (u32, u32);

/// Steps that a chain of segments or boxes may take. Real files need some dozens; the bound keeps
/// a hostile file from costing more than a glance.
const MOST_STEPS: usize = 4096;

/// The size of the picture that `bytes` begin, in pixels.
pub fn size_of_bytes(bytes: &[u8]) -> Option<Size> {
    size(&Source::Bytes(bytes))
}

/// The size of the picture in a `data:` URL (base64, standard or URL alphabet, white space and
/// `%xx` tolerated), in pixels. `None` for any other URL.
pub fn size_of_data_url(url: &str) -> Option<Size> {
    let (head, body) = url.trim_start().split_once(',')?;
    if !head.get(..5)?.eq_ignore_ascii_case("data:") || !is_base64(head) {
        return None;
    }
    size_of_base64(body)
}

/// The size of the picture in base64 text, in pixels.
pub fn size_of_base64(text: &str) -> Option<Size> {
    let damaged = Cell::new(false);
    // Text in lines shows it early: lines of base64 have 64 or 76 digits.
    let broken = text.bytes().take(256).any(|byte| sextet(byte).is_none() && byte != b'=');
    if !broken {
        let found = size(&Source::Base64 { text: text.as_bytes(), damaged: &damaged });
        if !damaged.get() {
            return found;
        }
    }
    // Line breaks or percent signs stand in between, so places cannot be computed: once cleaned,
    // the same look again.
    let clean: Vec<u8> = cleaned(text.as_bytes());
    damaged.set(false);
    let found = size(&Source::Base64 { text: &clean, damaged: &damaged });
    found.filter(|_| !damaged.get())
}

/// The first `most` bytes of a `data:` URL, or of base64 text; empty where it is neither.
pub(crate) fn bytes_of_data_url(text: &str, most: usize) -> Vec<u8> {
    let body = match text.split_once(',') {
        Some((head, body)) if is_base64(head) => body,
        Some(_) => return Vec::new(),
        None => text,
    };
    let clean = cleaned(body.as_bytes());
    let damaged = Cell::new(false);
    let source = Source::Base64 { text: &clean, damaged: &damaged };
    (0..most).map_while(|at| source.byte(at)).collect()
}

/// Whether the part before the comma says base64, as the last of its parameters.
fn is_base64(head: &str) -> bool {
    head.rsplit(';').next().is_some_and(|last| last.trim().eq_ignore_ascii_case("base64"))
}

/// Base64 text without white space, `%xx` replaced by what it stands for.
fn cleaned(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text.iter().copied();
    while let Some(byte) = rest.next() {
        match byte {
            b'%' => {
                let digit = |b: Option<u8>| b.and_then(|b| char::from(b).to_digit(16));
                if let (Some(high), Some(low)) = (digit(rest.next()), digit(rest.next())) {
                    let byte = (high * 16 + low) as u8;
                    if !byte.is_ascii_whitespace() {
                        out.push(byte);
                    }
                }
            }
            _ if byte.is_ascii_whitespace() => {}
            _ => out.push(byte),
        }
    }
    out
}

/// Bytes by position, however they are stored.
enum Source<'a> {
    Bytes(&'a [u8]),
    Base64 { text: &'a [u8], damaged: &'a Cell<bool> },
}

impl Source<'_> {
    fn byte(&self, at: usize) -> Option<u8> {
        match self {
            Self::Bytes(bytes) => bytes.get(at).copied(),
            Self::Base64 { text, damaged } => {
                let group = (at / 3).checked_mul(4)?;
                let digit = |offset: usize| {
                    let byte = *text.get(group.checked_add(offset)?)?;
                    let value = sextet(byte);
                    if value.is_none() && byte != b'=' {
                        damaged.set(true);
                    }
                    value
                };
                match at % 3 {
                    0 => Some(digit(0)? << 2 | digit(1)? >> 4),
                    1 => Some(digit(1)? << 4 | digit(2)? >> 2),
                    _ => Some(digit(2)? << 6 | digit(3)?),
                }
            }
        }
    }

    fn big_16(&self, at: usize) -> Option<u32> {
        Some(u32::from(self.byte(at)?) << 8 | u32::from(self.byte(at.checked_add(1)?)?))
    }

    fn big_32(&self, at: usize) -> Option<u32> {
        Some(self.big_16(at)? << 16 | self.big_16(at.checked_add(2)?)?)
    }

    fn little_16(&self, at: usize) -> Option<u32> {
        Some(self.big_16(at)?.swap_bytes() >> 16)
    }

    fn little_24(&self, at: usize) -> Option<u32> {
        Some(self.little_16(at)? | u32::from(self.byte(at.checked_add(2)?)?) << 16)
    }

    fn starts(&self, at: usize, with: &[u8]) -> bool {
        with.iter()
            .enumerate()
            .all(|(i, &byte)| at.checked_add(i).and_then(|place| self.byte(place)) == Some(byte))
    }
}

fn sextet(byte: u8) -> Option<u8> {
    match byte {
        b'A'..=b'Z' => Some(byte - b'A'),
        b'a'..=b'z' => Some(byte - b'a' + 26),
        b'0'..=b'9' => Some(byte - b'0' + 52),
        b'+' | b'-' => Some(62),
        b'/' | b'_' => Some(63),
        _ => None,
    }
}

fn size(source: &Source) -> Option<Size> {
    let found = if source.starts(0, b"\x89PNG\r\n\x1a\n") {
        // The first chunk is IHDR: length, name, width, height. Apple's CgBI may precede it.
        let header = if source.starts(12, b"CgBI") { 28 } else { 12 };
        if !source.starts(header, b"IHDR") {
            return None;
        }
        (source.big_32(header + 4)?, source.big_32(header + 8)?)
    } else if source.starts(0, b"GIF87a") || source.starts(0, b"GIF89a") {
        (source.little_16(6)?, source.little_16(8)?)
    } else if source.starts(0, &[0xFF, 0xD8]) {
        jpeg(source)?
    } else if source.starts(0, b"RIFF") && source.starts(8, b"WEBP") {
        webp(source)?
    } else if source.starts(4, b"ftyp") {
        boxes(source)?
    } else {
        return None;
    };
    (found.0 > 0 && found.1 > 0).then_some(found)
}

fn jpeg(source: &Source) -> Option<Size> {
    let mut at = 2_usize;
    for _ in 0..MOST_STEPS {
        // Any number of fill bytes may stand before a marker.
        let mut marker = source.byte(at)?;
        if marker != 0xFF {
            return None;
        }
        while marker == 0xFF {
            at = at.checked_add(1)?;
            marker = source.byte(at)?;
        }
        at = at.checked_add(1)?;
        match marker {
            // Start of frame, baseline to lossless arithmetic; C4, C8 and CC are tables.
            0xC0..=0xC3 | 0xC5..=0xC7 | 0xC9..=0xCB | 0xCD..=0xCF => {
                return Some((
                    source.big_16(at.checked_add(5)?)?,
                    source.big_16(at.checked_add(3)?)?,
                ));
            }
            // Markers without a length.
            0x01 | 0xD0..=0xD7 => {}
            // Scan data or the end before any frame header.
            0x00 | 0xD8..=0xDA => return None,
            _ => {
                let length = source.big_16(at)? as usize;
                if length < 2 {
                    return None;
                }
                at = at.checked_add(length)?;
            }
        }
    }
    None
}

fn webp(source: &Source) -> Option<Size> {
    if source.starts(12, b"VP8X") {
        return Some((source.little_24(24)? + 1, source.little_24(27)? + 1));
    }
    if source.starts(12, b"VP8L") && source.byte(20)? == 0x2F {
        let bits = source.little_16(21)? | source.little_16(23)? << 16;
        return Some(((bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1));
    }
    if source.starts(12, b"VP8 ") && source.starts(23, &[0x9D, 0x01, 0x2A]) {
        return Some((source.little_16(26)? & 0x3FFF, source.little_16(28)? & 0x3FFF));
    }
    None
}

/// AVIF and HEIF: the largest `ispe` in `meta/iprp/ipco`. A grid's tiles and thumbnails have one
/// each too, but no part is larger than the whole.
fn boxes(source: &Source) -> Option<Size> {
    let mut best: Option<Size> = None;
    let mut at = 0_usize;
    for _ in 0..MOST_STEPS {
        let Some(short) = source.big_32(at) else { break };
        let name = at.checked_add(4)?;
        let (header, length) = match short {
            0 => (8, usize::MAX - at),
            1 => {
                if source.big_32(at.checked_add(8)?)? != 0 {
                    break;
                }
                (16, source.big_32(at.checked_add(12)?)? as usize)
            }
            length => (8, length as usize),
        };
        if length < header {
            break;
        }
        let inside = at.checked_add(header)?;
        if source.starts(name, b"ispe") {
            let found =
                (source.big_32(inside.checked_add(4)?)?, source.big_32(inside.checked_add(8)?)?);
            let area = |(w, h): Size| u64::from(w) * u64::from(h);
            if best.is_none_or(|old| area(old) < area(found)) {
                best = Some(found);
            }
        }
        // `meta` has a version and flags before its boxes; these three are walked into.
        at = if source.starts(name, b"meta") {
            inside.checked_add(4)?
        } else if source.starts(name, b"iprp") || source.starts(name, b"ipco") {
            inside
        } else if best.is_some() && source.starts(name, b"mdat") {
            break;
        } else {
            match at.checked_add(length) {
                Some(next) => next,
                None => break,
            }
        };
    }
    best
}
